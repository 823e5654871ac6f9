import type postgres from "postgres";
import { statementOf } from "./function-statement.ts";
import type { HotStatement, Known } from "./hot-statements.ts";
import { objectionsTo, type Plan } from "./plan.ts";

/** Postgres plans a prepared statement for its values, or for all values if that costs no more. */
export type PlanMode = "force_custom_plan" | "force_generic_plan";

/** The result of a statement. */
export interface Explained {
  objections: string[];
  /** The indexes that the statement, its policies, functions, triggers and foreign keys read. */
  indexes: string[];
  plan: Plan;
}

let lastName = 0;

/**
 * Runs a statement as a signed-in caller or as a backend, and checks its plan and its scans.
 *
 * @param sql a transaction of the owner, who may read plans; the caller must roll it back
 * @param known the caller, and the ids that the statement uses
 */
export async function explain(
  sql: postgres.Sql,
  known: Known,
  mode: PlanMode,
  { text, values, role = "authenticated", seeks = {} }: HotStatement,
): Promise<Explained> {
  const set = (name: string, value: string) => sql`select set_config(${name}, ${value}, true)`;
  const statement =
    typeof text === "string" ? { text, settings: [] } : await statementOf(sql, text);
  const sub = role === "service_role" ? "" : known.account;
  await set("request.jwt.claims", JSON.stringify({ sub, role }));
  await set("request.jwt.claim.sub", sub);
  await set("plan_cache_mode", mode);
  for (const { name, value } of statement.settings) await set(name, value);
  await set("role", role);

  lastName += 1;
  const prepared = sql.unsafe(`hot_${lastName}`);
  await sql`prepare ${prepared} as ${sql.unsafe(statement.text)}`;
  const list = values ? `(${values(known).map(quote).join(", ")})` : "";
  const before = await readScans(sql);
  const [answer] = await sql<{ "QUERY PLAN": [{ Plan: Plan }] }[]>`
    explain (analyze, costs off, timing off, summary off, format json)
    execute ${prepared} ${sql.unsafe(list)}`;
  const scans = difference(before, await readScans(sql));
  await sql`deallocate ${prepared}`;
  if (!answer) throw new Error("explain returned no plan");
  const [{ Plan: plan }] = answer["QUERY PLAN"];
  return {
    objections: [
      ...objectionsTo(plan, seeks, await readFirstColumns(sql)),
      ...scans.flatMap(objectionTo),
    ],
    indexes: scans.filter(({ isIndex }) => isIndex).map(({ name }) => name),
    plan,
  };
}

async function readFirstColumns(sql: postgres.Sql): Promise<Map<string, string>> {
  const rows = await sql<{ index: string; column: string }[]>`
    select c.relname as index, pg_get_indexdef(c.oid, 1, true) as column
    from pg_class c
    join pg_am m on m.oid = c.relam
    where c.relkind = 'i' and m.amname = 'btree' and c.relnamespace = 'public'::regnamespace`;
  return new Map(rows.map(({ index, column }) => [index, `${column} `]));
}

interface Scans {
  name: string;
  isIndex: boolean;
  /** The number of scans of the index, or of sequential scans of the table. */
  scans: number;
  read: number;
  size: number;
}

/** Returns all scans of the transaction, because a plan does not show the scans in functions. */
async function readScans(sql: postgres.Sql): Promise<Scans[]> {
  return sql<Scans[]>`
    select
      case n.nspname when 'public' then c.relname else n.nspname || '.' || c.relname end as name,
      c.relkind = 'i' as "isIndex",
      pg_stat_get_xact_numscans(c.oid)::int as scans,
      pg_stat_get_xact_tuples_returned(c.oid)::int as read,
      c.reltuples::int as size
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'm', 'i') and n.nspname in ('public', 'private', 'auth')`;
}

function difference(before: Scans[], after: Scans[]): Scans[] {
  const earlier = new Map(before.map((scans) => [scans.name, scans]));
  return after
    .map((now) => {
      const { scans = 0, read = 0 } = earlier.get(now.name) ?? {};
      return { ...now, scans: now.scans - scans, read: now.read - read };
    })
    .filter(({ scans }) => scans > 0);
}

function objectionTo({ name, isIndex, read, size }: Scans): string[] {
  if (!isIndex) return [`scans ${name}`];
  return size > 1000 && read > size / 2 ? [`reads most of ${name}`] : [];
}

function quote(value: string | number): string {
  return `'${String(value).replaceAll("'", "''")}'`;
}
