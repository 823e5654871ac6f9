import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { packageRoot } from "../../scripts/lib/settings.ts";
import { createMember, createTenant, PASSWORD } from "../support/actors.ts";

/** Everything that TypeScript can object to. */
const strict = {
  target: "es2023",
  lib: ["es2023", "dom"],
  types: ["node"],
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  verbatimModuleSyntax: true,
  skipLibCheck: false,
};
const resolutions = {
  nodenext: { module: "nodenext" },
  bundler: { module: "esnext", moduleResolution: "bundler" },
};

/** The compiler reads all types of all packages. */
const SLOW = { timeout: 90_000 };

let folder: string;
let tarball: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "package-"));
  const packed = await execa("npm", ["pack", "--json", `--pack-destination=${folder}`], {
    cwd: packageRoot,
  });
  // What the build prints comes before it.
  const [{ filename }] = JSON.parse(packed.stdout.slice(packed.stdout.indexOf("[\n")));
  tarball = join(folder, filename);
  await installInto(folder);
}, 120_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

async function installInto(project: string) {
  await cp(join(packageRoot, "test/package/consumer"), join(project, "src"), { recursive: true });
  await writeFile(join(project, "package.json"), JSON.stringify({ type: "module" }));
  const { devDependencies } = JSON.parse(await readFile(join(packageRoot, "package.json"), "utf8"));
  const tools = ["@supabase/supabase-js", "typescript", "@types/node"].map(
    (name) => `${name}@${devDependencies[name]}`,
  );
  const options = ["--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund"];
  await execa("npm", ["install", ...options, tarball, ...tools], { cwd: project });
}

/** Runs a program of this repository's packages, and returns what it says when it fails. */
async function complaintsOf(command: string, args: string[]) {
  const options = { preferLocal: true, localDir: packageRoot, reject: false, all: true } as const;
  const { exitCode, all } = await execa(command, args, options);
  return exitCode === 0 ? "" : all;
}

test("publint has nothing to say about it", async () => {
  expect(await complaintsOf("publint", [tarball, "--strict"])).toBe("");
});

test("its types are right wherever it is imported, which is as a module", SLOW, async () => {
  expect(await complaintsOf("attw", [tarball, "--profile=esm-only"])).toBe("");
});

test("it holds the build and its sources, and depends on supabase-js alone", async () => {
  const installed = join(folder, "node_modules/supabase-ai-schema");
  const manifest = JSON.parse(await readFile(join(installed, "package.json"), "utf8"));
  expect([manifest.dependencies, Object.keys(manifest.peerDependencies)]).toEqual([
    undefined,
    ["@supabase/supabase-js"],
  ]);
  const { stdout } = await execa("tar", ["tzf", tarball]);
  const folders = new Set(stdout.split("\n").map((path) => path.split("/")[1]));
  expect([...folders].sort()).toEqual(["CHANGELOG.md", "README.md", "dist", "package.json", "src"]);
});

test.each(Object.entries(resolutions))(
  "a strict project with %s resolution compiles what is right, and nothing else",
  SLOW,
  async (name, resolution) => {
    const compilerOptions = { ...strict, ...resolution, rootDir: "src", outDir: name };
    const config = join(folder, `tsconfig.${name}.json`);
    await writeFile(config, JSON.stringify({ compilerOptions, include: ["src"] }));
    const options = { cwd: folder, preferLocal: true, reject: false } as const;
    const { stdout } = await execa("tsc", ["-p", config], options);
    expect(stdout).toBe("");
  },
);

test("the compiled program runs against the stack", async () => {
  const { email } = await createMember(await createTenant());
  const { API_URL, PUBLISHABLE_KEY } = inject("stack");
  const { stdout } = await execa("node", ["nodenext/main.js"], {
    cwd: folder,
    env: {
      SUPABASE_URL: API_URL,
      SUPABASE_PUBLISHABLE_KEY: PUBLISHABLE_KEY,
      EMAIL: email,
      PASSWORD,
    },
  });
  expect(JSON.parse(stdout)).toEqual({
    roles: ["owner", "admin", "user"],
    found: 1,
    ratings: [1],
    refusal: ["23514", "Something in it is missing or not valid."],
  });
});
