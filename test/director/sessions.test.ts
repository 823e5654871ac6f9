import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import {
  appendSessionMessage,
  cancelSession,
  completeSession,
  createSession,
  DatabaseError,
  type ServiceInsert,
  type SessionState,
  sessionStates,
  type Tables,
} from "../../src/index.ts";
import { createLogin, createMember, createTenant, type Member } from "../support/actors.ts";
import { anonClient, asOwner, serviceClient } from "../support/clients.ts";
import { createRow, must, stored as storedRows } from "../support/rows.ts";

const LONG_AGO = "2020-01-01T00:00:00+00:00";

const terminal: SessionState[] = ["delivered", "cancelled"];
const open = sessionStates.filter((state) => !terminal.includes(state));

let ada: Member;
let ben: Member;
let outsider: Member;
let brand: Tables<"brands">;

beforeAll(async () => {
  const [acme, globex] = await Promise.all([createTenant(), createTenant()]);
  [ada, ben, outsider] = await Promise.all([
    createMember(acme),
    createMember(acme),
    createMember(globex),
  ]);
  brand = await createRow("brands", ada);
});

const stored = async (id: string) =>
  must(await serviceClient().from("conversation_sessions").select().eq("id", id).single());

const codeOf = async (attempt: Promise<unknown>) => {
  const refused = await attempt.then(
    () => undefined,
    (error) => error,
  );
  if (refused) expect(refused).toBeInstanceOf(DatabaseError);
  return refused?.code as string | undefined;
};

describe("opening a session", () => {
  test("a member opens a session for a brand of their tenant and owns it", async () => {
    const session = await createSession(ada.client, brand.id, { goal: "film" });
    expect(session).toMatchObject({
      brand_id: brand.id,
      tenant_id: ada.tenant_id,
      user_id: ada.account,
      state: "initial",
      parsed_intent: { goal: "film" },
      completed_at: null,
    });
  });

  test("a brand of another tenant and a missing brand fail with the same code", async () => {
    const [foreign, missing] = [(await createRow("brands", outsider)).id, randomUUID()];
    expect(await codeOf(createSession(ada.client, foreign))).toBe("23503");
    expect(await codeOf(createSession(ada.client, missing))).toBe("23503");
  });

  test("an account without a membership cannot open a session", async () => {
    const { client } = await createLogin();
    expect(await codeOf(createSession(client, brand.id))).toBe("42501");
  });

  test("the service role can open a session for an account without naming the tenant", async () => {
    const row = { brand_id: brand.id, user_id: ada.account };
    const { data } = await serviceClient().from("conversation_sessions").insert(row).select();
    expect(data).toMatchObject([{ tenant_id: ada.tenant_id }]);
  });

  test("a deactivated member loses access to their sessions and messages at once", async () => {
    const leaver = await createMember({ id: ada.tenant_id });
    const session = await createSession(leaver.client, brand.id);
    await appendSessionMessage(leaver.client, session.id, { role: "user", content: "Hello" });
    const see = async () => [
      (await leaver.client.from("conversation_sessions").select()).data?.length,
      (await leaver.client.from("conversation_messages").select()).data?.length,
      (await leaver.client.from("daily_message_volume").select()).data?.length,
    ];
    expect(await see()).toEqual([1, 1, 1]);
    await serviceClient().from("users").update({ is_active: false }).eq("id", leaver.id);
    expect(await see()).toEqual([0, 0, 0]);
    expect(await codeOf(createSession(leaver.client, brand.id))).toBe("42501");
  });
});

