/**
 * The backend of the chat, inside Vite's server: answers messages and records their usage. In
 * production, this is a function on your server, with the same two keys.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import {
  type ConversationWithMessages,
  type Database,
  DatabaseError,
  getConversation,
  incrementUsage,
  type Message,
  sendMessage,
  tenantClient,
} from "supabase-ai-schema";
import type { Plugin } from "vite";
import WebSocket from "ws";
import { answerTo, type CannedAnswer } from "./canned.ts";
import { Refusal, readBody, readTenantId, readToken, refusalFor } from "./requests.ts";

/** The URL and keys of a stack. The page gets only the URL and the publishable key. */
export interface BackendStack {
  url: string;
  publishableKey: string;
  /** The secret key, which bypasses row level security. */
  secretKey: string;
}

type Client = SupabaseClient<Database>;

/**
 * Answers `POST /api/reply` with `{ conversation_id }` and the caller's token. The header
 * `x-tenant-id` names one of the caller's tenants; without it, the request is for their default.
 */
export function chatBackend(stack: BackendStack): Plugin {
  return {
    name: "chat-backend",
    configureServer({ middlewares }) {
      middlewares.use("/api/reply", (request, response) => respond(stack, request, response));
    },
  };
}

async function respond(stack: BackendStack, request: IncomingMessage, response: ServerResponse) {
  let status = 201;
  let body: object;
  try {
    body = await reply(stack, request);
  } catch (error) {
    ({ status, ...body } = refusalFor(error));
    if (status >= 500) console.error(error);
  }
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
  response.end(JSON.stringify(body));
}

async function reply(stack: BackendStack, request: IncomingMessage): Promise<Message> {
  const token = readToken(request);
  const { conversation_id } = await readBody(request);
  // Uses the caller's token, so that row level security decides what they can read and write.
  const tenantId = readTenantId(request);
  const account = clientOf(stack.url, stack.publishableKey, token);
  const asCaller = tenantId === undefined ? account : tenantClient(account, tenantId);
  const conversation = await open(asCaller, conversation_id);
  const answer = answerTo(conversation.messages);
  const message = await sendMessage(asCaller, conversation.id, {
    role: "assistant",
    content: answer.content,
    token_count: answer.completionTokens,
    model_used: answer.model,
    latency_ms: answer.latencyMs,
  });
  await recordUsage(clientOf(stack.url, stack.secretKey), conversation, answer);
  return message;
}

/** Returns the conversation with its last messages, as the input of a model. */
async function open(asCaller: Client, id: string): Promise<ConversationWithMessages> {
  const conversation = await getConversation(asCaller, id, { limit: 20 }).catch((error) => {
    // A token without an account, such as the publishable key, fails with 42501. Members of other
    // tenants find nothing.
    if (error instanceof DatabaseError && error.code === "42501") {
      throw new Refusal(401, "28000", "sign-in required");
    }
    throw error;
  });
  if (!conversation) throw new Refusal(404, "P0002", "conversation not found");
  if (conversation.messages.at(-1)?.role !== "user") {
    throw new Refusal(409, "55000", "the conversation has no message to answer");
  }
  return conversation;
}

/** Records the usage of the conversation's owner, who is the caller. */
async function recordUsage(
  asService: Client,
  { tenant_id, user_id }: ConversationWithMessages,
  { promptTokens, completionTokens, costUsd }: CannedAnswer,
) {
  await incrementUsage(asService, {
    tenantId: tenant_id,
    userId: user_id,
    promptTokens,
    completionTokens,
    cost: costUsd,
  });
}

/** Creates a client for a key and, if given, the account of a token. */
function clientOf(url: string, key: string, token = key): Client {
  return createClient<Database>(url, key, {
    accessToken: async () => token,
    // Node 20 has no WebSocket.
    realtime: { transport: WebSocket as never },
  });
}
