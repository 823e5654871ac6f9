import { tableNames, tables } from "../../scripts/contract/index.ts";
import type { FunctionStatement } from "./function-statement.ts";
import type { Seeks } from "./plan.ts";

/** The rows that the statements use. They belong to the caller or to the caller's tenant. */
export interface Known {
  tenant: string;
  /** The caller's membership and account. */
  user: string;
  account: string;
  /** The caller's conversation. The caller has rated its answer. Its question has no rating. */
  conversation: string;
  question: string;
  answer: string;
  /** The caller's open session, and its brand. */
  session: string;
  brand: string;
  chat: string;
  document: string;
}

export interface HotStatement {
  /** The SQL that PostgREST sends for the package's helpers, or a statement of a function. */
  text: string | FunctionStatement;
  values?: (known: Known) => (string | number)[];
  role?: "authenticated" | "service_role" | "postgres";
  /** The conditions by which the index of each table must find the rows. */
  seeks?: Seeks;
  /** Indexes that must be read, including those in functions, triggers and foreign keys. */
  indexes?: string[];
  /** The objections that cannot be avoided. The constants in this file explain them. */
  accepted?: string[];
}

const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();
const dayAgo = (days: number) => daysAgo(days).slice(0, 10);
const LAST_ID = "ffffffff-ffff-ffff-ffff-ffffffffffff";

const ofTenant = ["tenant_id = InitPlan"];
const ofPerson = ["user_id = InitPlan"];

/** The policy on messages checks the conversation's owner per row. Here, this is a single row. */
const asksForConversation = ["calls private.owns_conversation() for each row"];

/** One of the two queries of the monthly summary, which have the same variables. */
function ofMonthlyUsage(containing: string) {
  const from = dayAgo(90);
  return {
    text: {
      function: "private.monthly_usage_summary_of_caller(date, date)",
      containing,
      variables: {
        v_tenant_id: "uuid",
        v_is_admin: "boolean",
        v_user_id: "uuid",
        v_first_live_month: "date",
        p_from: "date",
        v_first_month: "date",
        p_to: "date",
      },
    },
    role: "postgres" as const,
    values: ({ tenant, user }: Known) => [tenant, "true", user, dayAgo(45), from, from, dayAgo(0)],
  };
}

