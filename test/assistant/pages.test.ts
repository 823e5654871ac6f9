import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { readSettings } from "../../scripts/project/settings.ts";
import {
  getConversation,
  incrementUsage,
  listConversations,
  listDailyUsage,
  listFeedbackSummaries,
  listMonthlyUsage,
  listSessionMessages,
  listTodaysUsage,
  type MessageCursor,
} from "../../src/index.ts";
import { createMember, createTenant, type Member, type Tenant } from "../support/actors.ts";
import { asOwner, serviceClient } from "../support/clients.ts";
import { createRow } from "../support/rows.ts";

let acme: Tenant;
let olga: Member;
let uli: Member;

beforeAll(async () => {
  acme = await createTenant();
  [olga, uli] = await Promise.all([createMember(acme, { role: "owner" }), createMember(acme)]);
});

/** Reads to the end and returns the pages. */
async function readAll<Row, Cursor>(
  read: (after: Cursor | null) => Promise<{ rows: Row[]; next: Cursor | null }>,
): Promise<Row[][]> {
  const pages: Row[][] = [];
  let after: Cursor | null = null;
  do {
    const { rows, next }: { rows: Row[]; next: Cursor | null } = await read(after);
    pages.push(rows);
    after = next;
  } while (after);
  return pages;
}

const id = randomUUID();
const paged: Record<string, (limit: number) => Promise<unknown>> = {
  listConversations: (limit) => listConversations(olga.client, { limit }),
  getConversation: (limit) => getConversation(olga.client, id, { limit }),
  listSessionMessages: (limit) => listSessionMessages(olga.client, id, { limit }),
  listFeedbackSummaries: (limit) => listFeedbackSummaries(olga.client, { limit }),
  listTodaysUsage: (limit) => listTodaysUsage(olga.client, { limit }),
  listDailyUsage: (limit) => listDailyUsage(olga.client, { limit }),
  listMonthlyUsage: (limit) => listMonthlyUsage(olga.client, { limit }),
};

describe.each(Object.entries(paged))("%s", (_, read) => {
  test.each([0, -1, 1.5, Number.NaN, 1000])("refuses a limit of %s", async (limit) => {
    await expect(read(limit)).rejects.toMatchObject({
      name: "DatabaseError",
      code: "22023",
      displayMessage: `Limit must be between 1 and 999, not ${limit}.`,
    });
  });

  test.each([1, 999])("accepts a limit of %s", async (limit) => {
    await expect(read(limit)).resolves.not.toBeUndefined();
  });
});

describe("the largest page", () => {
  const MOST = 999;
  const countsOf = (pages: unknown[][]) => pages.map(({ length }) => length);

  test("is one row smaller than the row limit of the API", () => {
    expect(readSettings().maxRows).toBe(MOST + 1);
  });

  test("of conversations skips no row", async () => {
    const eve = await createMember(await createTenant());
    const row = { user_id: eve.id, tenant_id: eve.tenant_id };
    const rows = Array.from({ length: MOST + 1 }, () => row);
    await serviceClient().from("conversations").insert(rows).throwOnError();
    const pages = await readAll(async (after: { updated_at: string; id: string } | null) => {
      const { conversations, next } = await listConversations(eve.client, { limit: MOST, after });
      return { rows: conversations, next };
    });
    expect(countsOf(pages)).toEqual([MOST, 1]);
  });

  test("of messages skips no row", async () => {
    const { id } = await createRow("conversations", olga);
    const message = { conversation_id: id, role: "user" as const, content: "Hi" };
    const rows = Array.from({ length: MOST + 1 }, () => message);
    await serviceClient().from("messages").insert(rows).throwOnError();
    const pages = await readAll(async (before: MessageCursor | null) => {
      const opened = await getConversation(olga.client, id, { limit: MOST, before });
      return { rows: opened?.messages ?? [], next: opened?.next ?? null };
    });
    expect(countsOf(pages)).toEqual([MOST, 1]);
  });

  test("of a session's messages skips no row", async () => {
    const { id } = await createRow("conversation_sessions", olga);
    const message = { session_id: id, role: "user" as const, content: "Hi" };
    const rows = Array.from({ length: MOST + 1 }, () => message);
    await serviceClient().from("conversation_messages").insert(rows).throwOnError();
    const pages = await readAll(async (before: MessageCursor | null) => {
      const { messages, next } = await listSessionMessages(olga.client, id, {
        limit: MOST,
        before,
      });
      return { rows: messages, next };
    });
    expect(countsOf(pages)).toEqual([MOST, 1]);
  });

  test("of days skips no row and starts with the latest day", async () => {
    const eve = await createMember(await createTenant());
    await asOwner()`
      insert into usage_metrics (tenant_id, user_id, date)
      select ${eve.tenant_id}, ${eve.id}, date '2020-01-01' + i
      from generate_series(0, ${MOST}::integer) i`;
    const pages = await readAll(async (after: { date: string; user_id: string } | null) => {
      const { usage, next } = await listDailyUsage(eve.client, { limit: MOST, after });
      return { rows: usage.map(({ date }) => date), next };
    });
    expect(countsOf(pages)).toEqual([MOST, 1]);
    expect([pages[0]?.[0], pages[1]?.[0]]).toEqual(["2022-09-26", "2020-01-01"]);
  });
});

describe("paginated usage", () => {
  const dayAgo = (days: number) =>
    new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);
  const today = dayAgo(0);
  const lastMonth = dayAgo(new Date().getUTCDate());

  beforeAll(async () => {
    for (const { id: userId } of [olga, uli]) {
      for (const date of [today, lastMonth]) {
        const numbers = { promptTokens: 1, completionTokens: 1, cost: 0 };
        await incrementUsage(serviceClient(), { tenantId: acme.id, userId, date, ...numbers });
      }
    }
  });

  /** Returns the expected pages: the latest time first, then users by descending id. */
  const expected = (...times: string[]) =>
    times.flatMap((time) =>
      [olga.id, uli.id]
        .sort()
        .reverse()
        .map((user) => [[time, user]]),
    );

  test("of today lists each member once", async () => {
    const pages = await readAll(async (after: { date: string; user_id: string } | null) => {
      const { usage, next } = await listTodaysUsage(olga.client, { limit: 1, after });
      return { rows: usage.map(({ date, user_id }) => [date, user_id]), next };
    });
    expect(pages).toEqual(expected(today));
  });

  test("by day lists each member's days once", async () => {
    const pages = await readAll(async (after: { date: string; user_id: string } | null) => {
      const { usage, next } = await listDailyUsage(olga.client, { limit: 1, after });
      return { rows: usage.map(({ date, user_id }) => [date, user_id]), next };
    });
    expect(pages).toEqual(expected(today, lastMonth));
  });

  test("by month lists each member's months once", async () => {
    const pages = await readAll(async (after: { month: string; user_id: string } | null) => {
      const { usage, next } = await listMonthlyUsage(olga.client, { limit: 1, after });
      return { rows: usage.map(({ month, user_id }) => [month, user_id]), next };
    });
    const first = (date: string) => `${date.slice(0, 7)}-01`;
    expect(pages).toEqual(expected(first(today), first(lastMonth)));
  });
});
