/** Chats that a client keeps as one document each. */
import { callFunction } from "./request/functions.js";
import type { Client, RequestOptions } from "./request/request.js";
import type { ChatMessage } from "./schema/columns.js";
import type { AiConversation } from "./schema/rows.js";

/**
 * Adds messages to a chat of the caller, in one step: two who append at once both get in. A chat is
 * started by an insert into `ai_conversations`. A backend appends with the user's token: the service
 * role has no chats of its own.
 *
 * @param usage tokens, and cost in US dollars, that the messages add to the chat's totals
 * @returns the whole chat
 * @throws DatabaseError `P0002` when the caller has no such chat, `22023` for negative numbers, `42501`
 *   without a sign-in
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
