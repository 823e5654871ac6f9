"use strict";
// Builds the package where npm wants it ready: after `npm install` here, for `npm pack`, and, in a clone
// of npm's own, for whoever installs it from git. What `npm install --omit=dev` leaves has no compiler,
// and needs no build.

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
