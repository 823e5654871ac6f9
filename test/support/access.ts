import { beforeAll, describe, expect, test } from "vitest";
import type {
  ApiFunction,
  Cells,
  Outcome,
  Relation,
  System,
  Verb,
} from "../../scripts/contract/access-matrix.ts";
import { outcomeFor, roleNames, verbs } from "../../scripts/contract/access-outcomes.ts";
import type { Database } from "../../src/index.ts";
import { type Member, must } from "./actors.ts";
import { type Cast, createCast } from "./cast.ts";
import { type Client, serviceClient } from "./clients.ts";

export type Table = keyof Database["public"]["Tables"];
export type Row = Record<string, unknown>;
type Functions = Database["public"]["Functions"];

/** How the cells of a relation make the rows that they need. */
export interface Rows {
  /** A valid row on behalf of the subject, not yet inserted; its values tell it from all others. */
  newRow: (subject: Member) => Promise<Row> | Row;
  /** A stored row of the subject's, when inserting `newRow` is not how to get one. */
  existingRow?: (subject: Member) => Promise<Row>;
  /** What a delete may really delete, when the cast needs the existing row later. */
  disposableRow?: (subject: Member, outcome: Outcome) => Promise<Row>;
  /** A harmless change that its updaters may make, and that nothing else makes. */
  change: Row;
  /** The columns that tell a row from all others, when it has no `id`. */
  key?: readonly string[];
}

/** How the cells of a function make what is asked for, anew and on behalf of the subject. */
export type Call<F extends ApiFunction> = (subject: Member) => Promise<{
  args: Functions[F]["Args"];
  /** Whether it is in the answer or, for what a call changes, changed. Null after a refusal. */
  isReached: (answer: Functions[F]["Returns"] | null) => boolean | Promise<boolean>;
}>;

/** How the cells of a system are executed; what is missing does not compile. */
interface Means<S extends System> {
  rows: Record<keyof S["relations"], Rows>;
  calls: { [F in keyof S["functions"] & ApiFunction]: Call<F> };
}

/** The local API takes trigger functions for functions to call, and Postgres refuses. */
const TRIGGER_CALLED = "42804";

/** Describes every cell of a system's part of the access matrix as a test. */
export function describeAccess<S extends System>(system: S, { rows, calls }: Means<S>): void {
  let cast: Cast;
  beforeAll(async () => {
    cast = await createCast();
  });

  const relations = Object.keys(system.relations) as Relation[];
  const rowsOf = (relation: Relation) => rows[relation as keyof S["relations"]];
  const cellsOf = (relation: Relation, verb: Verb) => system.relations[relation]?.[verb] as Cells;

  describe.each(relations)("%s", (relation) => {
    const cases = verbs.flatMap((verb) => casesOf(verb, cellsOf(relation, verb)));
    test.each(cases)("%s", async (_, { verb, role, outcome }) => {
      const run = { select: trySelect, insert: tryInsert, update: tryUpdate, delete: tryDelete };
      await run[verb]({
        // The client's types know one relation at a time.
        table: relation as Table,
        rows: rowsOf(relation),
        client: cast.clients[role],
        subject: cast.subjectOf(role),
        outcome,
      });
    });
  });

  // Without a filter nothing is read, and so no policy for select stands before the verb's own.
  const unfiltered = relations.flatMap((relation) =>
    (["update", "delete"] as const).flatMap((verb) => {
      const others = roleNames.filter(
        (role) => outcomeFor(role, cellsOf(relation, verb)) === "nothing",
      );
      return others.length > 0 ? [[verb, relation as Table, others] as const] : [];
    }),
  );
  test.each(unfiltered)("%s of all %s reaches nobody else's", async (verb, table, others) => {
    const made = rowsOf(table);
    const row = await existingRow(table, made, cast.subjectOf("member"));
    const before = await stored(table, keyOf(made, row));
    for (const role of others) {
      const query = cast.clients[role].from(table);
      const { error } = await (verb === "update"
        ? query.update(made.change as never)
        : query.delete());
      expect(error, role).toBeNull();
    }
    expect(before).toHaveLength(1);
    expect(await stored(table, keyOf(made, row))).toEqual(before);
  });

  const functions = Object.keys(system.functions) as (keyof Means<S>["calls"] & ApiFunction)[];
  describe.each(functions)("%s()", (fn) => {
    const cases = casesOf("execute", system.functions[fn] as Cells);
    test.each(cases)("%s", async (_, { role, outcome }) => {
      const { args, isReached } = await calls[fn](cast.subjectOf(role));
      const { data, error } = await cast.clients[role].rpc(fn, args as never);
      expectCode(error?.code, outcome);
      expect(await isReached(data as never)).toBe(outcome === "allowed");
    });
  });

  describe.each(Object.entries(system.triggerFunctions))("%s()", (fn, cells) => {
    test.each(casesOf("execute", cells))("%s", async (_, { role, outcome }) => {
      const { data, error } = await cast.clients[role].rpc(fn as never);
      expectCode(error?.code, outcome);
      expect(data).toBeNull();
    });
  });
}

