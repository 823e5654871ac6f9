import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { insertedRow } from "../support/access.ts";
import {
  createConversation,
  createMember,
  createMessage,
  createTenant,
  type Member,
} from "../support/actors.ts";
import { asOwner } from "../support/clients.ts";
import { createBrand, createSession, createSessionMessage } from "../support/director.ts";
import { archivedUsage, createChat, createDocument, createUsage } from "../support/integration.ts";
import { type Answer, send, tokenOf } from "./requests.ts";

let ada: Member;
let token: string;
let colleague: Member;
let outsider: Member;

beforeAll(async () => {
  const [acme, globex] = await Promise.all([createTenant(), createTenant()]);
  [ada, colleague, outsider] = await Promise.all([
    createMember(acme, { role: "owner" }),
    createMember(acme),
    createMember(globex, { role: "owner" }),
  ]);
  token = await tokenOf(ada);
});

type Make = (owner: Member) => Promise<{ id: string }>;

interface Kind {
  make: Make;
  /** What its updaters may change. */
  change: object;
}

const ofTenant: Record<string, Kind> = {
  tenants: { make: async ({ tenant_id }) => ({ id: tenant_id }), change: { name: "Changed" } },
  users: { make: async ({ id }) => ({ id }), change: { name: "Changed" } },
  conversations: { make: createConversation, change: { title: "Changed" } },
  messages: { make: createMessage, change: { content: "Changed" } },
  feedback: { make: makeFeedback, change: { comment: "Changed" } },
  usage_metrics: { make: makeUsage, change: { request_count: 7 } },
  brands: { make: createBrand, change: { name: "Changed" } },
};
const ofPerson: Record<string, Kind> = {
  conversation_sessions: { make: createSession, change: { state: "planning" } },
  conversation_messages: { make: makeSessionMessage, change: { content: "Changed" } },
  ai_conversations: { make: createChat, change: { title: "Changed" } },
  embeddings: { make: createDocument, change: { content: "Changed" } },
  ai_usage: { make: createUsage, change: { model: "Changed" } },
  ai_usage_archive: { make: makeArchived, change: { model: "Changed" } },
};

async function makeFeedback(owner: Member) {
  const { id: message_id, tenant_id } = await createMessage(owner);
  const row = { message_id, tenant_id, user_id: owner.id, rating: 1 };
  return (await insertedRow("feedback", row)) as { id: string };
}

async function makeUsage({ id: user_id }: Member) {
  const date = new Date(Math.floor(Math.random() * 10_000) * 86_400_000).toISOString();
  return (await insertedRow("usage_metrics", { user_id, date })) as { id: string };
}

async function makeSessionMessage(owner: Member) {
  return createSessionMessage(await createSession(owner));
}

async function makeArchived(owner: Member) {
  return (await insertedRow("ai_usage_archive", archivedUsage(owner))) as { id: string };
}

/** What an answer says, apart from the id that was asked for. */
function gist({ status, body, range }: Answer, id: string) {
  return [status, body.replaceAll(id, "…"), range];
}

/** The answers about an id that somebody uses and about one that nobody does. */
async function ask(id: string, request: (id: string) => Promise<Answer>) {
  const missing = randomUUID();
  const taken = gist(await request(id), id);
  return { taken, missing: gist(await request(missing), missing) };
}

const json = (method: string, body: object, headers = {}): RequestInit => ({
  method,
  body: JSON.stringify(body),
  headers: { prefer: "return=representation,count=exact", ...headers },
});

describe("a row of others and one that does not exist answer alike", () => {
  const entries = Object.entries({ ...ofTenant, ...ofPerson });
  const cases = [
    ...entries.map(([table, kind]) => ({ table, ...kind, whose: "another tenant" })),
    ...Object.entries(ofPerson).map(([table, kind]) => ({ table, ...kind, whose: "a colleague" })),
  ];

  test.each(cases)("$table of $whose", async ({ table, make, change, whose }) => {
    const { id } = await make(whose === "a colleague" ? colleague : outsider);
    const requests: ((id: string) => Promise<Answer>)[] = [
      (id) => send(token, `${table}?id=eq.${id}`, { headers: { prefer: "count=exact" } }),
      (id) => send(token, `${table}?id=eq.${id}`, json("PATCH", change)),
      (id) => send(token, `${table}?id=eq.${id}`, json("DELETE", {})),
    ];
    for (const request of requests) {
      const { taken, missing } = await ask(id, request);
      expect(taken).toEqual(missing);
    }
    const own = await make(ada);
    const read = await send(token, `${table}?select=id&id=eq.${own.id}`);
    expect(JSON.parse(read.body)).toEqual([{ id: own.id }]);
  });
});