const assistant = {
  "the caller's own tenant": {
    text: "select * from public.tenants",
    seeks: { tenants: ["id = InitPlan"] },
  },
  "the members of the tenant": {
    text: "select * from public.users order by email limit 20",
    seeks: { users: ofTenant },
  },
  "a change of the caller's preferences": {
    text: "update public.users set preferences = $2 where id = $1 returning *",
    values: ({ user }) => [user, "{}"],
    seeks: { users: ofTenant },
  },
  "the newest conversations of the tenant": {
    text: `select * from public.conversations
      where is_archived = $1 order by updated_at desc, id desc limit $2`,
    values: () => ["false", 21],
    seeks: { conversations: ofTenant },
    indexes: ["idx_conversations_tenant_updated"],
  },
  "the next page of the tenant's conversations": {
    text: `select * from public.conversations
      where is_archived = $1 and updated_at <= $2
        and (updated_at < $2 or id < $3)
      order by updated_at desc, id desc limit $4`,
    values: () => ["false", daysAgo(10), LAST_ID, 21],
    seeks: { conversations: [...ofTenant, "updated_at <= ?"] },
    indexes: ["idx_conversations_tenant_updated"],
  },
  "one member's conversations": {
    text: `select * from public.conversations
      where is_archived = $1 and user_id = $2 order by updated_at desc, id desc limit $3`,
    values: ({ user }) => ["false", user, 21],
    seeks: { conversations: [...ofTenant, "user_id = ?"] },
  },
  "a search for conversations by title": {
    text: `select * from public.conversations
      where is_archived = $1 and title ilike $2 order by updated_at desc, id desc limit $3`,
    values: () => ["false", "%fill%", 21],
    seeks: { conversations: ofTenant },
  },
  "the tenant's archived conversations": {
    text: `select * from public.conversations
      where is_archived = $1 order by updated_at desc, id desc limit $2`,
    values: () => ["true", 21],
    seeks: { conversations: ofTenant },
  },
  "a conversation with its newest messages and their ratings": {
    text: `select c.*, coalesce(messages.list, '[]') as messages
      from public.conversations c
      left join lateral (
        select json_agg(page) as list
        from (
          select m.*, coalesce(feedback.list, '[]') as feedback
          from public.messages m
          left join lateral (
            select json_agg(f) as list
            from public.feedback f
            where f.message_id = m.id and f.tenant_id = m.tenant_id
          ) feedback on true
          where m.conversation_id = c.id and m.tenant_id = c.tenant_id
          order by m.position desc, m.id desc
          limit $2
        ) page
      ) messages on true
      where c.id = $1`,
    // One message, because for several the plan shows the mean of their rows, rounded to 0.
    values: ({ conversation }) => [conversation, 1],
    seeks: {
      conversations: [...ofTenant, "id = ?"],
      messages: ["conversation_id = c.id", "tenant_id = c.tenant_id"],
      feedback: ["message_id = m.id", "tenant_id = m.tenant_id"],
    },
  },
  "the next page of a conversation's messages": {
    text: `select * from public.messages
      where conversation_id = $1 and position <= $2
        and (position < $2 or id < $3)
      order by position desc, id desc limit $4`,
    values: ({ conversation }) => [conversation, 2, LAST_ID, 101],
    seeks: { messages: [...ofTenant, "conversation_id = ?", '"position" <= ?'] },
    indexes: ["idx_messages_conversation_created"],
  },
  "a week of the tenant's messages": {
    text: "select count(*), sum(token_count) from public.messages where created_at >= $1",
    values: () => [daysAgo(7)],
    seeks: { messages: [...ofTenant, "created_at >= ?"] },
  },
  "the tenant's ratings of a message": {
    text: "select * from public.feedback where message_id = $1",
    values: ({ answer }) => [answer],
    seeks: { feedback: [...ofTenant, "message_id = ?"] },
  },
  "the tenant's usage in a month": {
    text: `select * from public.usage_metrics
      where date >= $1 and date <= $2 order by date desc, user_id desc limit 1000`,
    values: () => [dayAgo(31), dayAgo(0)],
    seeks: { usage_metrics: [...ofTenant, "date >= ?"] },
  },
  "one member's usage in a month": {
    text: `select * from public.usage_metrics
      where date >= $1 and date <= $2 and user_id = $3
      order by date desc, user_id desc limit 1000`,
    values: ({ user }) => [dayAgo(31), dayAgo(0), user],
    seeks: { usage_metrics: [...ofTenant, "date >= ?"] },
  },
  "today's usage": {
    text: "select * from public.current_day_usage order by user_id desc limit 101",
    seeks: { usage_metrics: ofTenant },
  },
  "the next page of the tenant's usage by day": {
    text: `select * from public.usage_metrics
      where date <= $1 and (date < $1 or user_id < $2) order by date desc, user_id desc limit 101`,
    values: ({ user }) => [dayAgo(1), user],
    seeks: { usage_metrics: [...ofTenant, "date <= ?"] },
  },
  "usage by month": {
    text: `select * from public.get_monthly_usage_summary()
      order by month desc, user_id desc limit 101`,
    indexes: ["idx_monthly_usage_summary_tenant"],
  },
  "usage of past months, in its function": {
    ...ofMonthlyUsage("from public.monthly_usage_summary s"),
    seeks: { monthly_usage_summary: ["tenant_id = ?"] },
  },
  "usage of live months, in its function": {
    ...ofMonthlyUsage("from public.usage_metrics u"),
    seeks: { usage_metrics: ["tenant_id = ?"] },
  },
  "the summary of a conversation's ratings": {
    text: "select * from public.get_message_feedback_summary($1)",
    values: ({ conversation }) => [conversation],
    indexes: ["idx_messages_conversation_created"],
  },
  "the summary of a conversation's ratings, in its function": {
    text: {
      function: "private.message_feedback_summary_of_caller(uuid)",
      containing: "s.conversation_id = p_conversation_id",
      variables: { p_conversation_id: "uuid", v_tenant_id: "uuid" },
    },
    role: "postgres",
    values: ({ conversation, tenant }) => [conversation, tenant],
    seeks: { messages: ["conversation_id = ?", "tenant_id = ?"] },
  },
  "the summary of a tenant's ratings, in its function": {
    text: {
      function: "private.message_feedback_summary_of_caller(uuid)",
      containing: "where s.tenant_id = v_tenant_id",
      variables: { v_tenant_id: "uuid" },
    },
    role: "postgres",
    values: ({ tenant }) => [tenant],
    seeks: { feedback: ["tenant_id = ?"] },
  },
  "a new conversation": {
    text: "insert into public.conversations (title) values ($1) returning *",
    values: () => ["New"],
    indexes: ["idx_users_account"],
  },
  "a new message": {
    text: `insert into public.messages (conversation_id, role, content)
      values ($1, $2, $3) returning *`,
    values: ({ conversation }) => [conversation, "user", "Hello!"],
  },
  "a change of the caller's message": {
    text: "update public.messages set content = $2 where id = $1 returning *",
    values: ({ question }) => [question, "Hello?"],
    seeks: { messages: [...ofTenant, "id = ?"] },
    accepted: asksForConversation,
  },
  "the deletion of the caller's message": {
    text: "delete from public.messages where id = $1",
    values: ({ answer }) => [answer],
    seeks: { messages: [...ofTenant, "id = ?"] },
    indexes: ["idx_feedback_message"],
    accepted: asksForConversation,
  },
  "the first rating of a message": {
    text: `insert into public.feedback (message_id, rating, comment) values ($1, $2, $3)
      on conflict (message_id, user_id) do update set
        message_id = excluded.message_id, rating = excluded.rating, comment = excluded.comment
      returning *`,
    values: ({ question }) => [question, 1, "Well asked"],
    indexes: ["feedback_message_id_user_id_key"],
  },
  "a changed rating of a message": {
    text: `insert into public.feedback (message_id, rating, comment) values ($1, $2, $3)
      on conflict (message_id, user_id) do update set
        message_id = excluded.message_id, rating = excluded.rating, comment = excluded.comment
      returning *`,
    values: ({ answer }) => [answer, -1, "Wrong"],
    indexes: ["feedback_message_id_user_id_key"],
  },
  "the withdrawal of a rating": {
    text: "delete from public.feedback where message_id = $1 returning id",
    values: ({ answer }) => [answer],
    seeks: { feedback: [...ofTenant, "message_id = ?"] },
  },
  "the archiving of the caller's conversation": {
    text: "update public.conversations set is_archived = $2 where id = $1 returning *",
    values: ({ conversation }) => [conversation, "true"],
    seeks: { conversations: [...ofTenant, "id = ?"] },
  },
  "the deletion of the caller's conversation": {
    text: "delete from public.conversations where id = $1",
    values: ({ conversation }) => [conversation],
    seeks: { conversations: [...ofTenant, "id = ?"] },
    indexes: ["idx_messages_conversation_created", "idx_feedback_message"],
  },
  "another request in a day's usage": {
    text: "select * from public.increment_usage_metrics($1, $2, $3, 1, 1, 0.01)",
    values: ({ tenant, user }) => [tenant, user, dayAgo(0)],
    role: "service_role",
    indexes: ["usage_metrics_tenant_id_user_id_date_key"],
  },
  "the first request in a day's usage": {
    text: "select * from public.increment_usage_metrics($1, $2, $3, 1, 1, 0.01)",
    values: ({ tenant, user }) => [tenant, user, dayAgo(1)],
    role: "service_role",
    indexes: ["usage_metrics_tenant_id_user_id_date_key"],
  },
} satisfies Record<string, HotStatement>;

