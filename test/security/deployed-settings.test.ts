import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { parse as parseToml } from "smol-toml";
import { afterAll, beforeAll, expect, test } from "vitest";
import { packageRoot } from "../../scripts/project/settings.ts";

const config = join(packageRoot, "supabase", "config.toml");

interface Change {
  path: string[];
  declared: boolean;
  local: unknown;
}

interface Config {
  remotes: Record<string, { project_id: string }>;
}

const { remotes } = parseToml(readFileSync(config, "utf8")) as unknown as Config;

/** A project without a block in `remotes`. */
const UNNAMED = "unnamedxxxprojectref";

/** The settings of every deployed project, as hosted Supabase names them, and their opposites. */
const rules: Record<string, { demanded: unknown; kept: object; broken: object }> = {
  "auth.email.enable_confirmations": {
    demanded: true,
    kept: { mailer_autoconfirm: false },
    broken: { mailer_autoconfirm: true },
  },
  "auth.email.double_confirm_changes": {
    demanded: true,
    kept: { mailer_secure_email_change_enabled: true },
    broken: { mailer_secure_email_change_enabled: false },
  },
  "auth.email.secure_password_change": {
    demanded: true,
    kept: { security_update_password_require_reauthentication: true },
    broken: { security_update_password_require_reauthentication: false },
  },
  "auth.email.max_frequency": {
    demanded: "1m0s",
    kept: { smtp_max_frequency: 60 },
    broken: { smtp_max_frequency: 1 },
  },
  "auth.minimum_password_length": {
    demanded: 10,
    kept: { password_min_length: 10 },
    broken: { password_min_length: 6 },
  },
  "auth.enable_anonymous_sign_ins": {
    demanded: false,
    kept: { external_anonymous_users_enabled: false },
    broken: { external_anonymous_users_enabled: true },
  },
  "auth.enable_manual_linking": {
    demanded: false,
    kept: { security_manual_linking_enabled: false },
    broken: { security_manual_linking_enabled: true },
  },
  "auth.jwt_expiry": { demanded: 3600, kept: { jwt_exp: 3600 }, broken: { jwt_exp: 604_800 } },
  "auth.mfa.totp.enroll_enabled": {
    demanded: true,
    kept: { mfa_totp_enroll_enabled: true },
    broken: { mfa_totp_enroll_enabled: false },
  },
};

/** A replacement of hosted Supabase, which returns the settings of a project to the CLI. */
const platform = createServer((request, response) => {
  const attributes = { auth: projects[request.url?.split("/")[3] ?? ""] };
  response.writeHead(attributes.auth ? 200 : 404, { "content-type": "application/json" });
  response.end(JSON.stringify({ data: { attributes } }));
});
const projects: Record<string, object> = {};
const folder = mkdtempSync(join(tmpdir(), "deployed-settings-"));

beforeAll(async () => {
  await new Promise<void>((resolve) => platform.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(platform.address() as AddressInfo).port}`;
  const profile = { name: "test", api_url: url, dashboard_url: url, project_host: "test.invalid" };
  writeFileSync(join(folder, "profile.yaml"), JSON.stringify(profile));
  cpSync(config, join(folder, "supabase", "config.toml"));
});

afterAll(() => {
  platform.close();
  rmSync(folder, { recursive: true });
});

/** Returns the settings that `supabase config push` would change on a project, by name. */
async function changesOf(ref: string, settings: "kept" | "broken") {
  projects[ref] = Object.assign({}, ...Object.values(rules).map((rule) => rule[settings]));
  const { stdout } = await execa(
    "supabase",
    [
      "--agent=no",
      "--output-format=json",
      `--profile=${join(folder, "profile.yaml")}`,
      "config",
      "diff",
      `--remote=${ref}`,
    ],
    {
      preferLocal: true,
      localDir: packageRoot,
      cwd: folder,
      env: {
        HOME: folder,
        SUPABASE_ACCESS_TOKEN: `sbp_${"0".repeat(40)}`,
        SUPABASE_TELEMETRY_DISABLED: "1",
      },
    },
  );
  const { changes } = JSON.parse(stdout) as { changes: Change[] };
  // A push does not change settings that the file does not declare.
  const pushed = changes.filter(({ declared }) => declared);
  return Object.fromEntries(pushed.map(({ path, local }) => [path.join("."), local]));
}

test.each(Object.entries(remotes))(
  "a push of the settings to [remotes.%s] requires confirmed addresses and all other rules",
  async (_name, { project_id }) => {
    expect(await changesOf(project_id, "broken")).toMatchObject(
      Object.fromEntries(Object.entries(rules).map(([path, { demanded }]) => [path, demanded])),
    );
  },
);

test.each([...Object.values(remotes).map(({ project_id }) => project_id), UNNAMED])(
  "a push of the settings keeps all rules of the project %s, which has them",
  async (ref) => {
    const changes = await changesOf(ref, "kept");
    expect(changes).toHaveProperty(["auth.site_url"]);
    for (const path of Object.keys(rules)) expect(changes).not.toHaveProperty([path]);
  },
);

test("production and staging each have a block", () => {
  expect(Object.keys(remotes)).toEqual(["production", "staging"]);
});
