import type { Caller } from "../callers.ts";
import { idOf, tenantsOfUsers } from "../data/people.ts";
import type { Size } from "../data/size.ts";
import type { Pair } from "../measure.ts";

const CONTENT = "What did we agree on for the launch, and who takes it from here? ".repeat(5);

/**
 * Inserts a message into each of the caller's conversations. By hand, one statement inserts the
 * message and updates the time of the conversation.
 */
export function messageInsert({ account, tenant, conversations }: Caller): Pair {
  const conversation = (n: number) => conversations[n] as string;
  const effects = {
    text: `select m.tenant_id, m.role, m.content, c.updated_at = now() as is_moved
      from public.messages m
      join public.conversations c on c.id = m.conversation_id and c.tenant_id = m.tenant_id
      where m.conversation_id = $1 and m.created_at = now()`,
    values: (n: number) => [conversation(n)],
  };
  return {
    most: conversations.length,
    ours: {
      as: { account },
      text: "insert into public.messages (conversation_id, role, content) values ($1, 'user', $2)",
      values: (n) => [conversation(n), CONTENT],
      effects,
    },
    theirs: {
      as: "owner",
      setup: "alter table public.messages disable trigger trigger_messages_update_conversation",
      text: `with message as (
          insert into public.messages (conversation_id, tenant_id, role, content, position)
          values ($1, $2, 'user', $3, (
            select coalesce(max(position), 0) + 1 from public.messages
            where conversation_id = $1 and tenant_id = $2
          ))
        )
        update public.conversations set updated_at = now() where id = $1 and tenant_id = $2`,
      values: (n) => [conversation(n), tenant, CONTENT],
      effects,
    },
  };
}

/** The upsert of `increment_usage_metrics()`, without its checks. */
export const UPSERT = `insert into public.usage_metrics as u (
    tenant_id, user_id, date, prompt_tokens, completion_tokens, total_tokens, request_count,
    estimated_cost
  )
  values ($1, $2, $3, $4, $5, $4::bigint + $5::bigint, 1, $6)
  on conflict (tenant_id, user_id, date) do update set
    prompt_tokens = u.prompt_tokens + excluded.prompt_tokens,
    completion_tokens = u.completion_tokens + excluded.completion_tokens,
    total_tokens = u.total_tokens + excluded.total_tokens,
    request_count = u.request_count + 1,
    estimated_cost = u.estimated_cost + excluded.estimated_cost
  returning *`;

export const INCREMENT = "select * from public.increment_usage_metrics($1, $2, $3, $4, $5, $6)";

/** Counts a request of a different user each time, on a day that already has a row. */
export function increment(size: Size): Pair {
  const tenantOf = tenantsOfUsers(size);
  const values = (n: number) => {
    const user = (n * 37) % size.users;
    const tenant = idOf("tenant", tenantOf[user] as number);
    return [tenant, idOf("user", user), "2026-10-31", "100", "50", "0.000123"];
  };
  return {
    most: Math.min(100, size.users),
    ours: { as: "service", text: INCREMENT, values },
    theirs: { as: "owner", text: UPSERT, values },
  };
}
