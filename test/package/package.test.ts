import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { packageRoot } from "../../scripts/project/settings.ts";
import { createMember, createTenant, PASSWORD } from "../support/actors.ts";

/** The strictest options of TypeScript. */
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

/** Compiling is slow, because the compiler reads the types of all packages. */
const SLOW = { timeout: 90_000 };

let folder: string;
let tarball: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "package-"));
  const packed = await execa("npm", ["pack", "--json", `--pack-destination=${folder}`], {
    cwd: packageRoot,
  });
  // The output of the build comes before the JSON.
  const [{ filename }] = JSON.parse(packed.stdout.slice(packed.stdout.indexOf("[\n")));
  tarball = join(folder, filename);
  await installInto(folder);
}, 120_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

/** Options that skip what these tests do not need from npm. */
const QUICK = ["--prefer-offline", "--no-audit", "--no-fund"];

/** Creates a project of the consumer, the package and its tools, with other versions of some. */
async function installInto(project: string, versions: Record<string, string> = {}) {
  await cp(join(packageRoot, "test/package/consumer"), join(project, "src"), { recursive: true });
  await writeFile(join(project, "package.json"), JSON.stringify({ type: "module" }));
  const tools = Object.entries({ ...(await readTools()), ...versions }).map((tool) =>
    tool.join("@"),
  );
  const options = [...QUICK, "--ignore-scripts"];
  await execa("npm", ["install", ...options, tarball, ...tools], { cwd: project });
}

async function readManifest() {
  return JSON.parse(await readFile(join(packageRoot, "package.json"), "utf8"));
}

/** Returns the versions, by name, of the packages that compile the package and its consumer. */
async function readTools(): Promise<Record<string, string>> {
  const { devDependencies } = await readManifest();
  const names = ["@supabase/supabase-js", "@supabase/ssr", "typescript", "@types/node"];
  return Object.fromEntries(names.map((name) => [name, devDependencies[name]]));
}

/** Creates a git repository with only the needs of the build, because npm installs everything. */
async function createRepository(): Promise<string> {
  const repository = join(folder, "repository");
  for (const part of ["scripts/prepare.cjs", "src", "tsconfig.json", "tsconfig.build.json"]) {
    await cp(join(packageRoot, part), join(repository, part), { recursive: true });
  }
  const manifest = await readManifest();
  const devDependencies = await readTools();
  await writeFile(
    join(repository, "package.json"),
    JSON.stringify({ ...manifest, devDependencies }),
  );
  const git = (...args: string[]) => execa("git", args, { cwd: repository });
  await git("init", "--quiet");
  await git("add", "--all");
  await git("-c", "user.name=test", "-c", "user.email=test@test.example", "commit", "-qm", "All");
  return repository;
}

/** Runs a program of this repository's packages. Returns its output if it fails, or "". */
async function complaintsOf(command: string, args: string[]) {
  const options = { preferLocal: true, localDir: packageRoot, reject: false, all: true } as const;
  const { exitCode, all } = await execa(command, args, options);
  return exitCode === 0 ? "" : all;
}

test("publint reports no problem with the package", async () => {
  expect(await complaintsOf("publint", [tarball, "--strict"])).toBe("");
});

test("the types of the package resolve wherever it is imported as a module", SLOW, async () => {
  expect(await complaintsOf("attw", [tarball, "--profile=esm-only"])).toBe("");
});

test("the package has the build and its sources, and depends only on supabase-js", async () => {
  const installed = join(folder, "node_modules/supabase-ai-schema");
  const manifest = JSON.parse(await readFile(join(installed, "package.json"), "utf8"));
  expect([manifest.dependencies, Object.keys(manifest.peerDependencies)]).toEqual([
    undefined,
    ["@supabase/supabase-js"],
  ]);
  const { stdout } = await execa("tar", ["tzf", tarball]);
  const folders = new Set(stdout.split("\n").map((path) => path.split("/")[1]));
  expect([...folders].sort()).toEqual([
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "dist",
    "package.json",
    "src",
  ]);
});