const ofSession = { p_session_id: "uuid" };

const director = {
  "the brands of the tenant": {
    text: "select * from public.brands order by slug limit 20",
    seeks: { brands: ofTenant },
  },
  "the caller's sessions": {
    text: `select * from public.conversation_sessions
      order by last_activity_at desc, id desc limit 20`,
    seeks: { conversation_sessions: ofPerson },
  },
  "the caller's open session for a brand": {
    text: `select * from public.conversation_sessions
      where brand_id = $1 and completed_at is null order by last_activity_at desc limit $2`,
    values: ({ brand }) => [brand, 1],
    seeks: { conversation_sessions: [...ofPerson, "brand_id = ?"] },
  },
  "a page of a session's messages": {
    text: `select * from public.conversation_messages
      where session_id = $1 and (position < $2 or (position = $3 and id < $4))
      order by position desc, id desc limit $5`,
    values: ({ session }) => [session, 2, 2, LAST_ID, 51],
    seeks: { conversation_messages: [...ofPerson, "session_id = ?"] },
  },
  "the history of a session": {
    text: "select * from public.get_conversation_history($1)",
    values: ({ session }) => [session],
    indexes: ["idx_conversation_messages_session_created"],
  },
  "the history of a session, in its function": {
    text: {
      function: "public.get_conversation_history(uuid, integer)",
      containing: "return query",
      variables: { ...ofSession, p_limit: "integer" },
    },
    values: ({ session }) => [session, 50],
    seeks: { conversation_messages: [...ofPerson, "session_id = ?"] },
  },
  "the cost of a session": {
    text: "select public.get_session_cost($1)",
    values: ({ session }) => [session],
    indexes: ["idx_conversation_messages_session_cost"],
  },
  "the cost of a session, in its function": {
    text: {
      function: "public.get_session_cost(uuid)",
      containing: "from public.conversation_messages",
      variables: ofSession,
    },
    values: ({ session }) => [session],
    seeks: { conversation_messages: [...ofPerson, ...ofTenant, "session_id = ?"] },
  },
  "the statistics of a session": {
    text: "select * from public.get_session_message_stats($1)",
    values: ({ session }) => [session],
    indexes: ["idx_conversation_messages_session_created"],
  },
  "the statistics of a session, in its function": {
    text: {
      function: "public.get_session_message_stats(uuid)",
      containing: "from public.conversation_messages",
      variables: ofSession,
    },
    values: ({ session }) => [session],
    seeks: { conversation_messages: [...ofPerson, "session_id = ?"] },
  },
  "one's own use of providers": {
    text: "select * from public.provider_usage_stats",
    seeks: { conversation_messages: ofPerson },
  },
  "one's own messages by day": {
    text: "select * from public.daily_message_volume order by day",
    seeks: { conversation_messages: ofPerson },
  },
  "a new session": {
    text: "insert into public.conversation_sessions (brand_id) values ($1) returning *",
    values: ({ brand }) => [brand],
    indexes: ["brands_pkey"],
  },
  "a change of the caller's session": {
    text: "update public.conversation_sessions set state = $2 where id = $1 returning *",
    values: ({ session }) => [session, "reviewing"],
    seeks: { conversation_sessions: [...ofPerson, "id = ?"] },
  },
  "the delivery of a session": {
    text: "select public.complete_conversation_session($1)",
    values: ({ session }) => [session],
    indexes: ["conversation_sessions_pkey"],
  },
  "the delivery of a session, in its function": {
    text: {
      function: "private.finish_conversation_session(uuid, text)",
      containing: "update public.conversation_sessions",
      variables: { ...ofSession, p_state: "text" },
    },
    values: ({ session }) => [session, "delivered"],
    seeks: { conversation_sessions: [...ofPerson, "id = ?"] },
  },
  "a new message in a session": {
    text: `insert into public.conversation_messages (session_id, role, content)
      values ($1, $2, $3) returning *`,
    values: ({ session }) => [session, "user", "Bolder!"],
    indexes: ["conversation_sessions_pkey"],
  },
} satisfies Record<string, HotStatement>;

