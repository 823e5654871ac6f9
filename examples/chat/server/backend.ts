/**
 * The chat's backend, inside Vite's server: it answers a message, and writes down what that took. In
 * production this is a function of yours on a server; the two keys and their parts stay the same.
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
} from "supabase-ai-schema";
import type { Plugin } from "vite";
import WebSocket from "ws";
import { answerTo, type CannedAnswer } from "./canned.ts";
import { Refusal, readBody, readToken, refusalFor } from "./requests.ts";

/** What the backend knows of a stack: the page knows the first two. */
export interface BackendStack {
  url: string;
  publishableKey: string;
  /** The key that row level security does not bind. */
  secretKey: string;
}

type Client = SupabaseClient<Database>;

/** Answers `POST /api/reply` with `{ conversation_id }` and the caller's token. */
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
  // With the caller's own token: row level security decides what they may read, and write.
  const asCaller = clientOf(stack.url, stack.publishableKey, token);
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

/** The conversation with the end of what was said, which is what a model would get to see. */
async function open(asCaller: Client, id: string): Promise<ConversationWithMessages> {
  const conversation = await getConversation(asCaller, id, { limit: 20 }).catch((error) => {
    // Whoever has signed in may ask for any conversation, and finds none of other tenants.
    if (error instanceof DatabaseError && error.code === "42501") {
      throw new Refusal(401, "28000", "sign in first");
    }
    throw error;
  });
  if (!conversation) throw new Refusal(404, "P0002", "there is no such conversation");
  if (conversation.messages.at(-1)?.role !== "user") {
    throw new Refusal(409, "55000", "there is nothing to answer");
  }
  return conversation;
}

/** The caller has just written in the conversation, and so is its owner: the use is theirs. */
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

/** A client that acts as the key says or, with a token, as whom the token names. */
function clientOf(url: string, key: string, token = key): Client {
  return createClient<Database>(url, key, {
    accessToken: async () => token,
    // Node 20 has no WebSocket of its own.
    realtime: { transport: WebSocket as never },
  });
}
