import { generateKeyPairSync } from "node:crypto";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { packageRoot } from "../../scripts/project/settings.ts";

const base64 = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
const token = (payload: object) =>
  [base64({ alg: "HS256", typ: "JWT" }), base64(payload), "x".repeat(43)].join(".");
const random = (length: number) => "aB3dE5gH7jK9".repeat(10).slice(0, length);
const url = (host: string) =>
  ["postgresql:/", `postgres:postgres@${host}:5432`, "postgres"].join("/");

const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });

/** Assembled from parts, because the linter would otherwise find this file. */
const planted: Record<string, string> = {
  "a secret key of Supabase": `sb_secret_${random(31)}`,
  "a secret key that begins like the local one": `sb_secret_N7UND0UgjKTVK-Uodkm0Hg_xSvEMPvz${"X"}`,
  "an access token of Supabase": `sbp_${"0123456789".repeat(4)}`,
  "a token of the service role": token({ role: "service_role", iss: "supabase" }),
  "such a token, shifted by one byte": token({ iss: "a", role: "service_role" }),
  "such a token, shifted by two bytes": token({ iss: "ab", role: "service_role" }),
  "the URL of a database": url("db.abcdefghijklmnopqrst.supabase.co"),
  "the URL of a database that begins like the local one": url("127.0.0.1.example.com"),
  "a key of AWS": `aws_secret_access_key = ${random(40)}`,
  "a private key": privateKey.export({ type: "pkcs1", format: "pem" }).toString(),
  "a token of GitHub": `ghp_${random(36)}`,
};

/** Keys and URLs that are public. */
const harmless: Record<string, string> = {
  "the secret key of every local stack": "sb_secret_N7UND0UgjKTVK-Uodkm0Hg_xSvEMPvz",
  "the URL of every local database": url("127.0.0.1"),
  "a publishable key": `sb_publishable_${random(31)}`,
  "a token of anon": token({ role: "anon", iss: "supabase" }),
};

const folder = mkdtempSync(join(tmpdir(), "planted-keys-"));
let found: string[];

beforeAll(async () => {
  const texts = [...Object.entries(planted), ...Object.entries(harmless)];
  for (const [name, text] of texts) writeFileSync(join(folder, `.${name}`), `key: ${text}\n`);
  writeFileSync(join(folder, ".env"), `key: ${planted["a secret key of Supabase"]}\n`);
  for (const file of [".secretlintrc.yml", ".gitignore"]) {
    cpSync(join(packageRoot, file), join(folder, file));
  }
  const { scripts } = JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8"));
  const options = { cwd: folder, preferLocal: true, localDir: packageRoot, reject: false } as const;
  await execa("git", ["init", "--quiet"], options);
  const { stdout, exitCode } = await execa(`${scripts["lint:secrets"]} --format=json`, {
    ...options,
    shell: true,
  });
  expect(exitCode).not.toBe(0);
  const results = JSON.parse(stdout) as { filePath: string; messages: unknown[] }[];
  found = results
    .filter(({ messages }) => messages.length > 0)
    .map(({ filePath }) => filePath.slice(folder.length + 2));
});

afterAll(() => rmSync(folder, { recursive: true }));

test.each(Object.keys(planted))("npm run lint:secrets finds %s", (name) => {
  expect(found).toContain(name);
});

test.each([...Object.keys(harmless), "env"])("npm run lint:secrets ignores %s", (name) => {
  expect(found).not.toContain(name);
});
