/** What a ratio should be. */
export interface Goal {
  /** As it is written. */
  goal: string;
  isMet: (ratio: number) => boolean;
}

function atMost(limit: number): Goal {
  return { goal: `<= ${limit}`, isMet: (ratio) => ratio <= limit };
}

function atLeast(limit: number): Goal {
  return { goal: `>= ${limit}`, isMet: (ratio) => ratio >= limit };
}

/** The goals, by their keys in the results. What has none is only reported. */
export const goals: Record<string, Goal> = {
  conversation_list: atMost(1.2),
  message_page: atMost(1.1),
  tenant_aggregate: atMost(1.15),
  aggregate_growth: atMost(1.2),
  message_insert: atMost(1.35),
  message_insert_wal: atMost(1.02),
  increment: atMost(1.15),
  increment_same_row: atMost(1.1),
  feedback_lookup: atMost(1.3),
  usage_month: atMost(1.3),
  session_open: atMost(1.3),
  session_history: atMost(1.3),
  session_cost: atMost(1.3),
  vector_recall_min: atLeast(0.99),
  vector_latency_vs_best: atMost(1.25),
  vector_threshold: atMost(1.1),
  bytes_per_message: atMost(1.9),
};
