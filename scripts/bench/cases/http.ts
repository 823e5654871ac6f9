import { readSettings } from "../../project/settings.ts";
import { startApi } from "../../stack/api/api.ts";
import type { Bench, Benchmark } from "../benchmark.ts";
import type { Caller } from "../callers.ts";
import { compareCosts, expectEqual, milliseconds } from "../measure.ts";
import { readsOf } from "./reads.ts";

const READER = "reader@bench.example";

/** A page of messages through the local API, compared with the SQL query that it runs. */
export const http: Benchmark = {
  keys: ["api_overhead"],
  async run(bench) {
    bench.say("api_overhead");
    const { session, database, rounds } = bench;
    const [caller] = bench.callers as [Caller];
    const settings = readSettings();
    // A killed run may have left the rows.
    await removeReader(bench);
    const api = await startApi({ ...settings, apiPort: 0 });
    try {
      const { rest, auth, owner } = database;
      api.connect({ rest, auth, catalog: owner });
      await session.query(`
        insert into public.users (tenant_id, email) values ('${caller.tenant}', '${READER}')`);
      const headers = await signUp(api.url, settings.publishableKey);
      const [conversation] = caller.conversations;
      const url = `${api.url}/rest/v1/messages?conversation_id=eq.${conversation}&order=position.desc,id.desc&limit=100`;
      const get = async () => {
        const response = await fetch(url, { headers });
        return (await response.json()) as { id: string }[];
      };
      const { ours: query } = readsOf(caller).message_page;
      const [rows = []] = await session.outcomes<{ id: string }>(query, 1);
      expectEqual(
        "api_overhead",
        [await get(), rows].map((page) => page.map(({ id }) => ({ id }))),
      );
      const times = await compareCosts(
        (executions) => timesOf(get, executions),
        (executions) => session.time(query, executions),
        rounds,
      );
      return {
        api_overhead: {
          ratio: times.ratio,
          spread: times.spread,
          absolute: { http_ms: times.ours, sql_ms: times.theirs },
        },
      };
    } finally {
      await api.close();
      await removeReader(bench);
    }
  },
};

/** Signs up an account for the waiting membership, and returns its request headers. */
async function signUp(url: string, key: string) {
  const response = await fetch(`${url}/auth/v1/signup`, {
    method: "POST",
    headers: { apikey: key, "content-type": "application/json" },
    body: JSON.stringify({ email: READER, password: "correct horse" }),
  });
  const { access_token } = (await response.json()) as { access_token?: string };
  if (!access_token) throw new Error(`the sign-up failed with HTTP status ${response.status}`);
  return { apikey: key, authorization: `Bearer ${access_token}` };
}

async function removeReader({ session }: Bench) {
  await session.query(`
    delete from public.users where email = '${READER}';
    delete from auth.users where email = '${READER}'`);
}

async function timesOf(work: () => Promise<unknown>, executions: number): Promise<number[]> {
  const times = [];
  for (let n = 0; n < executions; n += 1) times.push(await milliseconds(work));
  return times;
}
