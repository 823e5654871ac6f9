import { beforeAll, describe, expect, test } from "vitest";
import type { Database } from "../../src/index.ts";
import { createMember, createTenant, type Login, type Member, must, signUp } from "./actors.ts";
import { anonClient, type Client, serviceClient } from "./clients.ts";

/** Who asks. The row they ask for is Ben's, a plain user of Acme, unless it is said otherwise. */
const actors = [
  "self",
  "colleague",
  "admin",
  "owner",
  "other tenant",
  /** A deactivated member asking for their own row. */
  "deactivated",
  /** A member of a deactivated tenant asking for their own row. */
  "of deactivated tenant",
  "without membership",
  "anon",
  "service",
] as const;
type Actor = (typeof actors)[number];

/** `nothing`: no error, and no row seen or changed. Anything else is the SQLSTATE of the refusal. */
type Outcome = "allowed" | "nothing" | (string & {});
type Verb = "select" | "insert" | "update" | "delete";
type Rule = {
  allowed: readonly Actor[];
  others: Outcome;
  except?: Partial<Record<Actor, Outcome>>;
};

export type Table = keyof Database["public"]["Tables"];
type Relation = Table | keyof Database["public"]["Views"];
export type Row = Record<string, unknown>;

/** Who is allowed what, and what the others get; `anon` has no grants, and so is always refused. */
type Rules = Partial<Record<Relation, Partial<Record<Verb, Rule>>>>;

export const allTenant: Actor[] = ["self", "colleague", "admin", "owner", "service"];
export const selfOnly: Actor[] = ["self", "service"];
export const serviceOnly: Actor[] = ["service"];

/** How the cases of a relation make the rows that they need. */
export interface Rows {
  /** A valid row on behalf of the subject, not yet inserted; its values tell it from all others. */
  newRow: (subject: Member) => Promise<Row> | Row;
  /** A stored row of the subject's, when inserting `newRow` is not how to get one. */
  existingRow?: (subject: Member) => Promise<Row>;
  /** What a delete may really delete, when the cast needs the existing row later. */
  disposableRow?: (subject: Member, outcome: Outcome) => Promise<Row>;
  /** A harmless change that its updaters may make, and that nothing else makes. */
  change: Row;
}

interface Cast {
  clients: Record<Actor, Client>;
  ben: Member;
  deactivated: Member;
  ofDeactivatedTenant: Member;
}

/** Describes every relation, verb and actor of the rules as a test. */
export function describeAccess(rules: Rules, rows: Partial<Record<Relation, Rows>>): void {
  let cast: Cast;
  beforeAll(async () => {
    cast = await createCast();
  });

  describe.each(Object.keys(rules) as Table[])("%s", (table) => {
    const verbs = Object.entries(rules[table] ?? {}) as [Verb, Rule][];
    const cases = verbs.flatMap(([verb, rule]) =>
      actors.map((actor) => ({ verb, actor, outcome: outcomeOf(rule, actor) })),
    );

    test.each(cases)("$verb by $actor: $outcome", async ({ verb, actor, outcome }) => {
      const run = { select: trySelect, insert: tryInsert, update: tryUpdate, delete: tryDelete };
      await run[verb]({
        table,
        rows: rowsOf(table),
        client: cast.clients[actor],
        subject: subjectOf(actor),
        outcome,
      });
    });
  });

  // Without a filter nothing is read, and so no policy for select stands before the verb's own.
  const changing = (Object.keys(rules) as Table[]).flatMap((table) =>
    (["update", "delete"] as const).flatMap((verb) => {
      const rule = rules[table]?.[verb];
      return rule?.others === "nothing" ? [{ table, verb, rule }] : [];
    }),
  );
  test.each(changing)(
    "$verb of all $table reaches nobody else's",
    async ({ table, verb, rule }) => {
      const made = rowsOf(table);
      const row = await existingRow(table, made, cast.ben);
      const before = await stored(table, key(row));
      for (const actor of actors.filter((actor) => outcomeOf(rule, actor) === "nothing")) {
        const query = cast.clients[actor].from(table);
        const { error } = await (verb === "update"
          ? query.update(made.change as never)
          : query.delete());
        expect(error, actor).toBeNull();
      }
      expect(before).toHaveLength(1);
      expect(await stored(table, key(row))).toEqual(before);
    },
  );

  function rowsOf(table: Table): Rows {
    const made = rows[table];
    if (!made) throw new Error(`no rows for ${table}`);
    return made;
  }

  function subjectOf(actor: Actor): Member {
    if (actor === "deactivated") return cast.deactivated;
    if (actor === "of deactivated tenant") return cast.ofDeactivatedTenant;
    return cast.ben;
  }
}

