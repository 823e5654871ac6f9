import type { Benchmark, Outcome } from "../benchmark.ts";
import type { Caller } from "../callers.ts";
import { compare, expectSame } from "../measure.ts";
import { readsOf } from "./reads.ts";

/** Common alternative policies for reading messages. Each of them allows the same rows. */
const policies = {
  parent: `exists (
    select from public.conversations c
    where c.id = messages.conversation_id and c.tenant_id = (select private.current_tenant_id())
  )`,
  in_select: `conversation_id in (
    select c.id from public.conversations c where c.tenant_id = (select private.current_tenant_id())
  )`,
  membership: `tenant_id in (
    select u.tenant_id from public.users u where u.auth_id = (select auth.uid())
  )`,
  unwrapped: "tenant_id = private.current_tenant_id()",
} as const;

const operations = ["message_page", "tenant_aggregate"] as const;

/** The same reads with an alternative policy, compared with our policy. */
export const peers: Benchmark = {
  keys: Object.keys(policies).flatMap((policy) =>
    operations.map((operation) => `peer_${policy}_${operation}`),
  ),
  async run({ callers, session, rounds, say }, isWanted) {
    const [, largest] = callers as [Caller, Caller];
    const outcomes: Record<string, Outcome> = {};
    for (const [policy, using] of Object.entries(policies)) {
      for (const operation of operations) {
        const key = `peer_${policy}_${operation}`;
        if (!isWanted(key)) continue;
        say(key);
        const { ours } = readsOf(largest)[operation];
        const setup = `alter policy messages_select_member on public.messages using (${using})`;
        // A different text, so that the two are prepared and planned separately.
        const text = `/* ${policy} */ ${ours.text}`;
        const pair = { ours: { ...ours, text, setup }, theirs: ours };
        await expectSame(session, key, pair);
        const times = await compare(pair, (...of) => session.serverTime(...of), rounds);
        outcomes[key] = {
          ratio: times.ratio,
          spread: times.spread,
          absolute: { peer_server_ms: times.ours, ours_server_ms: times.theirs },
        };
      }
    }
    return outcomes;
  },
};
