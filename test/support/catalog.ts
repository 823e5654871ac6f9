import { asOwner } from "./clients.ts";

/** The totals that the documents' checklists name for a table. */
export async function tableTotals(table: string) {
  const [totals] = await asOwner()`
    select
      (select count(*)::int from pg_indexes where schemaname = 'public' and tablename = ${table})
        as indexes,
      (select count(*)::int from pg_policies where schemaname = 'public' and tablename = ${table})
        as policies,
      (select relrowsecurity from pg_class where oid = ${`public.${table}`}::regclass) as rls`;
  return totals;
}