function outcomeOf(rule: Rule, actor: Actor): Outcome {
  if (rule.allowed.includes(actor)) return "allowed";
  return rule.except?.[actor] ?? (actor === "anon" ? "42501" : rule.others);
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
  const { data, error } = await client.from(table).select().match(key(row));
  expect(error?.code).toBe(errorOf(outcome));
  expect(data?.length ?? 0).toBe(outcome === "allowed" ? 1 : 0);
}

async function tryInsert({ table, rows, client, subject, outcome }: Case) {
  const row = await rows.newRow(subject);
  const { error } = await client.from(table).insert(row as never);
  expect(error?.code).toBe(errorOf(outcome));
  expect(await stored(table, row.id ? key(row) : row)).toHaveLength(outcome === "allowed" ? 1 : 0);
}

async function tryUpdate({ table, rows, client, subject, outcome }: Case) {
  const row = await existingRow(table, rows, subject);
  const { data, error } = await client
    .from(table)
    .update(rows.change as never)
    .match(key(row))
    .select();
  expect(error?.code).toBe(errorOf(outcome));
  expect(data?.length ?? 0).toBe(outcome === "allowed" ? 1 : 0);
  const [after] = await stored(table, key(row));
  if (outcome === "allowed") expect(after).toMatchObject(rows.change);
  else expect(after).not.toMatchObject(rows.change);
}

async function tryDelete({ table, rows, client, subject, outcome }: Case) {
  const row = rows.disposableRow
    ? await rows.disposableRow(subject, outcome)
    : await existingRow(table, rows, subject);
  const { error } = await client.from(table).delete().match(key(row));
  expect(error?.code).toBe(errorOf(outcome));
  expect(await stored(table, key(row))).toHaveLength(outcome === "allowed" ? 0 : 1);
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

async function stored(table: Table, row: Row): Promise<Row[]> {
  return must(await serviceClient().from(table).select().match(row));
}

function errorOf(outcome: Outcome): string | undefined {
  return outcome === "allowed" || outcome === "nothing" ? undefined : outcome;
}

function key(row: Row): Row {
  return { id: row.id };
}

async function createCast(): Promise<Cast> {
  const [acme, globex, closed] = await Promise.all([
    createTenant(),
    createTenant(),
    createTenant(),
  ]);
  const [ben, colleague, admin, owner, other, deactivated, ofDeactivatedTenant, nobody] =
    (await Promise.all([
      createMember(acme, { name: "Ben" }),
      createMember(acme),
      createMember(acme, { role: "admin" }),
      createMember(acme, { role: "owner" }),
      createMember(globex, { role: "owner" }),
      createMember(acme, { role: "owner" }),
      createMember(closed, { role: "owner" }),
      signUp(),
    ])) as [Member, Member, Member, Member, Member, Member, Member, Login];
  const service = serviceClient();
  must(await service.from("users").update({ is_active: false }).eq("id", deactivated.id).select());
  must(await service.from("tenants").update({ is_active: false }).eq("id", closed.id).select());
  return {
    ben,
    deactivated,
    ofDeactivatedTenant,
    clients: {
      self: ben.client,
      colleague: colleague.client,
      admin: admin.client,
      owner: owner.client,
      "other tenant": other.client,
      deactivated: deactivated.client,
      "of deactivated tenant": ofDeactivatedTenant.client,
      "without membership": nobody.client,
      anon: anonClient(),
      service,
    },
  };
}
