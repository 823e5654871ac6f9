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
const MEDDLING = new Set(["column", "constraint", "grant", "policy", "rule", "trigger"]);

/**
 * Compares a database with the expected catalog, and optionally tests its behaviour with probes.
 *
 * @param sql a transaction, which the caller must roll back if there are probes
 * @param options.probes whether to run the probes, which write rows
 */
export async function verify(
  sql: TransactionSql,
  expected: CatalogObject[],
  options: { probes: boolean },
): Promise<Check[]> {
  const history = await checkHistory(sql);
  const roles = await checkRoles(sql);
  const catalog = compareCatalogs(expected, await readCatalog(sql));
  return [...history, ...roles, ...catalog, ...(options.probes ? await runProbes(sql) : [])];
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
