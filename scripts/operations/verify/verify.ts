import { readFile } from "node:fs/promises";
import type { ISql, TransactionSql } from "postgres";
import { type CatalogObject, readCatalog } from "../../project/catalog.ts";
import { appliedMigrations, listMigrations } from "../../project/migrations.ts";
import { runProbes } from "./probes.ts";

/** The result of one check. */
export interface Check {
  /** The group of the check: `history`, `role`, an object kind such as `policy`, or `probe`. */
  group: string;
  /** The checked object, e.g. `messages_select_member on public.messages`. */
  name: string;
  ok: boolean;
  /** The problem, if the check failed. */
  problem?: string;
}

/** Kinds of objects whose presence changes the behaviour or the privileges of a project object. */
const MEDDLING = new Set([
  "column",
  "constraint",
  "grant",
  "policy",
  "rule",
  "statistics",
  "trigger",
]);

/**
 * Compares a database with the expected catalog, and optionally tests its behaviour with probes.
 *
 * @param sql a transaction, which the caller must roll back if there are probes
 * @param options.probes whether to run the probes, which write rows
 * @param options.accepted findings that are no failure, as group and name, e.g. `trigger
 *   on_auth_user_created on auth.users`
 */
export async function verify(
  sql: TransactionSql,
  expected: CatalogObject[],
  options: { probes: boolean; accepted?: readonly string[] },
): Promise<Check[]> {
  const history = await checkHistory(sql);
  const roles = await checkRoles(sql);
  const catalog = compareCatalogs(expected, await readCatalog(sql));
  const dangers = (await findDangers(sql, expected)).filter(
    ({ group, name }) => !options.accepted?.includes(`${group} ${name}`),
  );
  const accounts = await checkAuthFunctions(sql);
  const probes = options.probes ? await runProbes(sql) : [];
  return [...history, ...roles, ...catalog, ...dangers, ...accounts, ...probes];
}

/** Finds what can bypass the policies although every expected object is unchanged. */
async function findDangers(sql: ISql, expected: CatalogObject[]): Promise<Check[]> {
  const query = await readFile(new URL("dangers.sql", import.meta.url), "utf8");
  const namesOf = (...kinds: string[]) =>
    expected.filter(({ kind }) => kinds.includes(kind)).map(({ name }) => name);
  const relations = namesOf("table", "view", "materialized view", "sequence");
  const found = await sql.unsafe<Omit<Check, "ok">[]>(query, [namesOf("function"), relations]);
  return found.map(({ group, name, problem = "" }) => ({ group, name, ok: false, problem }));
}

/** Checks the functions that tell policies who the caller is. They belong to the platform. */
async function checkAuthFunctions(sql: ISql): Promise<Check[]> {
  const source = await readFile(
    new URL("../../project/auth-functions.sql", import.meta.url),
    "utf8",
  );
  const expected = source.matchAll(/function (auth\.\w+\(\)).*?\$\$(.*?)\$\$/gs);
  const found = await sql<{ name: string; body: string; is_plain: boolean }[]>`
    select p.oid::regprocedure::text as name, p.prosrc as body,
      not p.prosecdef and p.proconfig is null and l.lanname = 'sql' as is_plain
    from pg_catalog.pg_proc p
    join pg_catalog.pg_language l on l.oid = p.prolang
    where p.pronamespace = 'auth'::regnamespace`;
  return [...expected].map(([, name = "", body = ""]): Check => {
    const actual = found.find((row) => row.name === name);
    if (!actual) return { group: "function", name, ok: false, problem: "missing" };
    if (actual.is_plain && compact(actual.body) === compact(body)) {
      return { group: "function", name, ok: true };
    }
    return { group: "function", name, ok: false, problem: "is not that of hosted Supabase" };
  });
}

/** Removes white space and brackets, in which versions of the platform differ. */
function compact(code: string): string {
  return code.toLowerCase().replace(/[\s()]/g, "");
}

async function checkHistory(sql: ISql): Promise<Check[]> {
  const applied = await appliedMigrations(sql).catch((error: Error) => error);
  if (applied instanceof Error) {
    return [{ group: "history", name: "migrations", ok: false, problem: applied.message }];
  }
  return listMigrations().map((migration) => {
    const ok = applied.some(({ version }) => version === migration.version);
    return {
      group: "history",
      name: migration.name,
      ok,
      ...(ok ? {} : { problem: "not applied" }),
    };
  });
}

async function checkRoles(sql: ISql): Promise<Check[]> {
  const expected = { anon: false, authenticated: false, service_role: true };
  const rows = await sql<{ rolname: string; bypasses: boolean }[]>`
    select rolname, rolbypassrls or rolsuper as bypasses from pg_catalog.pg_roles`;
  return Object.entries(expected).map(([name, bypasses]) => {
    const role = rows.find(({ rolname }) => rolname === name);
    const ok = role?.bypasses === bypasses;
    const found = !role ? "missing" : `${role.bypasses ? "bypasses" : "obeys"} row level security`;
    return { group: "role", name, ok, ...(ok ? {} : { problem: found }) };
  });
}

/** Checks each expected object, and reports unexpected objects that affect an expected one. */
export function compareCatalogs(expected: CatalogObject[], found: CatalogObject[]): Check[] {
  const remaining = new Map(found.map((object) => [keyOf(object), object]));
  const checks = expected.map((object): Check => {
    const actual = remaining.get(keyOf(object));
    remaining.delete(keyOf(object));
    const { kind: group, name } = object;
    if (!actual) return { group, name, ok: false, problem: "missing" };
    if (actual.definition === object.definition) return { group, name, ok: true };
    return { group, name, ok: false, problem: difference(object.definition, actual.definition) };
  });
  const ours = expected.map(({ name }) => name);
  const unexpected = [...remaining.values()].filter(
    ({ kind, name, definition }) =>
      (MEDDLING.has(kind) || definition.startsWith("CREATE UNIQUE")) &&
      ours.includes(subjectOf(kind, name)),
  );
  return [
    ...checks,
    ...unexpected.map(({ kind, name, definition }) => ({
      group: kind,
      name,
      ok: false,
      problem: `unexpected: ${definition}`,
    })),
  ];
}

function keyOf({ kind, name }: CatalogObject): string {
  return `${kind} ${name}`;
}

/** Returns the parent of an object, such as the table of a policy or the function of a grant. */
function subjectOf(kind: string, name: string): string {
  if (kind === "grant") return name.replace(/ to \S+$/, "");
  if (kind === "column") return name.replace(/\.[^.]+$/, "");
  return name.replace(/^.* on /, "");
}

/** Describes the first line in which two definitions differ. */
function difference(expected: string, found: string): string {
  const wanted = expected.split("\n");
  const lines = found.split("\n");
  const at = wanted.findIndex((line, i) => line !== lines[i]);
  const line = at < 0 ? wanted.length : at;
  return `expected ${quote(wanted[line])}, found ${quote(lines[line])}`;
}

function quote(line: string | undefined): string {
  return line === undefined ? "nothing" : `"${line.trim()}"`;
}