describe("finishing a session", () => {
  const finishers = [
    ["complete_conversation_session", completeSession, "delivered"],
    ["cancel_conversation_session", cancelSession, "cancelled"],
  ] as const;

  describe.each(finishers)("%s", (fn, finish, state) => {
    test.each(open)("finishes its owner's session in the state %s and returns it", async (from) => {
      const { id } = await createRow("conversation_sessions", ada, { state: from });
      const session = await finish(ada.client, id);
      expect(session).toMatchObject({ id, state, completed_at: expect.any(String) });
      expect(await stored(id)).toEqual(session);
    });

    test.each(terminal)("fails with 55000 on a session that is %s", async (from) => {
      const { id } = await createRow("conversation_sessions", ada, {
        state: from,
        completed_at: LONG_AGO,
      });
      expect(await codeOf(finish(ada.client, id))).toBe("55000");
      expect(await stored(id)).toMatchObject({ state: from, completed_at: LONG_AGO });
    });

    test("fails with P0002 for callers except the owner, and for an unknown session", async () => {
      const { id } = await createRow("conversation_sessions", ada);
      const errors = await Promise.all(
        [ben.client, outsider.client, (await createLogin()).client].map(async (client) =>
          codeOf(finish(client, id)),
        ),
      );
      expect(errors).toEqual(["P0002", "P0002", "P0002"]);
      expect(await codeOf(finish(ada.client, randomUUID()))).toBe("P0002");
      expect(await stored(id)).toMatchObject({ state: "initial" });
    });

    test("is closed to anon, and open to the service role", async () => {
      const args = { p_session_id: (await createRow("conversation_sessions", ada)).id };
      expect((await anonClient().rpc(fn, args)).error?.code).toBe("42501");
      expect((await serviceClient().rpc(fn, args)).data).toMatchObject({ state });
    });

    test("changes no session for the service role if two accounts use the id", async () => {
      const { id } = await createRow("conversation_sessions", ada);
      await createRow("conversation_sessions", ben, { id });
      const { error } = await serviceClient().rpc(fn, { p_session_id: id });
      expect(error?.code).toBe("P0003");
      const states = await serviceClient()
        .from("conversation_sessions")
        .select("state")
        .eq("id", id);
      expect(states.data).toEqual([{ state: "initial" }, { state: "initial" }]);
      expect(await finish(ada.client, id)).toMatchObject({ state, user_id: ada.account });
    });
  });

  test("of many concurrent completions and cancellations, exactly one succeeds", async () => {
    const { id } = await createRow("conversation_sessions", ada);
    const attempts = Array.from({ length: 10 }, (_, n) =>
      n % 2 ? completeSession(ada.client, id) : cancelSession(ada.client, id),
    );
    const won = (await Promise.allSettled(attempts)).filter(({ status }) => status === "fulfilled");
    const lost = await Promise.all(attempts.map(codeOf));
    expect(won).toHaveLength(1);
    expect(lost.filter((code) => code === "55000")).toHaveLength(9);
  });

  test("an update to a terminal state sets completed_at", async () => {
    const { id } = await createRow("conversation_sessions", ada);
    const update = ada.client.from("conversation_sessions").update({ state: "delivered" });
    must(await update.eq("id", id).select());
    expect((await stored(id)).completed_at).not.toBeNull();
  });

  test.each(["its owner", "the service role"])(
    "%s cannot reopen a finished session",
    async (who) => {
      const { id } = await createRow("conversation_sessions", ada, {
        state: "delivered",
        completed_at: LONG_AGO,
      });
      const client = who === "its owner" ? ada.client : serviceClient();
      const { error } = await client
        .from("conversation_sessions")
        .update({ state: "reviewing" })
        .eq("id", id);
      expect(error?.code).toBe("55000");
      expect(await stored(id)).toMatchObject({ state: "delivered", completed_at: LONG_AGO });
    },
  );

  test("a finished session accepts no more messages, even from the service role", async () => {
    const { id } = await createRow("conversation_sessions", ada, {
      state: "cancelled",
      completed_at: LONG_AGO,
    });
    for (const client of [ada.client, serviceClient()]) {
      const message = { role: "user", content: "One more thing" } as const;
      expect(await codeOf(appendSessionMessage(client, id, message))).toBe("55000");
    }
    const { data } = await serviceClient()
      .from("conversation_messages")
      .select()
      .eq("session_id", id);
    expect(data).toEqual([]);
  });

  test("the messages of a finished session are final, until the session is deleted", async () => {
    const { id } = await createRow("conversation_sessions", ada);
    const message = await createRow("conversation_messages", ada, { session_id: id, cost_usd: 1 });
    const clients = [ada.client, serviceClient()];
    const changes = clients.flatMap((client) => {
      const messages = client.from("conversation_messages");
      return [
        () => messages.update({ cost_usd: 0 }).eq("id", message.id).select(),
        () => messages.delete().eq("id", message.id).select(),
      ];
    });
    expect((await changes[0]?.())?.data).toHaveLength(1);
    await ada.client.rpc("complete_conversation_session", { p_session_id: id }).throwOnError();
    for (const change of changes) expect((await change()).error?.code).toBe("55000");
    for (const client of clients) {
      const { error } = await client
        .from("conversation_sessions")
        .update({ parsed_intent: { goal: "changed" } })
        .eq("id", id)
        .select();
      expect([error?.code, error?.message]).toEqual([
        "55000",
        `session ${id} is already delivered`,
      ]);
    }
    expect(await storedRows("conversation_messages", { id: message.id })).toHaveLength(1);
    const deleted = await ada.client.from("conversation_sessions").delete().eq("id", id).select();
    expect(deleted.data).toHaveLength(1);
    expect(await storedRows("conversation_messages", { id: message.id })).toEqual([]);
  });

  test("deleting an account or a brand also deletes finished sessions", async () => {
    const eve = await createMember(await createTenant(), { role: "owner" });
    const made: { id: string }[] = [];
    const finished = async () => {
      const { id, brand_id } = await createRow("conversation_sessions", eve);
      made.push(await createRow("conversation_messages", eve, { session_id: id }));
      await eve.client.rpc("complete_conversation_session", { p_session_id: id }).throwOnError();
      return brand_id;
    };
    const brand = await finished();
    await eve.client.from("brands").delete().eq("id", brand).throwOnError();
    await finished();
    await asOwner()`delete from auth.users where id = ${eve.account}`;
    expect(made).toHaveLength(2);
    for (const { id } of made)
      expect(await storedRows("conversation_messages", { id })).toEqual([]);
  });

  test("even the service role cannot change the account or the brand of a session", async () => {
    const { id } = await createRow("conversation_sessions", ada, { brand_id: brand.id });
    const other = await createRow("brands", ada);
    for (const change of [{ brand_id: other.id }, { user_id: ben.account }]) {
      const { error } = await serviceClient()
        .from("conversation_sessions")
        .update(change)
        .eq("id", id);
      expect(error?.code).toBe("23000");
    }
  });
});

