import { withConnection } from "./database-url.ts";

/** True when `supabase/seed.sql` has been loaded into a database, by `supabase db push`. */
export async function wasSeeded(databaseUrl: string): Promise<boolean> {
  return withConnection(databaseUrl, async (sql) => {
    const [row] = await sql`select to_regclass('supabase_migrations.seed_files') as seeds`;
    return row?.seeds !== null;
  });
}