/** A search without a filter may find any public document, and most documents here are public. */
const mostArePublic = ["reads most of idx_embeddings_owner"];
/** In addition, the vectors of all documents here have the same signs. */
const allAreAlike = ["reads most of embeddings_pkey", ...mostArePublic];

/** Half of the numbers are positive and half are negative, so that the signs are significant. */
const VECTOR = `[${Array.from({ length: 1536 }, (_, i) => (-1) ** i)}]`;
const QUERY_BITS = "10".repeat(768);

const ownAndPublic = (account: string) => `{${account},00000000-0000-0000-0000-000000000000}`;

const SEARCH = "private.nearest_embeddings(extensions.vector, integer, jsonb, uuid[])";

function ofSearchByHamming(containing: string, others: Record<string, string>) {
  return {
    function: "private.nearest_embeddings_by_hamming(extensions.vector, integer, jsonb, uuid[])",
    caller: SEARCH,
    containing,
    variables: {
      p_owners: "uuid[]",
      p_filter: "jsonb",
      v_query_bits: "bit(1536)",
      ...others,
    },
  };
}

const integration = {
  "the caller's chats": {
    text: `select id, title from public.ai_conversations
      order by updated_at desc, id desc limit 20`,
    seeks: { ai_conversations: ofPerson },
  },
  "a chat": {
    text: "select * from public.ai_conversations where id = $1",
    values: ({ chat }) => [chat],
    seeks: { ai_conversations: [...ofPerson, "id = ?"] },
  },
  "more messages of a chat": {
    text: "select public.append_to_ai_conversation($1, $2)",
    values: ({ chat }) => [chat, '[{"role": "user"}]'],
    indexes: ["ai_conversations_pkey"],
  },
  "more messages of a chat, in its function": {
    text: {
      function: "public.append_to_ai_conversation(text, jsonb, bigint, numeric)",
      containing: "update public.ai_conversations",
      variables: {
        p_id: "text",
        v_account_id: "uuid",
        p_messages: "jsonb",
        p_tokens: "bigint",
        p_cost: "numeric",
      },
    },
    values: ({ chat, account }) => [chat, account, '[{"role": "user"}]', 0, 0],
    seeks: { ai_conversations: ["user_id = ?", "id = ?"] },
  },
  // The policy allows the caller's documents and the public ones. The query selects the caller's.
  "the caller's documents by time": {
    text: `select id, content from public.embeddings
      where user_id = $1 order by created_at desc, id desc limit 20`,
    values: ({ account }) => [account],
    seeks: { embeddings: ["user_id = ?"] },
  },
  "a document, by its id": {
    text: `select id, user_id, content, embedding, metadata, created_at from public.embeddings
      where id = $1 limit $2`,
    values: ({ document }) => [document, 2],
    seeks: { embeddings: ["id = ?", "owner_id = ANY (ARRAY[InitPlan, ?])"] },
    indexes: ["embeddings_pkey"],
  },
  "the check whether a search has few candidates": {
    text: {
      function: SEARCH,
      containing: "into v_rows",
      variables: { p_owners: "uuid[]", v_exact_limit: "integer" },
    },
    role: "postgres",
    values: ({ account }) => [ownAndPublic(account), 2_000],
    seeks: { embeddings: ["owner_id = ANY (?)"] },
    indexes: ["idx_embeddings_owner"],
  },
  "the Hamming distance of the nearest documents": {
    text: ofSearchByHamming("limit v_limit", {
      v_cut_off: "double precision",
      v_limit: "integer",
      v_count: "integer",
    }),
    role: "postgres",
    values: ({ account }) => [ownAndPublic(account), "{}", QUERY_BITS, 1536, 100_000, 10],
    seeks: { embeddings: ["owner_id = ANY (?)"] },
    indexes: ["idx_embeddings_owner"],
    accepted: mostArePublic,
  },
  "the re-ranking of the candidates within the cut-off": {
    text: ofSearchByHamming("cross join lateral", {
      v_cut_off: "double precision",
      p_query: "extensions.vector",
      p_count: "integer",
    }),
    role: "postgres",
    values: ({ account }) => [ownAndPublic(account), "{}", QUERY_BITS, 1536, VECTOR, 10],
    indexes: ["idx_embeddings_owner", "embeddings_pkey"],
    accepted: allAreAlike,
  },
  "a search": {
    text: "select * from public.match_embeddings($1)",
    values: () => [VECTOR],
    indexes: ["idx_embeddings_owner"],
    accepted: allAreAlike,
  },
  "a search with a filter": {
    text: "select * from public.match_embeddings($1, filter => $2)",
    values: () => [VECTOR, '{"source": "source-7"}'],
    indexes: ["idx_embeddings_metadata"],
  },
  "a new document": {
    text: `insert into public.embeddings (id, content, embedding, metadata)
      values ($1, 'New', $2, '{}') on conflict (id, owner_id) do update set
        id = excluded.id, content = excluded.content, embedding = excluded.embedding,
        metadata = excluded.metadata
      returning id`,
    values: () => ["new", VECTOR],
    indexes: ["embeddings_pkey"],
  },
  "the deletion of documents by their metadata": {
    text: "select public.delete_by_metadata($1)",
    values: () => ['{"source": "own"}'],
    indexes: ["idx_embeddings_user_created"],
  },
  "the deletion of documents by their metadata, in its function": {
    text: {
      function: "public.delete_by_metadata(jsonb)",
      containing: "delete from public.embeddings e",
      variables: { filter: "jsonb", v_account_id: "uuid" },
    },
    values: ({ account }) => ['{"source": "own"}', account],
    seeks: { embeddings: ["user_id = ?"] },
  },
  "the deletion of all the caller's documents": {
    text: "select public.clear_all_embeddings()",
    indexes: ["idx_embeddings_user_created"],
  },
  "the caller's calls to models": {
    text: `select * from public.ai_usage where created_at >= $1 order by created_at desc limit 20`,
    values: () => [daysAgo(30)],
    seeks: { ai_usage: [...ofPerson, "created_at >= ?"] },
  },
  "the statistics of the caller's calls to models": {
    text: "select * from public.get_usage_stats(p_start => $1)",
    values: () => [daysAgo(10)],
    indexes: ["idx_ai_usage_archive_user_created"],
  },
  "the statistics of the caller's calls to models, in the function": {
    text: {
      function: "public.get_usage_stats(uuid, timestamptz, timestamptz)",
      containing: "return query",
      variables: { p_user_id: "uuid", p_start: "timestamptz", p_end: "timestamptz" },
    },
    values: ({ account }) => [account, daysAgo(365), daysAgo(0)],
    seeks: { ai_usage: ["user_id = ?"], ai_usage_archive: ["user_id = ?"] },
  },
  "a new call to a model": {
    text: `insert into public.ai_usage (user_id, operation_type, model)
      values ($1, 'chat', 'model') returning *`,
    values: ({ account }) => [account],
    role: "service_role",
    indexes: ["auth.users_pkey"],
  },
} satisfies Record<string, HotStatement>;

/** The statements that applications and the package's helpers send often, by description. */
/** Pages in the order of the ids, which the primary key also has, but for the rows of everybody. */
export const pagesById = Object.fromEntries(
  tableNames
    // Documents are found by two owners, so that no index has their order.
    .filter((table) => tables[table].key !== "id" && table !== "embeddings")
    .map((table): [string, HotStatement] => {
      const { key } = tables[table];
      return [
        `the first rows of ${table} by id`,
        {
          text: `select id from public.${table} order by id limit 20`,
          seeks: { [table]: [`${key} = InitPlan`] },
        },
      ];
    }),
);

export const hotStatements = { ...assistant, ...director, ...integration, ...pagesById };
