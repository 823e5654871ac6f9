import { randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { createClient } from "@supabase/supabase-js";
import { beforeAll, describe, expect, inject, onTestFinished, test } from "vitest";
import WebSocket from "ws";
import { uniqueName } from "../../scripts/contract/columns.ts";
import { vector } from "../../scripts/contract/integration/vectors.ts";
import { team } from "../../scripts/contract/team.ts";
import { packageRoot } from "../../scripts/project/settings.ts";
import {
  acceptInvitation,
  activateMember,
  appendSessionMessage,
  appendToAiConversation,
  archiveConversation,
  callFunction,
  cancelSession,
  chooseTenant,
  clearDocuments,
  completeSession,
  createConversation,
  createInvitation,
  createInvitationLink,
  createSession,
  createTenant as createTenantOfCaller,
  type Database,
  DatabaseError,
  deactivateMember,
  declineInvitation,
  deleteDocuments,
  deleteTenant,
  getConversation,
  getDocument,
  getModelUsage,
  getSessionCost,
  getSessionHistory,
  getSessionStats,
  incrementUsage,
  leaveTenant,
  listAuditLog,
  listConversations,
  listDailyUsage,
  listFeedbackSummaries,
  listInvitations,
  listMembers,
  listMonthlyUsage,
  listMyTenants,
  listSessionMessages,
  listTodaysUsage,
  previewInvitation,
  publishDocuments,
  type RequestOptions,
  rateMessage,
  removeMember,
  resendInvitation,
  revokeInvitation,
  type ServiceDatabase,
  searchDocuments,
  sendMessage,
  setMemberRole,
  storeDocuments,
  transferOwnership,
  unarchiveConversation,
  unrateMessage,
} from "../../src/index.ts";
import { createMember, createTenant, type Member } from "../support/actors.ts";
import { asOwner, type Client } from "../support/clients.ts";
import { createRow, fixtures } from "../support/rows.ts";

let ada: Member;
/** Clients of Ada and of the service role, which record their requests. */
let client: Client;
let service: Client;
let sent: string[];
/** Runs when a request is sent. */
let onSent = () => {};

beforeAll(async () => {
  ada = await createMember(await createTenant(), { role: "owner" });
  const { data } = await ada.client.auth.getSession();
  const { PUBLISHABLE_KEY, SECRET_KEY } = inject("stack");
  client = countingClient(PUBLISHABLE_KEY, data.session?.access_token ?? "");
  service = countingClient(SECRET_KEY);
});

function countingClient(key: string, token = key): Client {
  return createClient<ServiceDatabase>(inject("stack").API_URL, key, {
    accessToken: async () => token,
    global: {
      fetch: (url, options) => {
        sent.push(String(url));
        onSent();
        return fetch(url, options);
      },
    },
    realtime: { transport: WebSocket as never },
  });
}

/** Creates a tenant for one test, and returns a recording client of its owner. */
async function ownTenant() {
  const tenant = await createTenant();
  const owner = await createMember(tenant, { role: "owner" });
  const { data } = await owner.client.auth.getSession();
  const token = data.session?.access_token ?? "";
  return { tenant, owner, client: countingClient(inject("stack").PUBLISHABLE_KEY, token) };
}

type Call = (options: RequestOptions) => Promise<unknown>;

/** Prepares a successful call of each helper. */
const helpers: Record<string, () => Promise<Call>> = {
  createConversation: async () => (options) => createConversation(client, {}, options),
  listConversations: async () => (options) =>
    listConversations(client, { search: "x", ...options }),
  getConversation: async () => {
    const { id } = await createRow("conversations", ada);
    return (options) => getConversation(client, id, options);
  },
  sendMessage: async () => {
    const { id } = await createRow("conversations", ada);
    return (options) => sendMessage(client, id, { content: "Hello" }, options);
  },
  rateMessage: async () => {
    const { id } = await createRow("messages", ada);
    return (options) => rateMessage(client, id, 1, null, options);
  },
  unrateMessage: async () => (options) => unrateMessage(client, randomUUID(), options),
  archiveConversation: async () => {
    const { id } = await createRow("conversations", ada);
    return (options) => archiveConversation(client, id, options);
  },
  unarchiveConversation: async () => {
    const { id } = await createRow("conversations", ada, { is_archived: true });
    return (options) => unarchiveConversation(client, id, options);
  },
  listFeedbackSummaries: async () => (options) => listFeedbackSummaries(client, options),
  listTodaysUsage: async () => (options) => listTodaysUsage(client, options),
  listDailyUsage: async () => (options) => listDailyUsage(client, options),
  listMonthlyUsage: async () => (options) => listMonthlyUsage(client, options),
  incrementUsage: async () => (options) => {
    const keys = { tenantId: ada.tenant_id, userId: ada.id };
    const numbers = { promptTokens: 1, completionTokens: 1, cost: 0 };
    return incrementUsage(service, { ...keys, ...numbers }, options);
  },
  listMyTenants: async () => (options) => listMyTenants(client, options),
  chooseTenant: async () => (options) => chooseTenant(client, ada.tenant_id, options),
  createTenant: async () => (options) =>
    createTenantOfCaller(client, { name: "Another", slug: uniqueName("test") }, options),
  deleteTenant: async () => {
    const { client: own, tenant } = await ownTenant();
    return (options) => deleteTenant(own, tenant.slug, options);
  },
  createInvitation: async () => (options) =>
    createInvitation(client, { email: `${uniqueName("invited")}@test.example` }, options),
  createInvitationLink: async () => (options) => createInvitationLink(client, {}, options),
  listInvitations: async () => (options) => listInvitations(client, options),
  resendInvitation: async () => {
    const { id } = await createRow("invitations", ada);
    return (options) => resendInvitation(client, id, options);
  },
  revokeInvitation: async () => {
    const { id } = await createRow("invitations", ada);
    return (options) => revokeInvitation(client, id, options);
  },
  previewInvitation: async () => {
    const token = await fixtures.tokenOf(await createRow("invitations", ada, { email: null }));
    return (options) => previewInvitation(client, token, options);
  },
  acceptInvitation: async () => {
    const token = await fixtures.tokenOf(await createRow("invitations", ada, { email: null }));
    return (options) => acceptInvitation(client, token, options);
  },
  declineInvitation: async () => {
    const token = await fixtures.tokenOf(await createRow("invitations", ada, { email: null }));
    return (options) => declineInvitation(client, token, options);
  },
  listMembers: async () => (options) => listMembers(client, options),
  setMemberRole: async () => {
    const { id } = await createRow("users", ada);
    return (options) => setMemberRole(client, id, "admin", options);
  },
  deactivateMember: async () => {
    const { id } = await createRow("users", ada);
    return (options) => deactivateMember(client, id, options);
  },
  activateMember: async () => {
    const { id } = await createRow("users", ada, { is_active: false });
    return (options) => activateMember(client, id, options);
  },
  removeMember: async () => {
    const { id } = await createRow("users", ada);
    return (options) => removeMember(client, id, options);
  },
  leaveTenant: async () => {
    const { client: own, tenant } = await ownTenant();
    await createMember(tenant, { role: "owner" });
    return (options) => leaveTenant(own, options);
  },
  transferOwnership: async () => {
    const { client: own, tenant } = await ownTenant();
    const { id } = await createMember(tenant);
    return (options) => transferOwnership(own, id, options);
  },
  listAuditLog: async () => (options) => listAuditLog(client, options),
  createSession: async () => {
    const { id } = await createRow("brands", ada);
    return (options) => createSession(client, id, {}, options);
  },
  appendSessionMessage: async () => {
    const { id } = await createRow("conversation_sessions", ada);
    return (options) =>
      appendSessionMessage(client, id, { role: "user", content: "Hello" }, options);
  },
  listSessionMessages: async () => (options) => listSessionMessages(client, randomUUID(), options),
  completeSession: async () => {
    const { id } = await createRow("conversation_sessions", ada);
    return (options) => completeSession(client, id, options);
  },
  cancelSession: async () => {
    const { id } = await createRow("conversation_sessions", ada);
    return (options) => cancelSession(client, id, options);
  },
  getSessionCost: async () => (options) => getSessionCost(client, randomUUID(), options),
  getSessionHistory: async () => (options) => getSessionHistory(client, randomUUID(), options),
  getSessionStats: async () => (options) => getSessionStats(client, randomUUID(), options),
  storeDocuments: async () => {
    const documents = [{ content: "Text", embedding: vector(1) }];
    return (options) => storeDocuments(client, documents, options);
  },
  publishDocuments: async () => {
    const documents = [{ content: "Text", embedding: vector(1) }];
    return (options) => publishDocuments(service, documents, options);
  },
  getDocument: async () => (options) => getDocument(client, "none", options),
  searchDocuments: async () => (options) => searchDocuments(client, vector(1), options),
  deleteDocuments: async () => (options) => deleteDocuments(client, { a: randomUUID() }, options),
  clearDocuments: async () => (options) => clearDocuments(client, options),
  appendToAiConversation: async () => {
    const { id } = await createRow("ai_conversations", ada);
    return (options) => appendToAiConversation(client, id, [{ role: "user" }], {}, options);
  },
  getModelUsage: async () => (options) => getModelUsage(client, options),
  callFunction: async () => (options) => callFunction(client, "get_usage_stats", {}, options),
};

describe.each(Object.entries(helpers))("%s", (_name, prepare) => {
  test("sends one request, and none if it was aborted before", async () => {
    const call = await prepare();
    sent = [];
    const aborted = call({ signal: AbortSignal.abort() });
    await expect(aborted).rejects.toMatchObject({ name: "AbortError" });
    expect(sent).toEqual([]);
    await call({ signal: new AbortController().signal });
    expect(sent).toHaveLength(1);
  });

  test("throws the signal's reason if it is aborted during the request", async () => {
    const call = await prepare();
    sent = [];
    const controller = new AbortController();
    const reason = new Error("the user typed on");
    // Abort at the moment of sending. A moment later, the response might have arrived.
    const sentThen: number[] = [];
    onSent = () => {
      sentThen.push(sent.length);
      controller.abort(reason);
    };
    onTestFinished(() => {
      onSent = () => {};
    });
    await expect(call({ signal: controller.signal })).rejects.toBe(reason);
    expect(sentThen[0]).toBe(1);
  });
});

/** A class, and a function that only makes another client. */
const SENDS_NOTHING = ["DatabaseError", "tenantClient"];

test("these tests cover every helper of the package", async () => {
  const functions = Object.entries(await import("../../src/index.ts"))
    .filter(([name, value]) => typeof value === "function" && !SENDS_NOTHING.includes(name))
    .map(([name]) => name);
  expect(functions.sort()).toEqual(Object.keys(helpers).sort());
});

test("every function of the API is called by a helper", async () => {
  const files = (await readdir(join(packageRoot, "src"))).filter((file) => file.endsWith(".ts"));
  const sources = await Promise.all(
    files.map((file) => readFile(join(packageRoot, "src", file), "utf8")),
  );
  const calls = [...sources.join().matchAll(/(?:rpc\(|callFunction\(\s*client,\s*)"(\w+)"/g)];
  const names = await asOwner()`
    select proname from pg_proc
    where pronamespace = 'public'::regnamespace and prorettype <> 'trigger'::regtype
    order by proname`;
  const called = new Set(calls.map(([, name]) => name));
  // Helpers for a team's own functions are optional.
  const ours = names.map(({ proname }) => proname).filter((name) => !(name in team.functions));
  expect([...called].sort()).toEqual(ours);
});

describe("a DatabaseError", () => {
  test("without a code has a displayMessage about the connection", async () => {
    const nowhere = createClient<Database>("http://127.0.0.1:9", "key", {
      realtime: { transport: WebSocket as never },
    });
    const refused = sendMessage(nowhere, randomUUID(), { content: "Hello?" });
    await expect(refused).rejects.toMatchObject({
      name: "DatabaseError",
      code: "",
      displayMessage: "Cannot reach the server. Please check your connection.",
    });
  });

  test.each([
    ["42501", 'new row violates row-level security policy for table "messages"', /not allowed/],
    ["23505", 'duplicate key value violates unique constraint "brands_slug_key"', /already exists/],
    ["23503", 'violates foreign key constraint "messages_fkey"', /no longer exists/],
    ["PGRST116", "The result contains 0 rows", /no longer exists/],
    ["22P02", 'invalid input syntax for type uuid: "x"', /not valid/],
    ["23514", 'violates check constraint "messages_content_is_not_empty_check"', /not valid/],
    ["57014", "canceling statement due to statement timeout", /too long/],
    ["53300", "sorry, too many clients already", /busy/],
    ["PGRST301", "JWT expired", /sign in again/],
    ["XX000", "cache lookup failed for relation 4711", /went wrong/],
    ["23503", 'update or delete on table "brands" violates foreign key constraint', /still in use/],
    ["23503", 'update or delete on table "brands" violates RESTRICT setting', /still in use/],
    ["23514", 'violates check constraint "tenants_name_is_at_most_200_long_check"', /too long/],
    ["22023", 'parameter "p_x" of function "f" cannot be changed', /not valid/],
    ["55000", 'materialized view "summary" has not been populated', /went wrong/],
    ["P0002", "query returned no rows", /no longer exists/],
    ["P0002", "session 7 not found", /^Session 7 not found\.$/],
    ["55000", "session 7 is already delivered", /^Session 7 is already delivered\.$/],
    ["23503", "cannot delete user 7: their usage is kept for billing", /^Cannot delete user 7: /],
  ])("with %s has a displayMessage that an app can show", (code, message, words) => {
    const error = new DatabaseError({ code, message, details: "", hint: "" });
    expect(error.displayMessage).toMatch(words);
    expect(error.displayMessage).not.toMatch(/constraint|policy|relation|"/);
    expect([error.message, error.code, error.hint]).toEqual([message, code, null]);
  });
});
