import { beforeAll, describe, expect, test } from "vitest";
import { createLogin, createMember, createTenant, type Member } from "../support/actors.ts";
import { anonClient, asOwner, serviceClient } from "../support/clients.ts";
import { createRow, must } from "../support/rows.ts";

let owner: Member;
let user: Member;
let outsider: Member;

beforeAll(async () => {
  const [acme, globex] = await Promise.all([createTenant(), createTenant()]);
  [owner, user, outsider] = await Promise.all([
    createMember(acme, { role: "owner" }),
    createMember(acme),
    createMember(globex, { role: "owner" }),
  ]);
});

type MatView = "message_feedback_summary" | "monthly_usage_summary";

/** Refreshes a view as the daily maintenance does, without blocking its readers. */
async function refresh(view: MatView) {
  await asOwner().unsafe(`refresh materialized view concurrently public.${view}`);
}

describe.each([
  ["message_feedback_summary", "get_message_feedback_summary"],
  ["monthly_usage_summary", "get_monthly_usage_summary"],
] as const)("%s", (view, reader) => {
  test("is closed to the API, whose callers read it through its function", async () => {
    for (const { client } of [owner, await createLogin(), { client: anonClient() }]) {
      expect((await client.from(view).select()).error?.code).toBe("42501");
    }
    expect((await owner.client.rpc(reader)).error).toBeNull();
    expect((await serviceClient().from(view).select().limit(1)).error).toBeNull();
  });

  test("its function is closed to anon and empty for an account without membership", async () => {
    expect((await anonClient().rpc(reader)).error?.code).toBe("42501");
    expect((await (await createLogin()).client.rpc(reader)).data).toEqual([]);
  });

  test("can be refreshed concurrently", async () => {
    await expect(refresh(view)).resolves.toBeUndefined();
  });
});

describe("get_message_feedback_summary", () => {
  let conversation: string;
  let loved: string;
  let disputed: string;

  beforeAll(async () => {
    conversation = (await createRow("conversations", owner)).id;
    loved = (await createRow("messages", owner, { conversation_id: conversation })).id;
    disputed = (await createRow("messages", user)).id;
    const foreign = (await createRow("messages", outsider)).id;
    const rate = async (by: Member, message_id: string, rating: 1 | -1) =>
      must(await by.client.from("feedback").insert({ message_id, rating }).select());
    await rate(owner, loved, 1);
    await rate(user, loved, 1);
    await rate(owner, disputed, 1);
    await rate(user, disputed, -1);
    await rate(outsider, foreign, -1);
  });

  test("counts and averages the ratings of each message of the caller's tenant", async () => {
    const { data } = await user.client.rpc("get_message_feedback_summary").order("feedback_count");
    const rows = (data ?? []).map(({ last_feedback_at, ...row }) => {
      expect(Date.parse(last_feedback_at)).toBeLessThanOrEqual(Date.now());
      return row;
    });
    expect(rows).toHaveLength(2);
    expect(rows).toContainEqual({
      message_id: loved,
      conversation_id: conversation,
      feedback_count: 2,
      positive_count: 2,
      negative_count: 0,
      average_rating: 1,
    });
    expect(rows).toContainEqual(
      expect.objectContaining({
        message_id: disputed,
        positive_count: 1,
        negative_count: 1,
        average_rating: 0,
      }),
    );
  });

  test("returns only the messages of the given conversation", async () => {
    const { data } = await user.client.rpc("get_message_feedback_summary", {
      p_conversation_id: conversation,
    });
    expect(data?.map(({ message_id }) => message_id)).toEqual([loved]);
  });

  test("shows nothing of another tenant's conversation", async () => {
    const { data } = await outsider.client.rpc("get_message_feedback_summary", {
      p_conversation_id: conversation,
    });
    expect(data).toEqual([]);
    const own = await outsider.client.rpc("get_message_feedback_summary");
    expect(own.data).toHaveLength(1);
  });

  test("is live: shows a new, a changed and a deleted rating at once", async () => {
    const { id: message_id, conversation_id } = await createRow("messages", outsider);
    const summaries = async () => {
      const [all, one] = await Promise.all([
        outsider.client.rpc("get_message_feedback_summary").eq("message_id", message_id),
        outsider.client.rpc("get_message_feedback_summary", { p_conversation_id: conversation_id }),
      ]);
      expect(one.data).toEqual(all.data);
      return all.data?.map(({ average_rating }) => average_rating);
    };
    const feedback = () => outsider.client.from("feedback");
    must(await feedback().insert({ message_id, rating: 1 }).select());
    expect(await summaries()).toEqual([1]);
    must(await feedback().update({ rating: -1 }).eq("message_id", message_id).select());
    expect(await summaries()).toEqual([-1]);
    must(await feedback().delete().eq("message_id", message_id).select());
    expect(await summaries()).toEqual([]);
  });
});

