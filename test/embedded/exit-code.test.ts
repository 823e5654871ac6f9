import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { packageRoot } from "../../scripts/project/settings.ts";

// A test run sets the exit code before its stack closes. If the engine replaced the exit code,
// failed tests would count as passed.
test.each([0, 3])("closing the engine keeps an exit code of %s", async (code) => {
  const engine = join(packageRoot, "scripts/stack/engine/embedded-postgres.ts");
  const program = `
    import { startEmbeddedPostgres } from ${JSON.stringify(engine)};
    import postgres from "postgres";
    const engine = await startEmbeddedPostgres({ port: 0 });
    const sql = postgres(engine.url, { max: 1 });
    if (${code}) process.exitCode = ${code};
    await sql\`select 1 / 0\`.catch(() => {});
    await sql.end();
    await engine.close();`;
  const args = ["--import", "tsx", "--input-type=module", "--eval", program];
  const { exitCode } = await execa("node", args, { cwd: packageRoot, reject: false });
  expect(exitCode).toBe(code);
});
