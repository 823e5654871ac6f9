/** Chats of the AI integration: a client keeps each chat as one document. */
import { type Client, type RequestOptions, request } from "./request/request.js";
import { wellFormed } from "./request/text.js";
import type { ChatMessage } from "./schema/columns.js";
import type { AiConversationTotals } from "./schema/rows.js";

/**
 * Appends messages to a chat of the caller. The call is atomic, so that concurrent calls lose no
 * message. Create the chat first, by an insert into `ai_conversations`. A backend must use the
 * user's token, because the service role has no chats.
 *
 * @param id the chat, `ai_conversations.id`
 * @param usage.tokens number of tokens to add to the chat's total; 0 by default
 * @param usage.cost US dollars to add to the chat's total; 0 by default
 * @returns the number of messages and the totals of the chat, without the messages
 * @throws DatabaseError `P0002` when the caller has no such chat, `22023` for negative or infinite
 *   numbers, `23514` when the chat would become larger than 4 MB, `42501` when the caller is not
 *   signed in
 *
 * @example
 * const message = { role: "user", content: "Shorter!" };
 * const { message_count } = await appendToAiConversation(supabase, "draft", [message]);
 */
export async function appendToAiConversation(
  client: Client,
  id: string,
  messages: ChatMessage[],
  usage: { tokens?: number | undefined; cost?: number | undefined } = {},
  options: RequestOptions = {},
): Promise<AiConversationTotals> {
  const { tokens: p_tokens, cost: p_cost } = usage;
  const args = { p_id: id, p_messages: messages, p_tokens, p_cost };
  return request(client, options, (database, signal) =>
    database.rpc("append_to_ai_conversation", wellFormed(args)).abortSignal(signal).single(),
  );
}
