import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";
import { readSettings } from "../../scripts/project/settings.ts";
import type { StackEnvironment } from "../../scripts/stack/stack.ts";

declare module "vitest" {
  export interface ProvidedContext {
    stack: StackEnvironment;
  }
}

/** Provides the stack that `SUPABASE_URL` names; without it, a temporary stack on free ports. */
export async function setup(project: TestProject) {
  const named = stackOfEnvironment();
  if (named) {
    project.provide("stack", named);
    return;
  }
  const { environment, close } = await forkStack({ cron: project.name === "operations" });
  project.provide("stack", environment);
  return close;
}

/** The message that a stack's process sends to its parent process. */
type Report = { environment: StackEnvironment } | { error: string };

async function forkStack(options: object) {
  const file = fileURLToPath(new URL("stack-process.ts", import.meta.url));
  const child = fork(file, [JSON.stringify(options)], { execArgv: ["--import", "tsx"] });
  const ended = once(child, "exit");
  const report = await Promise.race([
    once(child, "message").then(([message]) => message as Report),
    ended.then(([code]): Report => ({ error: `its process exited with code ${code}` })),
  ]);
  if ("error" in report) throw new Error(`the tests' stack did not start: ${report.error}`);
  return {
    environment: report.environment,
    async close() {
      child.disconnect();
      await ended;
    },
  };
}

function stackOfEnvironment(): StackEnvironment | undefined {
  const { SUPABASE_URL, ...env } = process.env;
  if (!SUPABASE_URL) return undefined;
  const required = (name: string) => {
    const value = env[name];
    if (!value) throw new Error(`SUPABASE_URL is set, ${name} is not: set it (see .env.example)`);
    return value;
  };
  return {
    API_URL: SUPABASE_URL,
    DB_URL: required("SUPABASE_DB_URL"),
    PUBLISHABLE_KEY: required("SUPABASE_PUBLISHABLE_KEY"),
    SECRET_KEY: required("SUPABASE_SECRET_KEY"),
    JWT_SECRET: env.SUPABASE_JWT_SECRET ?? readSettings().jwtSecret,
  };
}
