import { inject } from "vitest";
import { vector } from "../../scripts/contract/integration/vectors.ts";
import { readReport } from "../../scripts/operations/report/collect.ts";
import { createTenant, type Member, signUp } from "../support/actors.ts";
import { asOwner, serviceClient } from "../support/clients.ts";
import { createRow, must } from "../support/rows.ts";

type Query = () => PromiseLike<unknown>;

const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();
const dayAgo = (days: number) => daysAgo(days).slice(0, 10);

/** Counts rows without reading them out. */
const COUNT = { count: "exact", head: true } as const;

/**
 * The query that each index is there for, by the index. Members and backends ask through the API;
 * what the owner does is the maintenance, the report, and what foreign keys do on a delete.
 *
 * @param ada an owner of her tenant, who has rows in every table
 */
export async function hotQueries(ada: Member): Promise<Record<string, Query>> {
  const { client } = ada;
  const backend = serviceClient();
  const sql = asOwner();
  const id = {
    conversation: await firstId(client.from("conversations").select("id").eq("user_id", ada.id)),
    message: await firstId(client.from("messages").select("id").eq("role", "assistant")),
    feedback: await firstId(client.from("feedback").select("id").eq("user_id", ada.id)),
    usage: await firstId(client.from("usage_metrics").select("id")),
    brand: await firstId(client.from("brands").select("id").eq("slug", "filler-3")),
    session: await firstId(client.from("conversation_sessions").select("id")),
    turn: await firstId(client.from("conversation_messages").select("id")),
    chat: await firstId(client.from("ai_conversations").select("id")),
    document: await firstId(client.from("embeddings").select("id").eq("user_id", ada.account)),
    call: await firstId(client.from("ai_usage").select("id")),
    archivedCall: await firstId(client.from("ai_usage_archive").select("id")),
  };
  const { slug } = await createTenant();
  const report = () => readReport(inject("stack").DB_URL);
  const search = (filter: object) =>
    client.rpc("match_embeddings", { query_embedding: vector(1), filter: filter as never });

  return {
    tenants_pkey: () => client.from("tenants").select(),
    tenants_slug_key: () => backend.from("tenants").select().eq("slug", slug),

    users_pkey: () => backend.from("users").select().eq("id", ada.id),
    users_auth_id_key: () => client.from("tenants").select("name"),
    users_tenant_id_email_key: () => client.from("users").select().order("email").limit(5),
    idx_users_unlinked_email: () => signUp(),

    conversations_pkey: () => client.from("conversations").select().eq("id", id.conversation),
    idx_conversations_user_updated: () =>
      client.from("conversations").select().eq("user_id", ada.id).order("updated_at").limit(20),
    idx_conversations_tenant_updated: () =>
      client
        .from("conversations")
        .select()
        .order("updated_at", { ascending: false })
        .order("id", { ascending: false })
        .limit(20),
    idx_conversations_tenant_created: () =>
      client.from("conversations").select("*", COUNT).gte("created_at", daysAgo(7)),
    idx_conversations_tenant_archived: () =>
      client.from("conversations").select().eq("is_archived", true).order("updated_at"),
    idx_conversations_idle: () => sql`select private.archive_idle_conversations()`,

    messages_pkey: () => client.from("messages").select().eq("id", id.message),
    idx_messages_conversation_created: () =>
      client
        .from("messages")
        .select()
        .eq("conversation_id", id.conversation)
        .order("created_at")
        .order("id"),
    idx_messages_tenant_created: () =>
      client.from("messages").select("*", COUNT).gte("created_at", daysAgo(7)),
    idx_messages_tenant_model: () =>
      client.from("messages").select("latency_ms").eq("model_used", "model-3"),
    idx_messages_tenant_slow: () =>
      client.from("messages").select().gte("latency_ms", 10_000).order("created_at"),
    idx_messages_created: () =>
      backend
        .from("messages")
        .select("*", COUNT)
        .gte("created_at", daysAgo(12))
        .lt("created_at", daysAgo(9)),

    feedback_pkey: () => client.from("feedback").select().eq("id", id.feedback),
    feedback_message_id_user_id_key: () =>
      backend
        .from("feedback")
        .upsert(
          { message_id: id.message, user_id: ada.id, tenant_id: ada.tenant_id, rating: 1 },
          { onConflict: "message_id,user_id" },
        ),
    idx_feedback_message: () => client.from("feedback").select().eq("message_id", id.message),
    idx_feedback_user: () => client.from("feedback").select().eq("user_id", ada.id),
    idx_feedback_tenant_created: () =>
      client.from("feedback").select("*", COUNT).gte("created_at", daysAgo(7)),
    idx_message_feedback_summary_conversation: () =>
      client.rpc("get_message_feedback_summary", { p_conversation_id: id.conversation }),
    idx_message_feedback_summary_message: () =>
      backend.from("message_feedback_summary").select().eq("message_id", id.message),

    usage_metrics_pkey: () => client.from("usage_metrics").select().eq("id", id.usage),
    usage_metrics_tenant_id_user_id_date_key: () =>
      backend.rpc("increment_usage_metrics", {
        p_tenant_id: ada.tenant_id,
        p_user_id: ada.id,
        p_date: dayAgo(0),
        p_prompt_tokens: 1,
        p_completion_tokens: 1,
        p_cost: 0.01,
      }),
    idx_usage_metrics_user: () =>
      backend.from("usage_metrics").select().eq("user_id", ada.id).order("date"),
    idx_usage_metrics_tenant_date: () =>
      client.from("usage_metrics").select().gte("date", dayAgo(15)),
    idx_usage_metrics_date: report,
    idx_usage_metrics_created: () =>
      backend
        .from("usage_metrics")
        .select("*", COUNT)
        .gte("created_at", daysAgo(26))
        .lt("created_at", daysAgo(22)),
    idx_usage_metrics_late: () => sql`
      select id from public.usage_metrics
      where tenant_id = ${ada.tenant_id} and date >= ${dayAgo(31)}
        and date < (created_at at time zone 'utc')::date`,
    idx_monthly_usage_summary_tenant: () => client.rpc("get_monthly_usage_summary"),

    brands_pkey: () => client.from("brands").select().eq("id", id.brand),
    brands_tenant_id_slug_key: () => client.from("brands").select().eq("slug", "filler-3"),

    conversation_sessions_pkey: () =>
      client.from("conversation_sessions").select().eq("id", id.session),
    idx_conversation_sessions_user_activity: () =>
      client.from("conversation_sessions").select().order("last_activity_at").limit(5),
    idx_conversation_sessions_open: () =>
      client
        .from("conversation_sessions")
        .select()
        .eq("brand_id", id.brand)
        .is("completed_at", null)
        .order("last_activity_at", { ascending: false })
        .limit(1),
    // What the foreign key does when a brand is deleted.
    idx_conversation_sessions_brand: async () => {
      const brand = await createRow("brands", ada);
      return client.from("brands").delete().eq("id", brand.id);
    },
    idx_conversation_sessions_idle: () => sql`
      select id from public.conversation_sessions
      where completed_at is null and last_activity_at at time zone 'utc' < ${daysAgo(290)}`,
    idx_conversation_sessions_finished: () => sql`select private.delete_finished_sessions()`,

    conversation_messages_pkey: () =>
      client.from("conversation_messages").select().eq("id", id.turn),
    idx_conversation_messages_session_created: () =>
      client.rpc("get_conversation_history", { p_session_id: id.session }),
    idx_conversation_messages_session_cost: () =>
      client.rpc("get_session_cost", { p_session_id: id.session }),
    idx_conversation_messages_user_created: () =>
      client.from("conversation_messages").select().order("created_at").limit(5),
    idx_conversation_messages_user_provider: () => client.from("provider_usage_stats").select(),
    idx_conversation_messages_brand_created: () =>
      backend.from("conversation_messages").select("cost_usd").eq("brand_id", id.brand),
    idx_conversation_messages_delegated: () =>
      client
        .from("conversation_messages")
        .select("delegation_plan")
        .eq("session_id", id.session)
        .neq("delegation_plan", "{}" as never),
    idx_conversation_messages_created: () =>
      backend
        .from("conversation_messages")
        .select("*", COUNT)
        .eq("role", "assistant")
        .gte("created_at", daysAgo(21))
        .lt("created_at", daysAgo(19)),

    ai_conversations_pkey: () => client.from("ai_conversations").select().eq("id", id.chat),
    idx_ai_conversations_user_updated: () =>
      client.from("ai_conversations").select("title").order("updated_at").limit(5),
    idx_ai_conversations_user_model: () =>
      client.from("ai_conversations").select("title").eq("model", "model-3"),
    idx_ai_conversations_created: () =>
      backend
        .from("ai_conversations")
        .select("*", COUNT)
        .gte("created_at", daysAgo(12))
        .lt("created_at", daysAgo(9)),

    embeddings_pkey: () => client.from("embeddings").select("content").eq("id", id.document),
    idx_embeddings_user_created: () =>
      client
        .from("embeddings")
        .select("content")
        .eq("user_id", ada.account)
        .order("created_at")
        .limit(5),
    idx_embeddings_owner: () => search({}),
    idx_embeddings_metadata: () => search({ source: "source-7" }),
    idx_embeddings_vector: () => search({ shared: true }),
    idx_embeddings_created: () =>
      backend
        .from("embeddings")
        .select("*", COUNT)
        .gte("created_at", daysAgo(12))
        .lt("created_at", daysAgo(9)),

    ai_usage_pkey: () => client.from("ai_usage").select().eq("id", id.call),
    idx_ai_usage_user_created: () =>
      client.from("ai_usage").select().gte("created_at", daysAgo(10)).order("created_at"),
    idx_ai_usage_created: () => sql`select private.move_old_ai_usage()`,
    idx_ai_usage_user_operation: () =>
      client.from("ai_usage").select().eq("operation_type", "operation-3"),
    idx_ai_usage_user_model: () => client.from("ai_usage").select().eq("model", "model-3"),
    ai_usage_archive_pkey: () => client.from("ai_usage_archive").select().eq("id", id.archivedCall),
    idx_ai_usage_archive_user_created: () => client.rpc("get_usage_stats", { p_end: daysAgo(300) }),

    idx_maintenance_runs_task_started: report,
    size_snapshots_pkey: () => sql`select private.record_sizes()`,
  };
}

async function firstId(query: {
  limit: (n: 1) => {
    single: () => PromiseLike<{ data: { id: string } | null; error: Error | null }>;
  };
}): Promise<string> {
  return must(await query.limit(1).single()).id;
}
