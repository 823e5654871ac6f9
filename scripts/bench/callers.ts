import { idOf, LARGEST_TENANT, ownerOf, TYPICAL_TENANT } from "./data/people.ts";
import { sessionOf } from "./data/rows.ts";
import { SESSIONS_OF_USER, type Size } from "./data/size.ts";
import type { Session } from "./session.ts";

/** Somebody who asks, with what is theirs. */
export interface Caller {
  name: "typical" | "largest";
  account: string;
  user: string;
  tenant: string;
  brand: string;
  /** All of theirs, by their ids; the first is the long one. */
  conversations: string[];
  /** One that has feedback. */
  message: string;
  /** The open one. */
  session: string;
}

/** The owner of the typical tenant, and that of the largest. */
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
  // What depends on how the conversations were interleaved is looked up.
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