describe("a message of a session", () => {
  test("gets its session's brand, tenant and account, for owner and service role", async () => {
    const { id } = await createRow("conversation_sessions", ada, { brand_id: brand.id });
    for (const client of [ada.client, serviceClient()]) {
      const message = await appendSessionMessage(client, id, {
        role: "assistant",
        content: "Hello",
      });
      expect(message).toMatchObject({
        session_id: id,
        brand_id: brand.id,
        tenant_id: ada.tenant_id,
        user_id: ada.account,
      });
    }
  });

  test.each(["brand_id", "user_id", "tenant_id"] as const)(
    "cannot have another %s",
    async (column) => {
      const { id } = await createRow("conversation_sessions", ada, { brand_id: brand.id });
      const other = {
        brand_id: (await createRow("brands", ada)).id,
        user_id: ben.account,
        tenant_id: outsider.tenant_id,
      };
      for (const client of [ada.client, serviceClient()]) {
        const row: ServiceInsert<"conversation_messages"> = {
          session_id: id,
          role: "user",
          content: "Hello",
        };
        row[column] = other[column];
        expect((await client.from("conversation_messages").insert(row)).error?.code).toBe("23503");
      }
    },
  );

  test("cannot be moved by the service role to another session's brand or account", async () => {
    const message = await createRow("conversation_messages", ada);
    const other = await createRow("conversation_sessions", ben);
    for (const change of [{ brand_id: other.brand_id }, { user_id: ben.account }]) {
      const { error } = await serviceClient()
        .from("conversation_messages")
        .update(change)
        .eq("id", message.id);
      expect(error?.code).toBe("23503");
    }
  });

  test("must name its account if the service role uses an ambiguous session id", async () => {
    const { id } = await createRow("conversation_sessions", ada);
    await createRow("conversation_sessions", ben, { id });
    const row = { session_id: id, role: "system", content: "Hi", user_id: null } as never;
    const service = serviceClient();
    expect((await service.from("conversation_messages").insert(row)).error?.code).toBe("21000");
    const message = await createRow("conversation_messages", ben, { session_id: id });
    expect(message.user_id).toBe(ben.account);
  });
});

describe("last_activity_at", () => {
  test("is updated by every message", async () => {
    const { id } = await createRow("conversation_sessions", ada, { last_activity_at: LONG_AGO });
    const message = await appendSessionMessage(ada.client, id, { role: "user", content: "Hello" });
    expect((await stored(id)).last_activity_at).toBe(message.created_at);
  });

  test("is updated by a real change, but not by an update that changes nothing", async () => {
    const { id } = await createRow("conversation_sessions", ada, {
      last_activity_at: LONG_AGO,
      state: "planning",
    });
    const set = async (state: SessionState) =>
      must(await ada.client.from("conversation_sessions").update({ state }).eq("id", id).select());
    await set("planning");
    expect((await stored(id)).last_activity_at).toBe(LONG_AGO);
    await set("executing");
    expect((await stored(id)).last_activity_at).not.toBe(LONG_AGO);
  });
});

describe("deleting", () => {
  test("a tenant also deletes its brands, sessions and messages", async () => {
    const member = await createMember(await createTenant());
    const session = await createRow("conversation_sessions", member);
    await createRow("conversation_messages", member, { session_id: session.id });
    await serviceClient().from("tenants").delete().eq("id", member.tenant_id);
    for (const table of ["brands", "conversation_sessions", "conversation_messages"] as const) {
      const left = await serviceClient().from(table).select().eq("tenant_id", member.tenant_id);
      expect(left.data).toEqual([]);
    }
  });
});
