"use strict";
// Builds the package when npm runs `prepare`: after `npm install` in this folder, before `npm
// pack`, and for an install from git, which npm builds in a clone. After `npm install --omit=dev`,
// the compiler is missing, and no build is needed.

const { spawnSync } = require("node:child_process");
const { existsSync } = require("node:fs");
const { join } = require("node:path");

const root = join(__dirname, "..");
const compiler = join(root, "node_modules/typescript/bin/tsc");

if (existsSync(compiler)) {
  const build = [compiler, "-p", join(root, "tsconfig.build.json")];
  const { status } = spawnSync(process.execPath, build, { stdio: "inherit" });
  process.exitCode = status === 0 ? 0 : 1;
}
