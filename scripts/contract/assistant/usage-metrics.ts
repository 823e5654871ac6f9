import { byService, selfAndAdmins, writtenByNobody, writtenByService } from "../callers.ts";
import { anyId, anyTime, closed, generatedId, stampedTime, uniqueDay } from "../columns.ts";
import {
  COUNT,
  dayAgo,
  daysAgo,
  type FunctionContract,
  type TableContract,
  type ViewContract,
} from "../table.ts";

export const usage_metrics: TableContract<"usage_metrics"> = {
  key: "tenant_id",
  userIs: "membership",
  promised: { indexes: 7, policies: 3 },
  access: { select: [selfAndAdmins, "nothing"], ...writtenByService },
  columns: {
    id: generatedId,
    tenant_id: closed(anyId),
    user_id: closed(anyId),
    // Today, a day whose month is still summed live, and a day of a past month.
    date: closed(anyTime, { samples: ["today", "yesterday", "2025-01-15"] }),
    prompt_tokens: closed(7, { samples: [100, 101, 102] }),
    completion_tokens: closed(7, { samples: [10, 10, 10] }),
    total_tokens: closed(14, { samples: [110, 111, 112] }),
    request_count: closed(77, { samples: [1, 1, 1] }),
    estimated_cost: closed(7, { samples: [0.5, 0.5, 0.5] }),
    created_at: stampedTime,
  },
  valid: { date: uniqueDay },
  change: "request_count",
  refused: {
    usage_metrics_date_is_1900_to_2999_check: [
      { date: "1899-12-31" },
      { date: "3000-01-01" },
      { date: "infinity" },
      { date: "-infinity" },
    ],
    usage_metrics_prompt_tokens_is_0_to_a_trillion_check: [
      { prompt_tokens: -1 },
      { prompt_tokens: 1e12 + 1 },
    ],
    usage_metrics_completion_tokens_is_0_to_a_trillion_check: [
      { completion_tokens: -1 },
      { completion_tokens: 1e12 + 1 },
    ],
    usage_metrics_total_tokens_is_sum_check: [{ prompt_tokens: 2, total_tokens: 9 }],
    usage_metrics_request_count_is_0_to_a_trillion_check: [
      { request_count: -1 },
      { request_count: 1e12 + 1 },
    ],
    usage_metrics_estimated_cost_has_at_most_300_decimals_check: [{ estimated_cost: "1e-301" }],
    usage_metrics_estimated_cost_is_0_to_a_billion_check: [
      { estimated_cost: -0.01 },
      { estimated_cost: 1e9 + 1 },
      { estimated_cost: "NaN" },
    ],
  },
  accepted: [
    { prompt_tokens: 100, completion_tokens: 50, total_tokens: 150 },
    { prompt_tokens: 0, estimated_cost: 0 },
    { date: "2024-02-29" },
    { date: "2999-12-31", request_count: 1e12, estimated_cost: 1e9 },
    { prompt_tokens: 1e12, completion_tokens: 1e12 },
  ],
  indexes: {
    usage_metrics_pkey: async ({ backend, idOf }) =>
      backend
        .from("usage_metrics")
        .select()
        .eq("id", await idOf("usage_metrics")),
    usage_metrics_tenant_id_user_id_date_key: ({ backend, member }) =>
      backend.rpc("increment_usage_metrics", {
        p_tenant_id: member.tenant_id,
        p_user_id: member.id,
        p_date: dayAgo(0),
        p_prompt_tokens: 1,
        p_completion_tokens: 1,
        p_cost: 0.01,
      }),
    idx_usage_metrics_user: ({ backend, member }) =>
      backend.from("usage_metrics").select().eq("user_id", member.id).order("date"),
    idx_usage_metrics_tenant_date: ({ client }) =>
      client.from("usage_metrics").select().gte("date", dayAgo(15)),
    idx_usage_metrics_date: ({ report }) => report(),
    idx_usage_metrics_created: ({ backend }) =>
      backend
        .from("usage_metrics")
        .select("*", COUNT)
        .gte("created_at", daysAgo(26))
        .lt("created_at", daysAgo(22)),
    idx_usage_metrics_tenant_id: ({ client }) =>
      client.from("usage_metrics").select().order("id").limit(20),
  },
};

export const current_day_usage: ViewContract = {
  access: { select: [selfAndAdmins, "nothing"], ...writtenByNobody },
  shown: async (make, owner) => {
    const { id } = await make.row("usage_metrics", owner, { date: dayAgo(0) });
    return { id };
  },
  attempt: ({ tenant_id, id: user_id }) => ({ id: anyId(), tenant_id, user_id }),
  change: { request_count: 77 },
};

export const monthly_usage_summary: ViewContract = {
  access: { select: byService, ...writtenByNobody },
  shown: async (make, owner) => {
    await make.row("usage_metrics", owner, { date: "1969-12-31" });
    await make.refresh("monthly_usage_summary");
    return { user_id: owner.id, month: "1969-12-01" };
  },
  attempt: () => ({ user_id: anyId(), month: "1969-12-01" }),
  change: { request_count: 77 },
  indexes: {
    idx_monthly_usage_summary_tenant: ({ client }) => client.rpc("get_monthly_usage_summary"),
  },
};

export const get_monthly_usage_summary: FunctionContract<"get_monthly_usage_summary"> = {
  access: [["member", "admin", "owner"], "nothing"],
  call: async (make, owner) => {
    await make.row("usage_metrics", owner, { date: recentDay() });
    return {
      args: {},
      isReached: (rows) => !!rows?.some((row) => row.user_id === owner.id),
    };
  },
};

export const increment_usage_metrics: FunctionContract<"increment_usage_metrics"> = {
  access: byService,
  call: async (make, owner) => {
    const { id, tenant_id, user_id, date } = await make.row("usage_metrics", owner);
    return {
      args: {
        p_tenant_id: tenant_id,
        p_user_id: user_id,
        p_date: date,
        p_prompt_tokens: 1,
        p_completion_tokens: 1,
        p_cost: 0.1,
      },
      isReached: async () => {
        const [found] = await make.stored("usage_metrics", { id });
        return found?.request_count === 1;
      },
    };
  },
};

/** Returns one of the last 27 days, which are summed live: a different day per call. */
function recentDay(): string {
  recent = (recent % 27) + 1;
  return dayAgo(recent);
}

let recent = 0;
