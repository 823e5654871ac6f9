import type postgres from "postgres";
import { beforeAll, describe, expect, test } from "vitest";
import {
  type Caller,
  type Cells,
  callerNames,
  type Outcome,
  outcomeFor,
  signedInCallers,
  verbs,
} from "../../scripts/contract/callers.ts";
import { evaluate } from "../../scripts/contract/columns.ts";
import { columnsOf, functions, tables, views } from "../../scripts/contract/index.ts";
import type {
  FunctionName,
  Member,
  Row,
  System,
  TableName,
  ViewName,
} from "../../scripts/contract/table.ts";
import { type Cast, createCast } from "./cast.ts";
import { asOwner, type Client, serviceClient } from "./clients.ts";
import { createRow, fixtures, must, stored, validRow } from "./rows.ts";
import { claimsOfLogin, whatIfCaller } from "./what-if.ts";

/** The rows that the tests of one relation's matrix cells use. */
interface Rows {
  /** Returns a filter that matches one stored row of the subject. */
  existing: (subject: Member) => Promise<Row>;
  /** Returns a row for the subject that is not stored yet. */
  fresh: (subject: Member) => Promise<Row> | Row;
  /** Returns a filter for a row that a delete may remove: the cast needs some existing rows. */
  disposable: (subject: Member, outcome: Outcome) => Promise<Row>;
  /** A harmless change that permitted updaters may make, and that no other code makes. */
  change: Row;
}

/** Postgres' code when the local API calls a trigger function. PostgREST does not serve these. */
const TRIGGER_CALLED = "42804";

/** Defines one test per cell of a system's part of the access matrix. */
export function describeAccess(system: System): void {
  let cast: Cast;
  beforeAll(async () => {
    cast = await createCast();
  });

  const relations = [
    ...Object.keys(system.tables).map((name) => ({
      relation: name as TableName,
      access: tables[name as TableName].access,
      rows: rowsOfTable(name as TableName),
    })),
    ...Object.keys(system.views).map((name) => ({
      // The client's types accept one relation at a time.
      relation: name as TableName,
      access: views[name as ViewName].access,
      rows: rowsOfView(name as ViewName),
    })),
  ];

  for (const { relation, access, rows } of relations) {
    describe(relation, () => {
      const cases = verbs.flatMap((verb) => casesOf(verb, access[verb]));
      test.each(cases)("%s", async (_, { verb, caller, outcome }) => {
        const run = { select: trySelect, insert: tryInsert, update: tryUpdate, delete: tryDelete };
        const [client, subject] = [cast.clients[caller], cast.subjectOf(caller)];
        await run[verb]({ table: relation, rows, client, subject, outcome });
      });

      const unfiltered = (["update", "delete"] as const).filter((verb) =>
        signedInCallers.some((caller) => outcomeFor(caller, access[verb]) === "nothing"),
      );
      test.each(unfiltered)(`%s of all ${relation} changes no rows of others`, async (verb) => {
        for (const caller of signedInCallers) {
          const row = await rows.existing(cast.subjectOf(caller));
          const attempt = { verb, relation, change: rows.change, client: cast.clients[caller] };
          const { before, after } = await tryAll(attempt, row);
          expect(before, caller).toHaveLength(1);
          if (outcomeFor(caller, access[verb]) === "nothing") expect(after, caller).toEqual(before);
          else expect(after, caller).not.toEqual(before);
        }
      });
    });
  }

  describe.each(Object.keys(system.functions) as FunctionName[])("%s()", (fn) => {
    const { access, call, usesUpCaller } = functions[fn];
    test.each(casesOf("execute", access))("%s", async (_, { caller, outcome }) => {
      // A refused call uses nobody up.
      const isUsedUp = usesUpCaller && ["allowed", "nothing"].includes(outcome);
      const { clients, subjectOf } = isUsedUp ? await createCast() : cast;
      const { args, isReached } = await call(fixtures, subjectOf(caller));
      const { data, error } = await clients[caller].rpc(fn, args as never);
      expectCode(error?.code, outcome);
      expect(await isReached(data as never)).toBe(outcome === "allowed");
    });
  });

  describe.each(Object.entries(system.triggerFunctions))("%s()", (fn, { access }) => {
    test.each(casesOf("execute", access))("%s", async (_, { caller, outcome }) => {
      const { data, error } = await cast.clients[caller].rpc(fn as never);
      expectCode(error?.code, outcome);
      expect(data).toBeNull();
    });
  });
}

/** Returns the cells of one row of the matrix, each with the name of its test. */
function casesOf<V extends string>(verb: V, cells: Cells) {
  return callerNames.map((caller) => {
    const outcome = outcomeFor(caller, cells);
    const one: { verb: V; caller: Caller; outcome: Outcome } = { verb, caller, outcome };
    return [`${verb} by ${caller}: ${outcome}`, one] as const;
  });
}

