import type { TestProject } from "vitest/node";
import { readSettings } from "../../scripts/project/settings.ts";
import { type StackEnvironment, startTemporaryStack } from "../../scripts/stack/stack.ts";

declare module "vitest" {
  export interface ProvidedContext {
    stack: StackEnvironment;
  }
}

/** Provides the stack that the environment names, or else one of its own on free ports. */
export async function setup(project: TestProject) {
  const named = stackOfEnvironment();
  if (named) {
    project.provide("stack", named);
    return;
  }
  const stack = await startTemporaryStack({ cron: project.name === "operations" });
  project.provide("stack", stack.environment);
  return () => stack.close();
}

function stackOfEnvironment(): StackEnvironment | undefined {
  const { SUPABASE_URL, ...env } = process.env;
  if (!SUPABASE_URL) return undefined;
  const required = (name: string) => {
    const value = env[name];
    if (!value) throw new Error(`SUPABASE_URL is set, and so ${name} must be (see .env.example)`);
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
