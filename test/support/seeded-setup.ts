import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { withConnection } from "../../scripts/project/database-url.ts";
import { workdir } from "../../scripts/project/settings.ts";
import { setup as setupStack } from "./global-setup.ts";

/** Same as `global-setup.ts`, except that the stack has the test data of `supabase/seed.sql`. */
export async function setup(project: TestProject) {
  const close = await setupStack(project);
  const seed = await readFile(join(workdir, "supabase/seed.sql"), "utf8");
  const { DB_URL } = project.getProvidedContext().stack;
  await withConnection(DB_URL, (sql) => sql.unsafe(seed).simple());
  return close;
}
