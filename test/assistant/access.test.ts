import { beforeAll, describe, expect, test } from "vitest";
import {
  createConversation,
  createMember,
  createMessage,
  createTenant,
  type Login,
  type Member,
  must,
  signUp,
  type Tenant,
} from "../support/actors.ts";
import { anonClient, type Client, serviceClient } from "../support/clients.ts";

/** Who asks. The row they ask for is Ben's, a plain user of Acme, unless it is said otherwise. */
type Actor =
  | "self"
  | "colleague"
  | "admin"
  | "owner"
  | "other tenant"
  /** A deactivated member asking for their own row. */
  | "deactivated"
  /** A member of a deactivated tenant asking for their own row. */
  | "of deactivated tenant"
  | "without membership"
  | "anon"
  | "service";

/** `nothing`: no error, and no row seen or changed. Anything else is the SQLSTATE of the refusal. */
type Outcome = "allowed" | "nothing" | "42501";

const actors: Actor[] = [
  "self",
  "colleague",
  "admin",
  "owner",
  "other tenant",
  "deactivated",
  "of deactivated tenant",
  "without membership",
  "anon",
  "service",
];

const allTenant: Actor[] = ["self", "colleague", "admin", "owner", "service"];
const selfOnly: Actor[] = ["self", "service"];
const serviceOnly: Actor[] = ["service"];

/** Who is allowed what, and what the others get; `anon` has no grants, and so is always refused. */
const rules = {
  tenants: {
    select: { allowed: allTenant, others: "nothing" },
    insert: { allowed: serviceOnly, others: "42501" },
    update: { allowed: ["admin", "owner", "service"], others: "nothing" },
    delete: { allowed: serviceOnly, others: "42501" },
  },
  users: {
    select: { allowed: allTenant, others: "nothing" },
    insert: { allowed: serviceOnly, others: "42501" },
    update: { allowed: selfOnly, others: "nothing" },
    delete: { allowed: serviceOnly, others: "42501" },
  },
  conversations: {
    select: { allowed: allTenant, others: "nothing" },
    insert: { allowed: selfOnly, others: "42501" },
    update: { allowed: selfOnly, others: "nothing" },
    delete: { allowed: selfOnly, others: "nothing" },
  },
  messages: {
    select: { allowed: allTenant, others: "nothing" },
    insert: { allowed: selfOnly, others: "42501" },
    update: { allowed: selfOnly, others: "nothing" },
    delete: { allowed: selfOnly, others: "nothing" },
  },
  feedback: {
    select: { allowed: allTenant, others: "nothing" },
    insert: { allowed: selfOnly, others: "42501" },
    update: { allowed: selfOnly, others: "nothing" },
    delete: { allowed: selfOnly, others: "nothing" },
  },
  usage_metrics: {
    select: { allowed: ["self", "admin", "owner", "service"], others: "nothing" },
    insert: { allowed: serviceOnly, others: "42501" },
    update: { allowed: serviceOnly, others: "42501" },
    delete: { allowed: serviceOnly, others: "42501" },
  },
  current_day_usage: {
    select: { allowed: ["self", "admin", "owner", "service"], others: "nothing" },
  },
} as const satisfies Record<
  string,
  Partial<Record<string, { allowed: readonly Actor[]; others: Outcome }>>
>;

type Relation = keyof typeof rules;
type Table = Exclude<Relation, "current_day_usage">;
type Row = Record<string, unknown>;

/** A harmless change of each table that its updaters may make, and that nothing else makes. */
const changes: Record<Table, Row> = {
  tenants: { name: "Changed" },
  users: { name: "Changed" },
  conversations: { title: "Changed" },
  messages: { content: "Changed" },
  feedback: { comment: "Changed" },
  usage_metrics: { request_count: 77 },
};

interface Cast {
  acme: Tenant;
  clients: Record<Actor, Client>;
  ben: Member;
  deactivated: Member;
  ofDeactivatedTenant: Member;
}

let cast: Cast;

