import type { Caller } from "../callers.ts";
import { DAY, END } from "../data/people.ts";
import type { Pair } from "../measure.ts";
import type { Work } from "../session.ts";

const CONVERSATION = "id, tenant_id, user_id, title, metadata, is_archived, created_at, updated_at";
const MESSAGE = `id, conversation_id, tenant_id, role, content, token_count, model_used, latency_ms,
  metadata, position, created_at`;
const WEEK = [new Date(END - 7 * DAY).toISOString(), new Date(END).toISOString()];
const MONTH = ["2026-10-01", "2026-10-31"];

/** The keys of the reads in the results. */
export const READS = [
  "conversation_list",
  "message_page",
  "tenant_aggregate",
  "feedback_lookup",
  "usage_month",
  "session_open",
  "session_history",
  "session_cost",
] as const;

/**
 * Returns the reads of a member, by key in the results. Each is a pair: under the policies, and as
 * the table owner with the filter written by hand.
 */
export function readsOf(caller: Caller): Record<(typeof READS)[number], Pair> {
  const { tenant, account, conversations, message, brand, session } = caller;
  const conversation = conversations[0] as string;
  const byTenant = (text: (and: string) => string, values: string[]) =>
    pairOf(caller, text, values, `and tenant_id = $${values.length + 1}`, [tenant]);
  const byPerson = (text: (and: string) => string, values: string[]) =>
    pairOf(caller, text, values, `and user_id = $${values.length + 1}`, [account]);
  return {
    conversation_list: byTenant(
      (and) => `select ${CONVERSATION} from public.conversations where not is_archived ${and}
        order by updated_at desc, id desc limit 20`,
      [],
    ),
    message_page: byTenant(
      (and) => `select ${MESSAGE} from public.messages where conversation_id = $1 ${and}
        order by position desc, id desc limit 100`,
      [conversation],
    ),
    tenant_aggregate: byTenant(
      (and) => `select count(*), sum(token_count) from public.messages
        where created_at >= $1 and created_at < $2 ${and}`,
      WEEK,
    ),
    feedback_lookup: byTenant(
      (and) => `select * from public.feedback where message_id = $1 ${and}`,
      [message],
    ),
    usage_month: byTenant(
      (and) => `select * from public.usage_metrics where date >= $1 and date <= $2 ${and}
        order by date, user_id limit 1000`,
      MONTH,
    ),
    session_open: byPerson(
      (and) => `select * from public.conversation_sessions
        where brand_id = $1 and completed_at is null ${and}
        order by last_activity_at desc limit 1`,
      [brand],
    ),
    session_history: {
      ours: work({ account }, "select * from public.get_conversation_history($1, 50)", [session]),
      theirs: work(
        "owner",
        `select * from (
          select * from public.conversation_messages where session_id = $1 and user_id = $2
          order by position desc, id desc limit 50
        ) newest order by position, id`,
        [session, account],
      ),
    },
    session_cost: {
      ours: work({ account }, "select public.get_session_cost($1) as cost", [session]),
      theirs: work(
        "owner",
        `select coalesce(sum(cost_usd), 0) as cost from public.conversation_messages
          where session_id = $1 and cost_usd is not null and user_id = $2`,
        [session, account],
      ),
    },
  };
}

function pairOf(
  { account }: Caller,
  text: (and: string) => string,
  values: string[],
  filter: string,
  own: string[],
): Pair {
  return {
    ours: work({ account }, text(""), values),
    theirs: work("owner", text(filter), [...values, ...own]),
  };
}

function work(as: Work["as"], text: string, values: string[]): Work {
  return { as, text, values: () => values };
}
