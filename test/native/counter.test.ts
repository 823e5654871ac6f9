import { beforeAll, expect, onTestFinished, test } from "vitest";
import { createMember, createTenant, type Member } from "../support/actors.ts";
import { asOwner, serviceClient } from "../support/clients.ts";
import { isEnded, killOne, Session } from "./sessions.ts";

const CLIENTS = 32;
const INCREMENTS = 25;
/** Each time this number of attempts has started, a random connection is ended. */
const KILL_EVERY = 15;
/** Several days, because a cost has at most 300 decimals. */
const DAYS = ["2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04"] as const;

/** The outcome of an attempt for its client: unknown if the connection ended before the answer. */
type Outcome = "acknowledged" | "unknown";

/** A way to count: one attempt by a client, and a way to end a random client's connection. */
interface Way {
  attempt: (client: number, day: string, cost: string) => Promise<Outcome>;
  kill: () => unknown;
}

let member: Member;
beforeAll(async () => {
  member = await createMember(await createTenant());
});

test("each acknowledged increment is stored once when some of 32 sessions are killed", async () => {
  const sessions = Array.from({ length: CLIENTS }, () => new Session("counting"));
  onTestFinished(async () => {
    await Promise.all(sessions.map((session) => session.end()));
  });
  await countAll({
    async attempt(client, day, cost) {
      try {
        await sessions[client]?.request(
          { role: "service_role" },
          "select increment_usage_metrics($1, $2, $3, 1, 2, $4)",
          [member.tenant_id, member.id, day, cost],
        );
        return "acknowledged";
      } catch (error) {
        if (isEnded(error)) return "unknown";
        throw error;
      }
    },
    kill: () => killOne("counting"),
  });
}, 120_000);

test("each acknowledged increment is stored once when some of 32 API clients abort", async () => {
  const clients = Array.from({ length: CLIENTS }, serviceClient);
  const underWay = new Set<AbortController>();
  await countAll({
    async attempt(client, day, cost) {
      const controller = new AbortController();
      underWay.add(controller);
      const { error } = await (clients[client] ?? serviceClient())
        .rpc("increment_usage_metrics", {
          p_tenant_id: member.tenant_id,
          p_user_id: member.id,
          p_date: day,
          p_prompt_tokens: 1,
          p_completion_tokens: 2,
          // A string, because a JavaScript number cannot hold all digits.
          p_cost: cost as never,
        })
        .abortSignal(controller.signal);
      underWay.delete(controller);
      if (!error) return "acknowledged";
      if (controller.signal.aborted) return "unknown";
      throw error;
    },
    kill: () => [...underWay].at(Math.random() * underWay.size)?.abort(),
  });
}, 120_000);

/** Lets every client count until its increments are acknowledged, then checks the stored rows. */
async function countAll({ attempt, kill }: Way) {
  await asOwner()`delete from usage_metrics where user_id = ${member.id}`;
  const outcomes: Outcome[] = [];
  const clients = Array.from({ length: CLIENTS }, async (_, client) => {
    for (let acknowledged = 0; acknowledged < INCREMENTS; ) {
      const i = outcomes.push("unknown") - 1;
      // Each attempt adds 1 at its own decimal place of a day. The digit shows how often it was
      // stored.
      const { day, place } = placeOf(i);
      const outcome = attempt(client, day, `0.${"1".padStart(place + 1, "0")}`);
      if (i % KILL_EVERY === KILL_EVERY - 1) await kill();
      outcomes[i] = await outcome;
      if (outcomes[i] === "acknowledged") acknowledged += 1;
    }
  });
  await Promise.all(clients);

  const rows = await asOwner()<{ day: string; requests: number; tokens: number; places: string }[]>`
    select date::text as day, request_count::int as requests, total_tokens::int as tokens,
      split_part(estimated_cost::text, '.', 2) as places
    from usage_metrics where user_id = ${member.id}`;
  const stored = outcomes.map((_, i) => {
    const { day, place } = placeOf(i);
    return Number(rows.find((row) => row.day === day)?.places[place] ?? 0);
  });
  const timesStored = (wanted: Outcome) => stored.filter((_, i) => outcomes[i] === wanted);
  const unknown = timesStored("unknown");
  const unknownButStored = outcomes.flatMap((outcome, i) =>
    outcome === "unknown" && stored[i] === 1 ? [i] : [],
  );
  console.log(
    `${outcomes.length} attempts, ${unknown.length} of unknown outcome, stored of these:`,
    unknownButStored,
  );
  expect(unknown.length).toBeGreaterThan(0);
  expect(timesStored("acknowledged")).toEqual(new Array(CLIENTS * INCREMENTS).fill(1));
  expect(Math.max(...unknown)).toBeLessThanOrEqual(1);
  const total = stored.reduce((sum, times) => sum + times, 0);
  const sumOf = (column: "requests" | "tokens") => rows.reduce((sum, row) => sum + row[column], 0);
  expect([sumOf("requests"), sumOf("tokens")]).toEqual([total, 3 * total]);
}

/** Returns the day of an attempt, and its decimal place in the cost of this day. */
function placeOf(attempt: number): { day: string; place: number } {
  const day = DAYS[attempt % DAYS.length] as string;
  return { day, place: Math.floor(attempt / DAYS.length) };
}