describe("a parent of others and one that does not exist answer alike", () => {
  const message = { role: "user", content: "Hello?" };
  type Child = [name: string, table: string, parent: Make, row: (id: string) => object];
  const children: Child[] = [
    [
      "a message in a conversation",
      "messages",
      createConversation,
      (id) => ({
        ...message,
        conversation_id: id,
      }),
    ],
    ["feedback on a message", "feedback", createMessage, (id) => ({ message_id: id, rating: 1 })],
    ["a session for a brand", "conversation_sessions", createBrand, (id) => ({ brand_id: id })],
    [
      "a message in a session",
      "conversation_messages",
      createSession,
      (id) => ({
        ...message,
        session_id: id,
      }),
    ],
  ];

  test.each(children)("%s", async (_name, table, parent, row) => {
    const { id } = await parent(outsider);
    const { taken, missing } = await ask(id, (id) => send(token, table, json("POST", row(id))));
    expect(taken).toEqual(missing);
    expect(taken[0]).toBeGreaterThanOrEqual(400);
    const own = await send(token, table, json("POST", row((await parent(ada)).id)));
    expect(own.status).toBe(201);
  });

  test.each([
    [
      "a tenant",
      (id: string) => ({ tenant_id: id }),
      () => outsider.tenant_id,
      () => ada.tenant_id,
    ],
    ["an owner", (id: string) => ({ user_id: id }), () => outsider.id, () => ada.id],
  ])("%s of a conversation", async (_name, row, theirs, mine) => {
    const insert = (id: string) => send(token, "conversations", json("POST", row(id)));
    const { taken, missing } = await ask(theirs(), insert);
    expect(taken).toEqual(missing);
    expect(taken[0]).toBe(403);
    expect((await insert(mine())).status).toBe(201);
  });
});

describe("an argument that is others' and one that does not exist answer alike", () => {
  const calls: [name: string, argument: string, make: Make, rest?: object][] = [
    ["complete_conversation_session", "p_session_id", createSession],
    ["cancel_conversation_session", "p_session_id", createSession],
    ["get_conversation_history", "p_session_id", createSession],
    ["get_session_cost", "p_session_id", createSession],
    ["get_session_message_stats", "p_session_id", createSession],
    ["append_to_ai_conversation", "p_id", createChat, { p_messages: [] }],
    ["get_message_feedback_summary", "p_conversation_id", createConversation],
    ["get_usage_stats", "p_user_id", async ({ account }) => ({ id: account })],
  ];

  test.each(calls)("%s(%s)", async (name, argument, make, rest = {}) => {
    const { id } = await make(outsider);
    const call = (id: string) =>
      send(token, `rpc/${name}`, json("POST", { [argument]: id, ...rest }));
    const { taken, missing } = await ask(id, call);
    expect(taken).toEqual(missing);
    expect((await call((await make(ada)).id)).status).toBe(200);
  });
});

describe("counts and plans", () => {
  test("an exact count counts what the caller may see", async () => {
    await createConversation(outsider);
    const lonely = await createMember(await createTenant());
    const count = async () => {
      const query = lonely.client.from("conversations").select("*", { count: "exact", head: true });
      return (await query).count;
    };
    expect(await count()).toBe(0);
    await createConversation(lonely);
    expect(await count()).toBe(1);
  });

  test("a planned count does not tell a text that others use from one that nobody does", async () => {
    const title = `Merger ${randomUUID()}`;
    await Promise.all(Array.from({ length: 30 }, () => createConversation(outsider, { title })));
    await asOwner()`analyze public.conversations`;
    const planned = async (filter: string) => {
      const headers = { prefer: "count=planned" };
      return (await send(token, `conversations?${filter}`, { headers })).range;
    };
    for (const operator of ["eq", "gte", "lt"]) {
      const nobodys = await planned(`title=${operator}.Nothing`);
      expect(await planned(`title=${operator}.${title}`)).toBe(nobodys);
    }
    const all = await planned("id=not.is.null");
    expect(all).not.toBe(await planned("title=eq.Nothing"));
  });

  test.each(["ctid", "xmin", "xmax", "tableoid"])(
    "%s, which tells how much others write, is not shown",
    async (column) => {
      for (const table of Object.keys({ ...ofTenant, ...ofPerson })) {
        const { body } = await send(token, `${table}?select=id,${column}`);
        expect([table, JSON.parse(body).code]).toEqual([table, "42501"]);
        expect((await send(token, `${table}?select=id`)).status).toBe(200);
      }
    },
  );

  test("the plan of a query is not shown", async () => {
    const plan = await send(token, "tenants", {
      headers: { accept: "application/vnd.pgrst.plan+json" },
    });
    expect(plan.status).toBe(406);
    const rows = await send(token, "tenants", { headers: { accept: "application/json" } });
    expect(rows.status).toBe(200);
  });
});
