/** Chats of the AI integration: a client keeps each chat as one document. */
import { callFunction } from "./request/functions.js";
import type { Client, RequestOptions } from "./request/request.js";
import type { ChatMessage } from "./schema/columns.js";
import type { AiConversation } from "./schema/rows.js";

/**
 * Appends messages to a chat of the caller. Atomic, so that concurrent calls lose no message.
 * Create the chat first, by an insert into `ai_conversations`. A backend must use the user's token,
 * because the service role has no chats.
 *
 * @param usage tokens, and cost in US dollars, to add to the totals of the chat
 * @returns the whole chat
 * @throws DatabaseError `P0002` when the caller has no such chat, `22023` for negative numbers,
 *   `42501` without a sign-in
 *
 * @example
 * const chat = await appendToAiConversation(supabase, "draft", [{ role: "user", content: "Shorter!" }]);
 */
export async function appendToAiConversation(
  client: Client,
  id: string,
  messages: ChatMessage[],
  usage: { tokens?: number | undefined; cost?: number | undefined } = {},
  options: RequestOptions = {},
): Promise<AiConversation> {
  const { tokens: p_tokens, cost: p_cost } = usage;
  const args = { p_id: id, p_messages: messages, p_tokens, p_cost };
  return callFunction(client, "append_to_ai_conversation", args, options);
}