function rowsOfTable(table: TableName): Rows {
  const { change, rowOfMember, valid } = tables[table];
  const fresh = (subject: Member) => validRow(table, subject);
  const insertFresh = async (subject: Member): Promise<Row> => {
    return { id: (await createRow(table, subject)).id };
  };
  const changed = { [change]: evaluate(columnsOf(table)[change]?.other) };
  if (!rowOfMember) {
    return { fresh, existing: insertFresh, disposable: insertFresh, change: changed };
  }
  const existing = async (subject: Member) => {
    const row = { id: subject[rowOfMember] };
    const unchanged = { [change]: evaluate(valid[change as keyof typeof valid] ?? "Unchanged") };
    must(
      await serviceClient()
        .from(table)
        .update(unchanged as never)
        .match(row)
        .select(),
    );
    return row;
  };
  // An allowed delete gets a new row, because the cast needs the existing one.
  const disposable = (subject: Member, outcome: Outcome) =>
    outcome === "allowed" ? insertFresh(subject) : existing(subject);
  return { fresh, existing, disposable, change: changed };
}

function rowsOfView(view: ViewName): Rows {
  const { shown, attempt, change } = views[view];
  const made = new Map<string, Promise<Row>>();
  // Made once per subject, because no caller can change the row and a refresh is slow.
  const existing = (subject: Member) => {
    const row = made.get(subject.id) ?? shown(fixtures, subject);
    made.set(subject.id, row);
    return row;
  };
  return { fresh: attempt, existing, disposable: existing, change };
}

interface Case {
  table: TableName;
  rows: Rows;
  client: Client;
  subject: Member;
  outcome: Outcome;
}

async function trySelect({ table, rows, client, subject, outcome }: Case) {
  const row = await rows.existing(subject);
  const { data, error } = await client.from(table).select().match(row);
  expectCode(error?.code, outcome);
  expect(data?.length ?? 0).toBe(outcome === "allowed" ? 1 : 0);
}

async function tryInsert({ table, rows, client, subject, outcome }: Case) {
  const row = await rows.fresh(subject);
  const before = await stored(table, comparable(row));
  const { error } = await client.from(table).insert(row as never);
  expectCode(error?.code, outcome);
  const after = await stored(table, comparable(row));
  expect(after.length - before.length).toBe(outcome === "allowed" ? 1 : 0);
}

async function tryUpdate({ table, rows, client, subject, outcome }: Case) {
  const row = await rows.existing(subject);
  const { data, error } = await client
    .from(table)
    .update(rows.change as never)
    .match(row)
    .select();
  expectCode(error?.code, outcome);
  expect(data?.length ?? 0).toBe(outcome === "allowed" ? 1 : 0);
  const [after] = await stored(table, row);
  expect(after).toBeDefined();
  if (outcome === "allowed") expect(after).toMatchObject(rows.change);
  else expect(after).not.toMatchObject(rows.change);
}

async function tryDelete({ table, rows, client, subject, outcome }: Case) {
  const row = await rows.disposable(subject, outcome);
  const { error } = await client.from(table).delete().match(row);
  expectCode(error?.code, outcome);
  expect(await stored(table, row)).toHaveLength(outcome === "allowed" ? 0 : 1);
}

/**
 * Updates or deletes all rows without a filter, and rolls it back. Such a statement reads no column,
 * so that Postgres applies the verb's own policy alone, and no policy for select.
 *
 * @returns the rows that match `row`, before and after the statement
 */
async function tryAll(
  { verb, relation, change, client }: Attempt,
  row: Row,
): Promise<{ before: unknown[]; after: unknown[] }> {
  const table = asOwner()(`public.${relation}`);
  const read = (sql: postgres.Sql) =>
    sql`select * from ${table} as stored where to_jsonb(stored) @> ${sql.json(row as never)}`;
  const before = await read(asOwner());
  const after = await whatIfCaller(
    await claimsOfLogin({ client }),
    async (sql) => {
      await sql`select set_config('request.headers', ${headersOf(client)}, true)`;
      return verb === "update"
        ? sql`update ${table} set ${sql(change as Record<string, never>)}`
        : sql`delete from ${table}`;
    },
    read,
  );
  return { before, after };
}

/** The headers that a client sends to tables, as SQL reads them. They can name a tenant. */
function headersOf(client: Client): string {
  const { rest } = client as unknown as { rest: { headers: Headers } };
  const headers: Record<string, string> = {};
  rest.headers.forEach((value, name) => {
    headers[name] = value;
  });
  return JSON.stringify(headers);
}

interface Attempt {
  verb: "update" | "delete";
  relation: TableName;
  change: Row;
  client: Client;
}

function expectCode(code: string | undefined, outcome: Outcome) {
  const isRefused = outcome !== "allowed" && outcome !== "nothing";
  const found = code === TRIGGER_CALLED ? "PGRST202" : code;
  expect(found).toBe(isRefused ? outcome : undefined);
}

/** Returns the columns of a row that a filter can match: not JSON, arrays or null. */
function comparable(row: Row): Row {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => typeof value !== "object"));
}
