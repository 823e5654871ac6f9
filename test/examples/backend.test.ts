import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { CANNED } from "../../examples/chat/server/canned.ts";
import { packageRoot } from "../../scripts/project/settings.ts";
import { createMember, createTenant, type Member } from "../support/actors.ts";
import { type Chat, startChat } from "../support/chat.ts";
import { serviceClient } from "../support/clients.ts";
import { createRow, must } from "../support/rows.ts";

let chat: Chat;
let member: Member;
let colleague: Member;
let outsider: Member;

beforeAll(async () => {
  chat = await startChat();
  const [acme, globex] = await Promise.all([createTenant(), createTenant()]);
  [member, colleague, outsider] = await Promise.all([
    createMember(acme),
    createMember(acme, { role: "owner" }),
    createMember(globex, { role: "owner" }),
  ]);
});

afterAll(() => chat?.close());

const tokenOf = async ({ client }: Member) =>
  (await client.auth.getSession()).data.session?.access_token ?? expect.fail();

async function ask(
  token: string | undefined,
  body: string,
  { method = "POST", tenantId }: { method?: string; tenantId?: string } = {},
) {
  const response = await fetch(`${chat.url}/api/reply`, {
    method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(tenantId !== undefined && { "x-tenant-id": tenantId }),
    },
    ...(method === "POST" && { body }),
  });
  return { status: response.status, body: await response.json() };
}

const askAbout = async (caller: Member, conversation_id: string) =>
  ask(await tokenOf(caller), JSON.stringify({ conversation_id }));

/** Creates a conversation of the member with an unanswered message. */
async function createQuestion(): Promise<string> {
  const { id } = await createRow("conversations", member);
  await createRow("messages", member, { conversation_id: id, content: "What now?" });
  return id;
}

const rolesIn = async (conversation_id: string) =>
  must(
    await serviceClient()
      .from("messages")
      .select("role")
      .match({ conversation_id })
      .order("created_at"),
  ).map(({ role }) => role);

const requestsOf = async ({ id }: Member) =>
  must(await serviceClient().from("usage_metrics").select("request_count").eq("user_id", id));

