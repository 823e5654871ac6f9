import { idOf, LARGEST_TENANT, ownerOf, TYPICAL_TENANT } from "./data/people.ts";
import { sessionOf } from "./data/rows.ts";
import { SESSIONS_OF_USER, type Size } from "./data/size.ts";
import type { Session } from "./session.ts";

/** A caller, with the ids of their rows. */
export interface Caller {
  name: "typical" | "largest";
  account: string;
  user: string;
  tenant: string;
  brand: string;
  /** The ids of all conversations of the caller. The first one is the longest. */
  conversations: string[];
  /** The id of a message with feedback. */
  message: string;
  /** The id of the open session. */
  session: string;
}

/** Returns the owner of the typical tenant and the owner of the largest tenant. */
export function callersIn(session: Session, size: Size): Promise<Caller[]> {
  return Promise.all([
    callerIn(session, size, "typical", TYPICAL_TENANT),
    callerIn(session, size, "largest", LARGEST_TENANT),
  ]);
}

async function callerIn(
  session: Session,
  size: Size,
  name: Caller["name"],
  tenant: number,
): Promise<Caller> {
  const owner = ownerOf(tenant, size);
  const user = idOf("user", owner);
  // Looked up in the database, because the ids depend on how the conversations interleave.
  const conversations = await session.query<{ id: string; message: string | null }>(`
    select c.id, (
      select min(f.message_id::text) from public.feedback f
      join public.messages m on m.id = f.message_id and m.tenant_id = f.tenant_id
      where m.conversation_id = c.id
    ) as message
    from public.conversations c
    where c.user_id = '${user}'
    order by (select count(*) from public.messages m where m.conversation_id = c.id) desc, c.id`);
  return {
    name,
    account: idOf("account", owner),
    user,
    tenant: idOf("tenant", tenant),
    brand: idOf("brand", tenant),
    conversations: conversations.map(({ id }) => id),
    message: conversations.find(({ message }) => message)?.message as string,
    session: sessionOf(owner, SESSIONS_OF_USER - 1, size).id,
  };
}
