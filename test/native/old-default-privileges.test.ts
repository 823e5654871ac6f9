// Older projects on hosted Supabase grant everything on new objects of public to the API roles.
import { expect, onTestFinished, test } from "vitest";
import { verify } from "../../scripts/operations/verify/verify.ts";
import { expectedCatalog } from "../../scripts/project/catalog.ts";
import { withConnection } from "../../scripts/project/database-url.ts";
import { pushMigrations } from "../../scripts/project/supabase-cli.ts";
import { createHostedDatabase } from "../../scripts/stack/server/hosted-database.ts";

test("the migrations leave no more grants than in a new project", {
  timeout: 120_000,
}, async () => {
  const database = await createHostedDatabase(process.env.NATIVE_POSTGRES_URL ?? "");
  onTestFinished(database.drop);
  const roles = "anon, authenticated, service_role";
  await withConnection(database.owner, (sql) =>
    sql`
      alter default privileges in schema public grant all on tables to ${sql.unsafe(roles)};
      alter default privileges in schema public grant all on functions to ${sql.unsafe(roles)};
      alter default privileges in schema public grant all on sequences to ${sql.unsafe(roles)}
    `.simple(),
  );
  await pushMigrations({ databaseUrl: database.owner });
  await withConnection(database.owner, async (sql) => {
    await sql`create table public.theirs (id int)`;
    const [granted] = await sql`
      select has_table_privilege('anon', 'public.theirs', 'delete') as to_anon`;
    // The default privileges are in effect.
    expect(granted).toEqual({ to_anon: true });
    const checks = await sql.begin("read only", async (transaction) =>
      verify(transaction, await expectedCatalog(), { probes: false }),
    );
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
  });
});