test.each(["chat", "documents"])(
  "the example %s compiles when it is copied next to the installed package",
  SLOW,
  async (example) => {
    const copy = join(folder, example);
    await cp(join(packageRoot, "examples", example), copy, { recursive: true });
    // Link only the example's own dependencies, not everything that npm would install.
    const { dependencies } = JSON.parse(await readFile(join(copy, "package.json"), "utf8"));
    const own = Object.keys(dependencies).filter((name) => name !== "supabase-ai-schema");
    const types = ["@types/node", "@types/ws"];
    await mkdir(join(copy, "node_modules"), { recursive: true });
    for (const name of [...own, ...types]) {
      await mkdir(join(copy, "node_modules", dirname(name)), { recursive: true });
      await symlink(join(packageRoot, "node_modules", name), join(copy, "node_modules", name));
    }
    const options = { ...strict, ...resolutions.bundler, skipLibCheck: true, noEmit: true };
    const compilerOptions = { ...options, allowImportingTsExtensions: true };
    await writeFile(join(copy, "tsconfig.json"), JSON.stringify({ compilerOptions }));
    expect(await complaintsOf("tsc", ["--project", copy])).toBe("");
    await writeFile(
      join(copy, "wrong.ts"),
      'import { nothing } from "supabase-ai-schema"; nothing;',
    );
    expect(await complaintsOf("tsc", ["--project", copy])).toContain("wrong.ts");
  },
);

test("the package can be installed from git, because npm builds it first", SLOW, async () => {
  const repository = await createRepository();
  const project = join(folder, "from-git");
  await mkdir(project);
  await writeFile(join(project, "package.json"), JSON.stringify({ type: "module" }));
  await execa("npm", ["install", ...QUICK, `git+file://${repository}`], { cwd: project });
  const program = `import { userRoles } from "supabase-ai-schema"; console.log(userRoles.length);`;
  const { stdout } = await execa("node", ["--eval", program], { cwd: project });
  expect(stdout).toBe("3");
});

test("an installation without development dependencies succeeds, and builds nothing", async () => {
  const bare = join(folder, "without-dev");
  await cp(join(packageRoot, "scripts/prepare.cjs"), join(bare, "scripts/prepare.cjs"));
  const { typescript } = await readTools();
  const { scripts } = await readManifest();
  const manifest = { scripts, devDependencies: { typescript } };
  await writeFile(join(bare, "package.json"), JSON.stringify(manifest));
  const options = ["install", ...QUICK, "--omit=dev"];
  expect(await execa("npm", options, { cwd: bare })).toMatchObject({ exitCode: 0 });
  expect(existsSync(join(bare, "dist"))).toBe(false);
});

/** Compiles the consumer of a project, and returns the output of the compiler. */
async function compile(project: string, name: keyof typeof resolutions): Promise<string> {
  const compilerOptions = { ...strict, ...resolutions[name], rootDir: "src", outDir: name };
  const config = join(project, `tsconfig.${name}.json`);
  await writeFile(config, JSON.stringify({ compilerOptions, include: ["src"] }));
  const options = { cwd: project, preferLocal: true, reject: false } as const;
  const { stdout } = await execa("tsc", ["-p", config], options);
  return stdout;
}

test.each(["nodenext", "bundler"] as const)(
  "a strict project with %s resolution compiles valid code, and rejects invalid code",
  SLOW,
  async (name) => {
    expect(await compile(folder, name)).toBe("");
  },
);

test("a strict project with the oldest permitted supabase-js does the same", SLOW, async () => {
  const { devDependencies, peerDependencies } = await readManifest();
  const [, lowest] = devDependencies["supabase-js-lowest"].split("npm:@supabase/supabase-js@");
  expect(peerDependencies["@supabase/supabase-js"]).toBe(`^${lowest}`);
  const project = join(folder, "lowest");
  await mkdir(project);
  await installInto(project, { "@supabase/supabase-js": lowest });
  expect(await compile(project, "nodenext")).toBe("");
});

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
    refusal: ["23514", "Some values are missing or not valid."],
  });
});
