/** The comparison of a benchmark, and its goal. */
export interface Goal {
  /** The operation, and after "compared with" the side by which it is divided. */
  what: string;
  /** The goal for the ratio, as text. Absent if the ratio is only reported. */
  goal?: string;
  isMet: (ratio: number) => boolean;
  /** The reason why the goal is met or missed. */
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

/** The page explains this cost once, above the table. */
const MEMBERSHIP = "One membership look-up.";

/** The goals, by key in the results. */
export const goals: Record<string, Goal> = {
  conversation_list: atMost(
    1.2,
    "The newest 20 conversations of the caller's tenant",
    `${MEMBERSHIP} \`idx_conversations_tenant_updated\` has this order. Every other index in this order is partial. So the planner cannot scan the conversations of all tenants in this order.`,
  ),
  message_page: atMost(
    1.1,
    "The newest 100 messages of a conversation",
    `${MEMBERSHIP} The tenant is a column of the message and of the index.`,
  ),
  tenant_aggregate: atMost(
    1.15,
    "The count and the token sum of one week of the tenant's messages",
    `${MEMBERSHIP} Reads a range of \`idx_messages_tenant_created\`.`,
  ),
  aggregate_growth: atMost(
    1.2,
    "`tenant_aggregate` with the full data, compared with a tenth of the other tenants' data",
    "The tenant is the first column of the index, so that other tenants' rows are elsewhere in it.",
  ),
  message_insert: atMost(
    1.35,
    "Insert a message, with policy, foreign key and trigger; compared with one statement that inserts it and updates the time of its conversation",
    "The default of `tenant_id`, the policy and the ownership check each look up the membership. The functions are plpgsql, so their plans are cached.",
  ),
  message_insert_wal: atMost(
    1.02,
    "Bytes of write-ahead log of the same insert",
    "The trigger writes the same rows as the statement by hand.",
  ),
  increment: atMost(
    1.15,
    "`increment_usage_metrics()` for a different user per call, compared with the upsert that it contains",
    "The function is one plpgsql statement, whose plan is cached.",
  ),
  increment_same_row: atMost(
    1.1,
    "The same, with 32 clients on one row",
    "The lock is held only until the statement ends. Updates stay on the page (HOT).",
  ),
  feedback_lookup: atMost(1.3, "The feedback on a message", MEMBERSHIP),
  usage_month: atMost(
    1.3,
    "A month of the tenant's usage by day, read by the tenant's owner",
    "Looks up membership and role once per statement. Reads `idx_usage_metrics_tenant_date`.",
  ),
  session_open: atMost(1.3, "The open session about a brand", MEMBERSHIP),
  session_history: atMost(
    1.3,
    "`get_conversation_history()` of a session with 20 messages",
    MEMBERSHIP,
  ),
  session_cost: atMost(
    1.3,
    "`get_session_cost()`",
    `${MEMBERSHIP} The function is plpgsql, because a sql function would be planned again in every statement. The goal is missed because the query inside the function takes as long to start as a query from the client.`,
  ),
  vector_recall_min: atLeast(
    0.99,
    "The lowest recall of the table “Vector search”",
    "Up to 2,000 rows, the search compares all. Above 2,000, it compares candidates by Hamming distance. Above 50,000, it adds candidates from the index. In 160 searches for ten rows each, the index alone found 98.4 % of the nearest rows.",
  ),
  vector_latency_vs_best: atMost(
    1.25,
    "The highest ratio of the table “Vector search”: the time of the search, divided by the best possible time",
    "The highest ratio is that of the service role, which searches all 200,000 rows (100 %). Computing the Hamming distance of all rows takes 40 to 70 ms. An index alone takes 3 to 5 ms, but can miss rows (see `vector_recall_min`).",
  ),
  vector_threshold: atMost(
    1.1,
    "A search with a threshold that three rows pass, compared with a search without one",
    "The threshold is applied to the results.",
  ),
  refresh_feedback: reported(
    "`refresh materialized view concurrently message_feedback_summary` after 1 % of the rows changed, compared with its query",
    "Computes all rows again and compares them with the old rows.",
  ),
  refresh_usage: reported("The same for `monthly_usage_summary`", "Same as `refresh_feedback`."),
  push_all: reported(
    "Apply all migrations to a database with accounts, compared with an empty database",
    "The migrations create new tables and read no rows.",
  ),
  rollback_all: reported(
    "Roll back all migrations with all rows, compared with no rows",
    "Dropping a table removes its files.",
  ),
  bytes_per_message: atMost(
    1.9,
    "Bytes per message of the table and its indexes, compared with the content plus 72 bytes for the other columns",
    "The table has six indexes. One is BRIN and one is partial.",
  ),
  api_overhead: reported(
    "A page of messages through the local API, compared with its query alone",
    "The API runs in Node, on the same machine.",
  ),
};
