"use strict";
// Runs a script of this folder: `node scripts/run.cjs db-push --seed`. First it checks the
// environment: the version of Node and the dependencies. Code that needs them is loaded after the
// check. Therefore this file must parse in Node 12, and uses only the APIs of Node 12 until the
// check has passed. `--check-only test` runs only the check, for scripts that npm starts without
// this file.

const { engines, dependencies, devDependencies } = require("../package.json");

const [, , script, ...args] = process.argv;

const isCheckOnly = script === "--check-only";

/** The name of the command in package.json: `db:push` for `db-push.ts`. */
const command = String(isCheckOnly ? args[0] : script).replace("-", ":");

const needed = /\d+\.\d+/.exec(engines.node)[0];

if (isOlder(process.versions.node, needed)) {
  fail(
    `Node ${needed} or later is required, and this is ${process.versions.node}`,
    "install it from https://nodejs.org, or run: nvm install --lts",
  );
} else {
  const names = Object.keys({ ...dependencies, ...devDependencies });
  const missing = names.filter((name) => !isInstalled(name));
  if (missing.length > 0) {
    fail(`dependencies are missing${list(missing, names)}`, "run: npm install");
  } else if (!isCheckOnly) {
    run();
  }
}

async function run() {
  const { join } = require("node:path");
  const { pathToFileURL } = require("node:url");
  const file = join(__dirname, `${script}.ts`);
  // The script reads its arguments from here, as if Node had started it directly.
  process.argv = [process.argv[0], file, ...args];
  // If a main module waits for a promise that never settles, Node exits with code 13. It does not
  // do that for an import.
  const abandon = () => {
    process.exitCode = 13;
    console.error(
      `${command}: exited before it was done: it was waiting for a promise that never settled`,
    );
  };
  process.once("beforeExit", abandon);
  try {
    // Same as `node --import tsx`.
    await import("tsx");
    await import(pathToFileURL(file).href);
  } catch (error) {
    if (!/needed by esbuild|esbuild for another platform/.test(error.message)) throw error;
    fail(
      `esbuild is not installed for this system, ${process.platform}-${process.arch}`,
      "delete node_modules, then run: npm install --include=optional",
    );
  } finally {
    process.removeListener("beforeExit", abandon);
  }
}

function isOlder(version, than) {
  const [major, minor] = version.split(".").map(Number);
  const [thanMajor, thanMinor] = than.split(".").map(Number);
  return major < thanMajor || (major === thanMajor && minor < thanMinor);
}

/** Searches the folders that Node searches: this one and its parents. */
function isInstalled(name) {
  const { existsSync } = require("node:fs");
  return module.paths.some((folder) => existsSync(`${folder}/${name}/package.json`));
}

/** Lists the missing dependencies. Returns an empty text when all of them are missing. */
function list(missing, names) {
  return missing.length < names.length ? `: ${missing.join(", ")}` : "";
}

function fail(message, remedy) {
  console.error(`${command}: ${message}\n  ${remedy}`);
  process.exitCode = 1;
}
