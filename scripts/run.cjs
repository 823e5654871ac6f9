"use strict";
// Runs a script of this folder: `node scripts/run.cjs db-push --seed`. It says what is wrong with the
// environment before anything is loaded that would fail over it. So it is JavaScript that Node 12
// reads, and uses what Node 12 has, until it knows better. `--check-only test` says no more than that:
// for what npm starts by itself.

const { engines, dependencies, devDependencies } = require("../package.json");

const [, , script, ...args] = process.argv;

const isCheckOnly = script === "--check-only";

/** Of package.json, where `db-push.ts` is `db:push`. */
const command = String(isCheckOnly ? args[0] : script).replace("-", ":");

const needed = /\d+\.\d+/.exec(engines.node)[0];

if (isOlder(process.versions.node, needed)) {
  fail(
    `this needs Node ${needed} or later, and this is ${process.versions.node}`,
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
  // As if the script had been started itself: it reads its arguments from here.
  process.argv = [process.argv[0], file, ...args];
  // Node ends a main module that waits for what never comes with this code, but not an import.
  const abandon = () => {
    process.exitCode = 13;
    console.error(`${command}: ended while it still waited for something`);
  };
  process.once("beforeExit", abandon);
  try {
    // What `node --import tsx` does.
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

/** Looks where Node would: here, and in the folders above. */
function isInstalled(name) {
  const { existsSync } = require("node:fs");
  return module.paths.some((folder) => existsSync(`${folder}/${name}/package.json`));
}

/** Which they are, unless it is all of them. */
function list(missing, names) {
  return missing.length < names.length ? `: ${missing.join(", ")}` : "";
}

function fail(message, remedy) {
  console.error(`${command}: ${message}\n  ${remedy}`);
  process.exitCode = 1;
}
