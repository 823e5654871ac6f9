/** What a benchmark compares, and what should come of it. */
export interface Goal {
  /** The operation, and what it is divided by. */
  what: string;
  /** How the ratio should be, as it is written; absent for what is only reported. */
  goal?: string;
  isMet: (ratio: number) => boolean;
  /** What makes it so, or what keeps it from being so. */
  why: string;
}

function atMost(limit: number, what: string, why: string): Goal {
  return { what, goal: `≤ ${limit}`, isMet: (ratio) => ratio <= limit, why };
}

function atLeast(limit: number, what: string, why: string): Goal {
  return { what, goal: `≥ ${limit}`, isMet: (ratio) => ratio >= limit, why };
}

function reported(what: string, why: string): Goal {
  return { what, isMet: () => true, why };
}

const MEMBERSHIP =
  "One look-up of the caller's membership a statement, whatever the statement reads: 0.02 ms of the server's time, which is as much as a statement that finds a few rows takes by itself.";

/** By their keys in the results. */
export const goals: Record<string, Goal> = {
  conversation_list: atMost(
    1.2,
    "The newest 20 conversations of one's tenant",
    `${MEMBERSHIP} \`idx_conversations_tenant_updated\` has their order; indexes on everybody's times cannot be read in it.`,
  ),
  message_page: atMost(
    1.1,
    "The newest 100 messages of a conversation",
    `${MEMBERSHIP} The tenant is a column of the message and of the index.`,
  ),
  tenant_aggregate: atMost(
    1.15,
    "Count and sum over a week of one's tenant's messages",
    `${MEMBERSHIP} A range of \`idx_messages_tenant_created\`.`,
  ),
  aggregate_growth: atMost(
    1.2,
    "The same with ten times as many others, divided by itself before",
    "The tenant leads the index, so that others' rows lie elsewhere in it.",
  ),
  message_insert: atMost(
    1.35,
    "A message with policy, key and trigger; by hand, the message and the time of its conversation in one statement",
    "The default of the key, the policy and the ownership of the conversation each look the membership up; functions in plpgsql keep their plans.",
  ),
  message_insert_wal: atMost(
    1.02,
    "Bytes of write-ahead log of it",
    "The trigger writes what the statement by hand writes, and nothing else.",
  ),
  increment: atMost(
    1.15,
    "`increment_usage_metrics()`, another person each time; the upsert that it is",
    "One statement in plpgsql, whose plan is kept.",
  ),
  increment_same_row: atMost(
    1.1,
    "The same, 32 clients on one row",
    "The row's lock is held for the rest of one statement; updates stay on the page (HOT).",
  ),
  feedback_lookup: atMost(1.3, "The feedback of a message", MEMBERSHIP),
  usage_month: atMost(
    1.3,
    "A month of one's tenant's usage by day, as its owner",
    "Membership and role are looked up once a statement; `idx_usage_metrics_tenant_date`.",
  ),
  session_open: atMost(1.3, "The open session about a brand", MEMBERSHIP),
  session_history: atMost(1.3, "`get_conversation_history()`, all 20 of a session", MEMBERSHIP),
  session_cost: atMost(
    1.3,
    "`get_session_cost()`",
    `${MEMBERSHIP} In plpgsql, since in sql it would be planned anew in every statement; still, the query within has as much to set up as one from outside.`,
  ),
  vector_recall_min: atLeast(
    0.99,
    "The lowest recall@10 of four owners and the backend, with four filters; compared with all rows one by one",
    "Exact up to 2,000 rows; above, the rows whose signs are like the query's are compared; above 50,000, those that the index finds besides. The index alone found 0.984 of the 1,600 nearest in 160 searches of all rows.",
  ),
  vector_latency_vs_best: atMost(
    1.25,
    "The worst of these, divided by the better of two: the owner's rows one by one, and an index over that owner's rows alone that reaches the same recall",
    "Missed most where the owner has very many rows (100 %): to read the signs of 200,000 takes 40 to 70 ms, and an index alone 3 to 5 when its graph is a good one, but see above. Then where 2,000 rows are compared one by one (1 %), which takes four times as long as an index over these alone, and where signs are read twice (10 %, 50 %). Small owners pay 0.4 ms for the choice of a way.",
  ),
  vector_threshold: atMost(
    1.1,
    "A search with a threshold that three rows pass; without",
    "The threshold is applied to what was found.",
  ),
  refresh_feedback: reported(
    "`refresh materialized view concurrently message_feedback_summary` after 1 % change; its query",
    "Recomputes all, and compares it with what was there.",
  ),
  refresh_usage: reported("The same of `monthly_usage_summary`", "The same."),
  push_all: reported(
    "All migrations up in a database whose accounts are there; in an empty one",
    "They make new tables, and look at no row.",
  ),
  rollback_all: reported(
    "All migrations down, with all rows; with none",
    "Dropping a table removes its files.",
  ),
  bytes_per_message: atMost(
    1.9,
    "Table and all indexes of messages; content and 72 bytes each",
    "Six indexes, of which one is BRIN and two are partial.",
  ),
  api_overhead: reported(
    "The page of messages through the local API; the query alone",
    "The API runs in Node, on the same machine.",
  ),
};
