/** The row type of each section's query in `queries/`. Dates and times are ISO 8601. */
export interface SectionRows {
  active_users: { day: string; assistant: number; director: number; integration: number };
  feedback: { day: string; positive: number; negative: number };
  tenant_usage: {
    /** Null for the row that sums the tenants after the tenth. */
    name: string | null;
    slug: string | null;
    tenants: number;
    prompt_tokens: number;
    completion_tokens: number;
    request_count: number;
    /** US dollars as decimal text, exact. */
    cost: string;
  };
  sizes: {
    relation: string;
    table_bytes: number;
    index_bytes: number;
    total_bytes: number;
    /** Null until the relation is first analyzed. */
    estimated_rows: number | null;
  };
  size_history: { day: string; table_bytes: number; index_bytes: number };
  growth: {
    relation: string;
    since: string;
    until: string;
    bytes_before: number;
    bytes_after: number;
  };
  unused_indexes: { index: string; relation: string; bytes: number };
  slow_queries: {
    query: string;
    role: string;
    calls: number;
    mean_ms: number;
    max_ms: number;
    total_ms: number;
    rows: number;
  };
  matviews: {
    view: string;
    /** Whether the daily maintenance refreshes the view. */
    is_maintained: boolean;
    refreshed_at: string | null;
    data_since: string | null;
    total_bytes: number;
  };
  maintenance: {
    task: string;
    started_at: string;
    duration_ms: number;
    rows_affected: number | null;
    /** The error of the last run, or null if it succeeded. */
    error: string | null;
    succeeded_at: string | null;
  };
  repeated_calls: { calls: number };
  ownerless_tenants: { slug: string; name: string };
}

export type SectionName = keyof SectionRows;

/** The rows, or why there are none: a relation is missing, or the query failed. */
export type Section<Row> = { rows: Row[] } | { missing: string } | { error: string };

export type Sections = { [Name in SectionName]: Section<SectionRows[Name]> };

interface SectionSource {
  /** The file in `queries/`. */
  query: string;
  /** The relations that the query reads and that a database may lack. */
  needs: string[];
}

const usage = "public.usage_metrics";
const runs = "private.maintenance_runs";
const snapshots = "private.size_snapshots";

/** The source of each section, in the order in which they are read. */
export const sectionSources: Record<SectionName, SectionSource> = {
  active_users: {
    query: "active-users.sql",
    needs: [usage, "public.conversation_messages", "public.ai_usage"],
  },
  feedback: { query: "feedback.sql", needs: ["public.feedback"] },
  tenant_usage: { query: "tenant-usage.sql", needs: [usage] },
  sizes: { query: "sizes.sql", needs: [] },
  size_history: { query: "size-history.sql", needs: [snapshots] },
  growth: { query: "growth.sql", needs: [snapshots] },
  unused_indexes: { query: "unused-indexes.sql", needs: [] },
  slow_queries: { query: "slow-queries.sql", needs: ["pg_stat_statements"] },
  matviews: { query: "matviews.sql", needs: [runs] },
  maintenance: { query: "maintenance.sql", needs: [runs] },
  repeated_calls: {
    query: "repeated-calls.sql",
    needs: ["public.ai_usage", "public.ai_usage_archive"],
  },
  ownerless_tenants: {
    query: "ownerless-tenants.sql",
    needs: ["public.tenants", "public.users"],
  },
};
