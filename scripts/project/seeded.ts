import { withConnection } from "./database-url.ts";

/** Returns true when `supabase db push` has loaded `supabase/seed.sql` into a database. */
export async function wasSeeded(databaseUrl: string): Promise<boolean> {
  return withConnection(databaseUrl, async (sql) => {
    const [row] = await sql`select to_regclass('supabase_migrations.seed_files') as seeds`;
    return row?.seeds !== null;
  });
}
