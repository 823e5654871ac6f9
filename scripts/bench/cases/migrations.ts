import { withConnection } from "../../lib/database-url.ts";
import { createHostedDatabase, type HostedDatabase } from "../../lib/hosted-database.ts";
import { planRollback, rollBack } from "../../lib/rollback.ts";
import { pushMigrations } from "../../lib/supabase-cli.ts";
import type { Benchmark } from "../benchmark.ts";
import { LockWatch } from "../lock-watch.ts";
import { milliseconds } from "../measure.ts";

/** All migrations up and down, in a database without rows and in one that has all. */
export const migrations: Benchmark = {
  keys: ["push_all", "rollback_all"],
  async run({ serverUrl, session, say }) {
    say("push_all, rollback_all: empty");
    const empty = await createHostedDatabase(serverUrl);
    const onEmpty = await measure(empty, async () => {
      const push = await timed(empty, () => pushMigrations({ databaseUrl: empty.owner }));
      return { push, rollback: await timed(empty, () => rollBackAll(empty)) };
    });
    say("push_all, rollback_all: full");
    // Nobody may be connected to what is copied.
    const full = await session.whileClosed((database) => database.copy());
    const onFull = await measure(full, async () => {
      const rollback = await timed(full, () => rollBackAll(full));
      return {
        push: await timed(full, () => pushMigrations({ databaseUrl: full.owner })),
        rollback,
      };
    });
    const outcomeOf = (way: "push" | "rollback") => ({
      ratio: onFull[way].seconds / onEmpty[way].seconds,
      absolute: {
        full_s: onFull[way].seconds,
        empty_s: onEmpty[way].seconds,
        full_longest_lock_s: onFull[way].longestLock,
        empty_longest_lock_s: onEmpty[way].longestLock,
      },
    });
    return { push_all: outcomeOf("push"), rollback_all: outcomeOf("rollback") };
  },
};

async function measure<T>(database: HostedDatabase, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } finally {
    await database.drop();
  }
}

async function timed(database: HostedDatabase, work: () => Promise<unknown>) {
  const watch = await LockWatch.start(database);
  const taken = await milliseconds(work).finally(() => watch.stop());
  return { seconds: taken / 1000, longestLock: watch.longest / 1000 };
}

function rollBackAll({ owner }: HostedDatabase) {
  return withConnection(owner, async (sql) => rollBack(sql, await planRollback(sql, (all) => all)));
}