/** The cells of a row of the matrix, each after the name of its test. */
function casesOf<V extends string>(verb: V, cells: Cells) {
  return roleNames.map((role) => {
    const outcome = outcomeFor(role, cells);
    return [`${verb} by ${role}: ${outcome}`, { verb, role, outcome }] as const;
  });
}

interface Case {
  table: Table;
  rows: Rows;
  client: Client;
  subject: Member;
  outcome: Outcome;
}

async function trySelect({ table, rows, client, subject, outcome }: Case) {
  const row = await existingRow(table, rows, subject);
  const { data, error } = await client.from(table).select().match(keyOf(rows, row));
  expectCode(error?.code, outcome);
  expect(data?.length ?? 0).toBe(outcome === "allowed" ? 1 : 0);
}

async function tryInsert({ table, rows, client, subject, outcome }: Case) {
  const row = await rows.newRow(subject);
  const { error } = await client.from(table).insert(row as never);
  expectCode(error?.code, outcome);
  const filter = row.id ? { id: row.id } : row;
  expect(await stored(table, filter)).toHaveLength(outcome === "allowed" ? 1 : 0);
}

async function tryUpdate({ table, rows, client, subject, outcome }: Case) {
  const row = await existingRow(table, rows, subject);
  const { data, error } = await client
    .from(table)
    .update(rows.change as never)
    .match(keyOf(rows, row))
    .select();
  expectCode(error?.code, outcome);
  expect(data?.length ?? 0).toBe(outcome === "allowed" ? 1 : 0);
  const [after] = await stored(table, keyOf(rows, row));
  expect(after).toBeDefined();
  if (outcome === "allowed") expect(after).toMatchObject(rows.change);
  else expect(after).not.toMatchObject(rows.change);
}

async function tryDelete({ table, rows, client, subject, outcome }: Case) {
  const row = rows.disposableRow
    ? await rows.disposableRow(subject, outcome)
    : await existingRow(table, rows, subject);
  const { error } = await client.from(table).delete().match(keyOf(rows, row));
  expectCode(error?.code, outcome);
  expect(await stored(table, keyOf(rows, row))).toHaveLength(outcome === "allowed" ? 0 : 1);
}

function expectCode(code: string | undefined, outcome: Outcome) {
  const isRefused = outcome !== "allowed" && outcome !== "nothing";
  const found = code === TRIGGER_CALLED ? "PGRST202" : code;
  expect(found).toBe(isRefused ? outcome : undefined);
}

async function existingRow(table: Table, rows: Rows, subject: Member): Promise<Row> {
  if (rows.existingRow) return rows.existingRow(subject);
  return insertedRow(table, await rows.newRow(subject));
}

/** Inserts a row as the service role, whatever comes of it. */
export async function insertRow(table: Table, row: Row) {
  return serviceClient()
    .from(table)
    .insert(row as never)
    .select()
    .single();
}

/** Inserts a row as the service role. */
export async function insertedRow(table: Table, row: Row): Promise<Row> {
  return must(await insertRow(table, row));
}

/** What the service role finds. */
export async function stored(table: Table, filter: Row): Promise<Row[]> {
  return must(await serviceClient().from(table).select().match(filter));
}

function keyOf({ key = ["id"] }: Rows, row: Row): Row {
  return Object.fromEntries(key.map((column) => [column, row[column]]));
}
