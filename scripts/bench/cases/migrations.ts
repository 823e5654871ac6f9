import { planRollback, rollBack } from "../../operations/rollback.ts";
import { withConnection } from "../../project/database-url.ts";
import { pushMigrations } from "../../project/supabase-cli.ts";
import { createHostedDatabase, type HostedDatabase } from "../../stack/server/hosted-database.ts";
import type { Benchmark } from "../benchmark.ts";
import { LockWatch } from "../lock-watch.ts";
import { median, milliseconds } from "../measure.ts";

/** Applies and rolls back all migrations, in a database without rows and in one with all rows. */
export const migrations: Benchmark = {
  keys: ["push_all", "rollback_all"],
  async run({ serverUrl, session, say }) {
    const onEmpty: Trip[] = [];
    const onFull: Trip[] = [];
    for (let round = 1; round <= ROUNDS; round += 1) {
      say(`push_all, rollback_all: empty, ${round} of ${ROUNDS}`);
      const empty = await createHostedDatabase(serverUrl);
      onEmpty.push(await measure(empty, [up, down]));
      say(`push_all, rollback_all: full, ${round} of ${ROUNDS}`);
      // Postgres copies a database only while it has no connections.
      const full = await session.whileClosed((database) => database.copy());
      onFull.push(await measure(full, [down, up]));
    }
    const outcomeOf = (way: keyof Trip) => {
      const [empty, full] = [onEmpty, onFull].map((trips) => {
        const legs = trips.map((trip) => trip[way]);
        return {
          seconds: median(legs.map(({ seconds }) => seconds)),
          longestLock: Math.max(...legs.map(({ longestLock }) => longestLock)),
        };
      }) as [Leg, Leg];
      return {
        ratio: full.seconds / empty.seconds,
        absolute: {
          full_s: full.seconds,
          empty_s: empty.seconds,
          full_longest_lock_s: full.longestLock,
          empty_longest_lock_s: empty.longestLock,
        },
      };
    };
    return { push_all: outcomeOf("push_all"), rollback_all: outcomeOf("rollback_all") };
  },
};

/** The number of rounds. It is small because each round copies the data. */
const ROUNDS = 3;

/** The measurements of one direction: up or down. */
interface Leg {
  seconds: number;
  longestLock: number;
}

type Trip = Record<"push_all" | "rollback_all", Leg>;

type Way = { name: keyof Trip; go: (database: HostedDatabase) => Promise<unknown> };

const up: Way = {
  name: "push_all",
  go: ({ owner }) => pushMigrations({ databaseUrl: owner }),
};

const down: Way = {
  name: "rollback_all",
  go: ({ owner }) =>
    withConnection(owner, async (sql) => rollBack(sql, await planRollback(sql, (all) => all))),
};

/** Measures both directions in this order, then drops the database. */
async function measure(database: HostedDatabase, ways: [Way, Way]): Promise<Trip> {
  try {
    const legs: Partial<Trip> = {};
    for (const { name, go } of ways) legs[name] = await timed(database, () => go(database));
    return legs as Trip;
  } finally {
    await database.drop();
  }
}

async function timed(database: HostedDatabase, work: () => Promise<unknown>): Promise<Leg> {
  const watch = await LockWatch.start(database);
  const taken = await milliseconds(work).finally(() => watch.stop());
  return { seconds: taken / 1000, longestLock: watch.longest / 1000 };
}
