import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import ts from "typescript";
import { test as base, describe, expect } from "vitest";
import { describeRefusal } from "../../scripts/project/refusal.ts";
import { packageRoot } from "../../scripts/project/settings.ts";
import { createInstallation } from "../support/installation.ts";
import { createProject, type Project } from "../support/project.ts";

const LAUNCHER = join(packageRoot, "scripts/run.cjs");

const test = base.extend<{ project: Project; preload: (code: string) => string }>({
  /** A project that has never been started. */
  project: async ({ task: _ }, use) => {
    const project = await createProject();
    await use(project);
    await project.remove();
  },
  /** Writes code that a process runs first, and returns the Node option that loads it. */
  preload: async ({ project }, use) => {
    await use((code) => {
      const file = join(project.dir, "preload.cjs");
      writeFileSync(file, code);
      return `--require=${file}`;
    });
  },
});

/** Runs Node the same way as `npm`, on the project in a folder. */
function node(args: string[], workdir: string, env: Record<string, string> = {}) {
  return execa(process.execPath, args, {
    cwd: workdir,
    env: { SUPABASE_WORKDIR: workdir, NO_COLOR: "1", ...env },
    reject: false,
  });
}

/** The two lines that a user sees when a command fails: what failed, and what to do. */
const failure = (message: string, remedy: string) => ({
  stderr: `${message}\n  ${remedy}`,
  exitCode: 1,
});

describe.concurrent("Node", { timeout: 90_000 }, () => {
  const pretend = (version: string) =>
    `Object.defineProperty(process.versions, "node", { value: "${version}" });`;

  test.for(["12.22.12", "18.20.8", "20.18.3"])(
    "of version %s is too old, and the message names the required version",
    async (version, { project, preload }) => {
      const result = await node([preload(pretend(version)), LAUNCHER, "start"], project.dir);
      expect(result).toMatchObject(
        failure(
          `start: Node 20.19 or later is required, and this is ${version}`,
          "install it from https://nodejs.org, or run: nvm install --lts",
        ),
      );
    },
  );

  test.for(["20.19.0", "22.0.0", "100.1.0"])(
    "of version %s is accepted",
    async (version, { project, preload }) => {
      // Pretend only to the launcher, because tsx also checks the version and adapts to it.
      const once = `${pretend(version)} process.nextTick(() => { ${pretend(process.versions.node)} });`;
      const result = await node([preload(once), LAUNCHER, "start", "--help"], project.dir);
      expect(result).toMatchObject({ stderr: "", exitCode: 0 });
    },
  );

  test("of version 12 can parse the launcher, which checks the version", () => {
    const code = readFileSync(LAUNCHER, "utf8");
    const compile = (target: ts.ScriptTarget) =>
      ts.transpileModule(code, { compilerOptions: { target, module: ts.ModuleKind.ESNext } });
    // If TypeScript rewrites nothing for ES2019, the code has no syntax that is newer than Node 12.
    expect(compile(ts.ScriptTarget.ES2019)).toEqual(compile(ts.ScriptTarget.ESNext));
    const younger = ts.transpileModule("a?.b", {
      compilerOptions: { target: ts.ScriptTarget.ES2019 },
    });
    expect(younger.outputText).not.toContain("?.");
  });
});