beforeAll(async () => {
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
  cast = {
    acme,
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
});

describe.each(Object.keys(rules) as Relation[])("%s", (relation) => {
  const verbs = Object.entries(rules[relation]) as [
    "select" | "insert" | "update" | "delete",
    { allowed: readonly Actor[]; others: Outcome },
  ][];
  const cases = verbs.flatMap(([verb, rule]) =>
    actors.map((actor) => ({ verb, actor, outcome: outcomeOf(rule, actor) })),
  );

  test.each(cases)("$verb by $actor: $outcome", async ({ verb, actor, outcome }) => {
    const run = { select: trySelect, insert: tryInsert, update: tryUpdate, delete: tryDelete }[
      verb
    ];
    await run(relation as Table, actor, outcome);
  });
});

function outcomeOf(rule: { allowed: readonly Actor[]; others: Outcome }, actor: Actor): Outcome {
  if (rule.allowed.includes(actor)) return "allowed";
  return actor === "anon" ? "42501" : rule.others;
}

async function trySelect(table: Table, actor: Actor, outcome: Outcome) {
  const row = await existingRow(table, subjectOf(actor));
  const { data, error } = await as(actor).from(table).select().match(key(row));
  expect(error?.code).toBe(errorOf(outcome));
  expect(data?.length ?? 0).toBe(outcome === "allowed" ? 1 : 0);
}

async function tryInsert(table: Table, actor: Actor, outcome: Outcome) {
  const row = await newRow(table, subjectOf(actor));
  const { error } = await as(actor)
    .from(table)
    .insert(row as never);
  expect(error?.code).toBe(errorOf(outcome));
  const { count } = await serviceClient()
    .from(table)
    .select("*", { count: "exact", head: true })
    .match(row);
  expect(count).toBe(outcome === "allowed" ? 1 : 0);
}

async function tryUpdate(table: Table, actor: Actor, outcome: Outcome) {
  const row = await existingRow(table, subjectOf(actor));
  const { data, error } = await as(actor)
    .from(table)
    .update(changes[table] as never)
    .match(key(row))
    .select();
  expect(error?.code).toBe(errorOf(outcome));
  expect(data?.length ?? 0).toBe(outcome === "allowed" ? 1 : 0);
  const after = must(await serviceClient().from(table).select().match(key(row)).single()) as Row;
  if (outcome === "allowed") expect(after).toMatchObject(changes[table]);
  else expect(after).not.toMatchObject(changes[table]);
}

async function tryDelete(table: Table, actor: Actor, outcome: Outcome) {
  const subject = subjectOf(actor);
  // The cast is needed for the other cases: what may really go is somebody new.
  const row =
    table === "users" || (table === "tenants" && outcome === "allowed")
      ? await inserted(table, await newRow(table, subject))
      : await existingRow(table, subject);
  const { error } = await as(actor).from(table).delete().match(key(row));
  expect(error?.code).toBe(errorOf(outcome));
  const { count } = await serviceClient()
    .from(table)
    .select("*", { count: "exact", head: true })
    .match(key(row));
  expect(count).toBe(outcome === "allowed" ? 0 : 1);
}

function as(actor: Actor): Client {
  return cast.clients[actor];
}

function subjectOf(actor: Actor): Member {
  if (actor === "deactivated") return cast.deactivated;
  if (actor === "of deactivated tenant") return cast.ofDeactivatedTenant;
  return cast.ben;
}

function errorOf(outcome: Outcome): string | undefined {
  return outcome === "allowed" || outcome === "nothing" ? undefined : outcome;
}

function key(row: Row): Row {
  return { id: row.id };
}

/** A row that belongs to the subject; a fresh one wherever a verb could use it up. */
async function existingRow(table: Relation, subject: Member): Promise<Row> {
  const service = serviceClient();
  switch (table) {
    case "tenants":
      await service.from("tenants").update({ name: "Unchanged" }).eq("id", subject.tenant_id);
      return { id: subject.tenant_id };
    case "users":
      await service.from("users").update({ name: "Unchanged" }).eq("id", subject.id);
      return { id: subject.id };
    case "conversations":
      return createConversation(subject);
    case "messages":
      return createMessage(subject);
    case "current_day_usage":
    case "usage_metrics": {
      const today = new Date().toISOString().slice(0, 10);
      await service.from("usage_metrics").delete().eq("user_id", subject.id);
      return must(
        await service
          .from("usage_metrics")
          .insert({ tenant_id: subject.tenant_id, user_id: subject.id, date: today })
          .select()
          .single(),
      );
    }
    default:
      return inserted(table, await newRow(table, subject));
  }
}

async function inserted(table: Table, row: Row): Promise<Row> {
  return must(
    await serviceClient()
      .from(table)
      .insert(row as never)
      .select()
      .single(),
  );
}

/** A valid row on behalf of the subject, not yet inserted; its values tell it from all others. */
async function newRow(table: Table, subject: Member): Promise<Row> {
  const { tenant_id, id: user_id } = subject;
  const id = crypto.randomUUID();
  switch (table) {
    case "tenants":
      return { id, name: "New", slug: `test-${id}` };
    case "users":
      return { id, tenant_id, email: `${id}@test.example` };
    case "conversations":
      return { id, tenant_id, user_id };
    case "messages":
      return {
        id,
        tenant_id,
        conversation_id: (await createConversation(subject)).id,
        role: "user",
        content: "New",
      };
    case "feedback":
      return { id, tenant_id, user_id, message_id: (await createMessage(subject)).id, rating: 1 };
    case "usage_metrics":
      return { id, tenant_id, user_id, date: `20${id.replace(/\D/g, "").slice(0, 2)}-01-01` };
  }
}