describe("get_monthly_usage_summary", () => {
  /** Returns the first day of a month, counted from the current month. */
  const month = (offset: number) => {
    const now = new Date();
    const first = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + offset, 1);
    return new Date(first).toISOString().slice(0, 10);
  };
  const inMonth = (offset: number, day: string) => month(offset).slice(0, 8) + day;

  async function use(who: Member, date: string, tokens: number) {
    const { error } = await serviceClient().rpc("increment_usage_metrics", {
      p_tenant_id: who.tenant_id,
      p_user_id: who.id,
      p_date: date,
      p_prompt_tokens: tokens,
      p_completion_tokens: 1,
      p_cost: 0.5,
    });
    if (error) throw error;
  }

  beforeAll(async () => {
    await use(owner, inMonth(-3, "02"), 10);
    await use(owner, inMonth(-3, "03"), 20);
    await use(owner, inMonth(-3, "03"), 30);
    await use(user, inMonth(-2, "15"), 40);
    await use(outsider, inMonth(-2, "15"), 50);
    await refresh("monthly_usage_summary");
    // After the refresh: a late day of last month, and the first day of this month.
    await use(user, inMonth(-1, "28"), 60);
    await use(owner, month(0), 70);
  });

  const months = async (who: Member, args: { p_from?: string; p_to?: string } = {}) => {
    const { data, error } = await who.client.rpc("get_monthly_usage_summary", args).order("month");
    if (error) throw error;
    return data.map(({ month, user_id, prompt_tokens }) => [month, user_id, prompt_tokens]);
  };

  test("adds up a member's month", async () => {
    const { data } = await owner.client.rpc("get_monthly_usage_summary", {
      p_from: month(-3),
      p_to: month(-3),
    });
    expect(data).toEqual([
      {
        user_id: owner.id,
        month: month(-3),
        prompt_tokens: 60,
        completion_tokens: 3,
        total_tokens: 63,
        request_count: 3,
        estimated_cost: 1.5,
        active_days: 2,
      },
    ]);
  });

  test("is never stale, because this month and last month are live", async () => {
    expect(await months(owner, { p_from: month(-1) })).toEqual([
      [month(-1), user.id, 60],
      [month(0), owner.id, 70],
    ]);
  });

  test("returns the whole tenant to an owner, and a user's own months to the user", async () => {
    expect(await months(owner)).toEqual([
      [month(-3), owner.id, 60],
      [month(-2), user.id, 40],
      [month(-1), user.id, 60],
      [month(0), owner.id, 70],
    ]);
    expect(await months(user)).toEqual([
      [month(-2), user.id, 40],
      [month(-1), user.id, 60],
    ]);
  });

  test("shows nothing of another tenant", async () => {
    expect(await months(outsider)).toEqual([[month(-2), outsider.id, 50]]);
  });

  test("counts whole months, whatever day a period starts or ends on", async () => {
    const period = { p_from: inMonth(-3, "28"), p_to: inMonth(-2, "01") };
    expect(await months(owner, period)).toEqual([
      [month(-3), owner.id, 60],
      [month(-2), user.id, 40],
    ]);
  });

  test("refuses a period that ends before it starts", async () => {
    const { error } = await owner.client.rpc("get_monthly_usage_summary", {
      p_from: "2026-02-01",
      p_to: "2026-01-01",
    });
    expect(error?.code).toBe("22023");
  });
});