describe.concurrent("an installation", { timeout: 90_000 }, () => {
  const OPTIONAL = "delete node_modules, then run: npm install --include=optional";
  const system = `${process.platform}-${process.arch}`;
  const url = "postgresql://127.0.0.1:1/postgres";

  test("without dependencies fails with the command that installs them", async ({
    project,
    onTestFinished,
  }) => {
    const { launcher, remove } = createInstallation({ without: "everything" });
    onTestFinished(remove);
    const result = await node([launcher, "start"], project.dir);
    expect(result).toMatchObject(failure("start: dependencies are missing", "run: npm install"));
  });

  test.for(["test", "build", "format", "lint", "typecheck", "check", "pack"])(
    "without dependencies also fails this way for npm's script %s",
    async (script, { onTestFinished }) => {
      const { dir, remove } = createInstallation({ without: "everything" });
      onTestFinished(remove);
      const args = script === "pack" ? ["pack", "--dry-run"] : ["run", "--silent", script];
      const result = await execa("npm", args, { cwd: dir, reject: false });
      expect(result.exitCode).toBe(1);
      expect(result.stderr).toContain(
        failure(`${script}: dependencies are missing`, "run: npm install").stderr,
      );
    },
  );

  test("with all its dependencies prints nothing before npm test", async ({ project }) => {
    const result = await node([LAUNCHER, "--check-only", "test"], project.dir);
    expect(result).toMatchObject({ stdout: "", stderr: "", exitCode: 0 });
  });

  test("that lacks dependencies after a pull names them", async ({ project, onTestFinished }) => {
    const { launcher, remove } = createInstallation({ without: ["execa", "@hono/node-server"] });
    onTestFinished(remove);
    const result = await node([launcher, "db-push"], project.dir);
    expect(result).toMatchObject(
      failure("db:push: dependencies are missing: @hono/node-server, execa", "run: npm install"),
    );
  });

  test("without esbuild for this system fails with the way to get it", async ({
    project,
    onTestFinished,
  }) => {
    const esbuild = readFileSync(join(packageRoot, "node_modules/esbuild/package.json"), "utf8");
    const { launcher, remove } = createInstallation({
      without: Object.keys(JSON.parse(esbuild).optionalDependencies),
      copied: ["tsx", "esbuild"],
    });
    onTestFinished(remove);
    // Without the cache, because tsx does not need esbuild for code that it has compiled before.
    const result = await node([launcher, "start"], project.dir, { TSX_DISABLE_CACHE: "1" });
    expect(result).toMatchObject(
      failure(`start: esbuild is not installed for this system, ${system}`, OPTIONAL),
    );
  });

  test("without the Supabase CLI for this system fails with the way to get it", async ({
    project,
    onTestFinished,
  }) => {
    const supabase = readFileSync(join(packageRoot, "node_modules/supabase/package.json"), "utf8");
    const { launcher, remove } = createInstallation({
      without: Object.keys(JSON.parse(supabase).optionalDependencies),
      copied: ["supabase"],
    });
    onTestFinished(remove);
    for (const [script, ...args] of [["db-push", "--db-url", url], ["start"]] as const) {
      const { stderr, exitCode } = await node([launcher, script, ...args], project.dir);
      expect({ stderr, exitCode }).toEqual(
        failure(
          `${script.replace("-", ":")}: the Supabase CLI is not installed for this system, ${system}`,
          OPTIONAL,
        ),
      );
    }
  });

  test("with all dependencies works", async ({ project, onTestFinished }) => {
    const { launcher, remove } = createInstallation({ copied: ["tsx", "supabase"] });
    onTestFinished(remove);
    // The CLI runs, but no server listens on the port.
    const result = await node([launcher, "db-push", "--db-url", url], project.dir);
    expect(result.stderr).toMatch(/^db:push: supabase db push:\n.*127\.0\.0\.1/);
  });
});