describe("the backend of the chat", () => {
  test("answers the owner of a conversation as the assistant, and counts the usage", async () => {
    const somebody = await createMember({ id: member.tenant_id });
    const { id } = await createRow("conversations", somebody);
    await createRow("messages", somebody, { conversation_id: id, content: "What now?" });
    const { status, body } = await askAbout(somebody, id);
    expect(status).toBe(201);
    expect(body).toMatchObject({ role: "assistant", content: CANNED[0], conversation_id: id });
    const [usage, ...others] = must(
      await serviceClient().from("usage_metrics").select().eq("user_id", somebody.id),
    );
    expect(others).toEqual([]);
    expect(usage).toMatchObject({
      tenant_id: somebody.tenant_id,
      prompt_tokens: 3,
      completion_tokens: body.token_count,
      request_count: 1,
    });
  });

  test("returns 404 for a conversation of another tenant", async () => {
    const id = await createQuestion();
    expect(await askAbout(outsider, id)).toEqual({
      status: 404,
      body: { code: "P0002", message: "conversation not found" },
    });
    expect(await rolesIn(id)).toEqual(["user"]);
    expect(await requestsOf(outsider)).toEqual([]);
    expect((await askAbout(member, id)).status).toBe(201);
    expect(await rolesIn(id)).toEqual(["user", "assistant"]);
  });

  test("answers a member of two tenants in the tenant that the header names", async () => {
    const person = await createMember({ id: outsider.tenant_id });
    const second = await createTenant();
    const guest = {
      ...person,
      ...(await createRow("users", { tenant_id: second.id }, { email: person.email })),
    };
    const { id } = await createRow("conversations", guest);
    await createRow("messages", guest, { conversation_id: id, content: "What now?" });
    const token = await tokenOf(person);
    const body = JSON.stringify({ conversation_id: id });
    for (const tenantId of [undefined, person.tenant_id, member.tenant_id, "", "no uuid"]) {
      expect(await ask(token, body, { ...(tenantId !== undefined && { tenantId }) })).toMatchObject(
        {
          status: 404,
          body: { code: "P0002" },
        },
      );
    }
    expect((await ask(token, body, { tenantId: second.id })).status).toBe(201);
    expect(await rolesIn(id)).toEqual(["user", "assistant"]);
    expect(await requestsOf(guest)).toEqual([{ request_count: 1 }]);
    expect(await requestsOf(person)).toEqual([]);
  });

  test("refuses to answer a colleague, who may only read the conversation", async () => {
    const id = await createQuestion();
    expect(await askAbout(colleague, id)).toMatchObject({ status: 403, body: { code: "42501" } });
    expect(await rolesIn(id)).toEqual(["user"]);
    expect(await requestsOf(colleague)).toEqual([]);
    expect((await askAbout(member, id)).status).toBe(201);
  });

  test("answers a message only once", async () => {
    const id = await createQuestion();
    expect((await askAbout(member, id)).status).toBe(201);
    expect(await askAbout(member, id)).toMatchObject({ status: 409, body: { code: "55000" } });
    expect(await rolesIn(id)).toEqual(["user", "assistant"]);
  });

  const strangers: [who: string, token: () => Promise<string | undefined>, code: string][] = [
    ["no token", async () => undefined, "28000"],
    ["the publishable key as a token", async () => inject("stack").PUBLISHABLE_KEY, "28000"],
    [
      "a token with another signature",
      async () => (await tokenOf(member)).replace(/[^.]+$/, "forged"),
      "PGRST301",
    ],
  ];
  test.each(strangers)("refuses a request with %s", async (_, token, code) => {
    const body = JSON.stringify({ conversation_id: await createQuestion() });
    expect(await ask(await token(), body)).toMatchObject({ status: 401, body: { code } });
    expect((await ask(await tokenOf(member), body)).status).toBe(201);
  });

  const unreadable: [what: string, body: string, status: number, code: string][] = [
    ["invalid JSON", "{", 400, "22032"],
    ["an empty body", "", 400, "22032"],
    ["null", "null", 400, "22023"],
    ["a missing id", "{}", 400, "22023"],
    ["an id that is not a string", '{"conversation_id": 7}', 400, "22023"],
    ["an id that is not a UUID", '{"conversation_id": "7"}', 400, "22P02"],
    [
      "a body that is too large",
      JSON.stringify({ conversation_id: "x".repeat(20_000) }),
      413,
      "54000",
    ],
  ];
  test.each(unreadable)("refuses %s", async (_, body, status, code) => {
    expect(await ask(await tokenOf(member), body)).toMatchObject({ status, body: { code } });
  });

  test("accepts only POST", async () => {
    const token = await tokenOf(member);
    expect(await ask(token, "", { method: "GET" })).toMatchObject({
      status: 405,
      body: { code: "0A000" },
    });
  });
});

describe("the server of the chat", () => {
  const get = (path: string) => fetch(`${chat.url}${path}`);

  test("serves no file of the repository except those of the page and the package", async () => {
    for (const file of ["scripts/project/settings.ts", "package.json", "supabase/config.toml"]) {
      expect((await get(`/@fs${join(packageRoot, file)}?raw`)).status, file).toBe(403);
    }
    expect((await get(`/@fs${join(packageRoot, "src/index.ts")}`)).status).toBe(200);
  });

  test("serves no file that contains the secret key", async () => {
    const files = ["/", "/@vite/env", "/session.ts", "/backend.ts", "/vite.config.ts"];
    for (const file of files) {
      const answer = await get(file);
      expect(answer.status, file).toBe(200);
      expect((await answer.text()).includes(inject("stack").SECRET_KEY), file).toBe(false);
    }
    expect(await (await get("/@vite/env")).text()).toContain(inject("stack").PUBLISHABLE_KEY);
  });
});
