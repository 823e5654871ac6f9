import { DatabaseError, type Message } from "supabase-ai-schema";
import type { Session } from "./session.ts";

/** Requests the assistant's answer from the backend, with the caller's token and tenant. */
export async function askForReply(
  { client, tenant, signal }: Session,
  conversationId: string,
): Promise<Message> {
  const { data } = await client.auth.getSession();
  const response = await fetch("/api/reply", {
    method: "POST",
    headers: {
      authorization: `Bearer ${data.session?.access_token}`,
      "content-type": "application/json",
      "x-tenant-id": tenant.id,
    },
    body: JSON.stringify({ conversation_id: conversationId }),
    signal,
  });
  const body = await response.json();
  // The backend returns the code and message of a database error unchanged.
  if (!response.ok) throw new DatabaseError(body);
  return body;
}