describe.concurrent("the port of the API", { timeout: 90_000 }, () => {
  /** Starts a project's stack while another server listens on its port. */
  async function startBeside(
    answer: (response: ServerResponse) => void,
    project: Project,
    onTestFinished: (close: () => void) => void,
  ) {
    const squatter = createServer((_, response) => answer(response));
    squatter.listen(project.apiPort, "127.0.0.1");
    await once(squatter, "listening");
    onTestFinished(() => {
      squatter.close();
      squatter.closeAllConnections();
    });
    return project.run("start");
  }

  const headers = [
    ["server", "kong/2.8.1"],
    ["via", "1.1 kong/3.9.1"],
  ] as const;

  test.for(headers)(
    "taken by a server with the header %s: %s is reported as supabase start in Docker",
    async ([name, value], { project, onTestFinished }) => {
      const answer = (response: ServerResponse) => response.setHeader(name, value).end("{}");
      expect(await startBeside(answer, project, onTestFinished)).toMatchObject(
        failure(
          `start: port ${project.apiPort} is taken by \`supabase start\` in Docker`,
          "stop it: npx supabase stop --all, or use it (see .env.example)," +
            " or set another port in supabase/config.toml, [api]",
        ),
      );
    },
  );

  const others: [what: string, answer: (response: ServerResponse) => void][] = [
    ["another server", (response) => response.setHeader("server", "nginx").end()],
    ["a server that never answers", () => {}],
  ];

  test.for(others)(
    "taken by %s is reported with the program's name and pid",
    async ([, answer], { project, onTestFinished }) => {
      expect(await startBeside(answer, project, onTestFinished)).toMatchObject(
        failure(
          `start: port ${project.apiPort} is taken by node (pid ${process.pid})`,
          "stop it, or set another port in supabase/config.toml, [api]",
        ),
      );
    },
  );

  const clones = [
    ["start", "npm start", "run npm stop there"],
    ["example", "npm run example", "stop it there with Ctrl-C"],
  ] as const;

  test.for(clones)(
    "taken by %s of another clone is reported with its command and folder",
    async ([script, command, remedy], { project, onTestFinished }) => {
      const clone = realpathSync(mkdtempSync(join(tmpdir(), "clone-test-")));
      onTestFinished(() => rmSync(clone, { recursive: true }));
      mkdirSync(join(clone, "scripts"));
      const listen = `require("http").createServer((_, response) => response.end())
        .listen(${project.apiPort}, "127.0.0.1", () => console.log("ready"));`;
      writeFileSync(join(clone, "scripts/run.cjs"), listen);
      const other = execa(process.execPath, ["scripts/run.cjs", script], {
        cwd: clone,
        reject: false,
      });
      onTestFinished(() => void other.kill());
      await once(other.stdout, "data");
      expect(await project.run("start")).toMatchObject(
        failure(
          `start: port ${project.apiPort} is taken by \`${command}\` in ${clone}`,
          `${remedy}, or set another port in supabase/config.toml, [api]`,
        ),
      );
    },
  );
});

describe.concurrent("the folder .stack", { timeout: 90_000 }, () => {
  const refusals = [
    [
      "EACCES",
      "permission denied",
      (dir: string) => `take ownership of the folder: sudo chown -R "$(id -un)" ${dir}`,
    ],
    ["EROFS", "the disk is read-only", () => "use a folder on another disk"],
    ["ENOSPC", "the disk is full", () => "free some space, then try again"],
  ] as const;

  test.for(refusals)(
    "fails with %s and a message that says what to do",
    async ([code, reason, remedy], { project, preload }) => {
      // Simulate the error, because root may write anywhere.
      const refuse = preload(`
      const fs = require("node:fs");
      const { mkdirSync } = fs;
      fs.mkdirSync = (path, ...rest) => {
        if (!String(path).endsWith(".stack")) return mkdirSync(path, ...rest);
        throw Object.assign(new Error("no"), { code: "${code}", syscall: "mkdir", path });
      };
      require("node:module").syncBuiltinESMExports();`);
      const path = join(project.dir, ".stack");
      for (const args of [["start"], ["start", "--detach"]]) {
        const result = await node([refuse, LAUNCHER, ...args], project.dir);
        expect(result).toMatchObject(failure(`start: ${path}: ${reason}`, remedy(project.dir)));
      }
    },
  );

  test("is not reported as corrupt if the disk fills while the engine writes", () => {
    expect(describeRefusal({ name: "ErrnoError", errno: 51 })).toEqual({
      message: "the disk is full",
      remedy: "free some space, then try again",
    });
    expect(describeRefusal({ name: "ErrnoError", errno: 20 })).toBeUndefined();
  });

  test("is not reported if a socket or a program is refused", () => {
    const error = (what: object) => Object.assign(new Error("no"), { code: "EACCES", ...what });
    expect(describeRefusal(error({ syscall: "listen", port: 80 }))).toBeUndefined();
    expect(describeRefusal(error({ syscall: "spawn x", path: "x" }))).toBeUndefined();
    expect(describeRefusal(error({ syscall: "open", path: "/a/b" }))).toMatchObject({
      message: "/a/b: permission denied",
    });
  });
});
