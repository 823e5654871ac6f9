import { cpus, totalmem } from "node:os";
import { CommandError } from "../project/command.ts";
import type { Bench, Benchmark, Outcome } from "./benchmark.ts";
import { callersIn } from "./callers.ts";
import { contention } from "./cases/contention.ts";
import { growth } from "./cases/growth.ts";
import { http } from "./cases/http.ts";
import { migrations } from "./cases/migrations.ts";
import { ownData } from "./cases/own-data.ts";
import { peers } from "./cases/peers.ts";
import { storage } from "./cases/storage.ts";
import { summaries } from "./cases/summaries.ts";
import { vectors } from "./cases/vectors.ts";
import { sizeOf } from "./data/size.ts";
import { databaseOfScale } from "./database.ts";
import { createProgress } from "./progress.ts";
import { Session } from "./session.ts";

/** The results of a run: medians, with quartiles for values that were measured in rounds. */
export interface Results {
  /** The ratio of each goal, by key. */
  ratios: Record<string, number>;
  /** The measured values, by key, then by name with unit. */
  absolute: Record<string, Record<string, number>>;
  machine: Machine;
  /** The machines of later partial runs, by key that was measured again. */
  again?: Record<string, Machine>;
}

interface Machine {
  processors: string;
  memory_gb: number;
  postgres: string;
  pgvector: string;
  settings: Record<string, string>;
  node: string;
  /** The scale of the data. 1 is the full size. */
  scale: number;
  date: string;
}

/** All benchmarks. Those that change the schema or the rows come last. */
export const benchmarks: Benchmark[] = [
  storage,
  ownData,
  contention,
  growth,
  peers,
  http,
  vectors,
  summaries,
  migrations,
];

/**
 * Runs the benchmarks. Loads the data first if the server does not have it.
 *
 * @param options.scale 1 for 1,000 tenants with 3 million messages
 * @param options.rounds the number of rounds per comparison, at least 5
 * @param options.only a substring that selects keys
 */
export async function runBenchmarks(options: {
  serverUrl: string;
  scale: number;
  rounds: number;
  only: string | undefined;
}): Promise<Results> {
  const { serverUrl, scale, rounds, only } = options;
  const isWanted = (key: string) => key.includes(only ?? "");
  const wanted = benchmarks.filter(({ keys }) => keys.some(isWanted));
  if (wanted.length === 0) {
    throw new CommandError(
      `no benchmark key contains ${only}`,
      "for the keys, see docs/performance.md",
    );
  }
  const size = sizeOf(scale);
  const database = await databaseOfScale(serverUrl, scale);
  const session = new Session(database);
  const others: Session[] = [];
  const progress = createProgress("Measuring", wanted.length);
  const outcomes: [string, Outcome][] = [];
  try {
    const bench: Bench = {
      serverUrl,
      database,
      session,
      size,
      scale,
      callers: await callersIn(session, size),
      rounds,
      say: progress.say,
      async ofScale(other) {
        const options = { embeddings: false };
        const place = new Session(await databaseOfScale(serverUrl, other, options));
        others.push(place);
        return { session: place, size: sizeOf(other, options) };
      },
    };
    for (const { run } of wanted) {
      const found = await run(bench, isWanted);
      outcomes.push(...Object.entries(found).filter(([key]) => isWanted(key)));
      progress.advance(1);
    }
    return { ...figuresOf(outcomes), machine: await describeMachine(bench) };
  } finally {
    progress.stop();
    await Promise.all([session, ...others].map((one) => one.close()));
  }
}

function figuresOf(outcomes: [string, Outcome][]): Pick<Results, "ratios" | "absolute"> {
  const ratios = outcomes.flatMap(([key, { ratio }]) =>
    ratio === undefined ? [] : [[key, round(ratio)] as const],
  );
  const absolute = outcomes.map(([key, { absolute: own, spread }]) => {
    const figures = spread ? { ...own, ratio_low: spread[0], ratio_high: spread[1] } : own;
    const rounded = Object.entries(figures).map(([name, figure]) => [name, round(figure)] as const);
    return [key, Object.fromEntries(rounded)] as const;
  });
  return { ratios: Object.fromEntries(ratios), absolute: Object.fromEntries(absolute) };
}

/** Rounds to four significant digits. More would be noise. */
function round(figure: number): number {
  return Number(figure.toPrecision(4));
}

const SETTINGS = ["shared_buffers", "work_mem", "jit", "random_page_cost", "synchronous_commit"];

async function describeMachine({ session, scale }: Bench): Promise<Machine> {
  const [found] = await session.query<{ postgres: string; pgvector: string }>(`
    select 'PostgreSQL ' || split_part(current_setting('server_version'), ' ', 1) as postgres,
      (select extversion from pg_extension where extname = 'vector') as pgvector`);
  const settings = await session.query<{ name: string; value: string }>(`
    select name, current_setting(name) as value from pg_settings
    where name in (${SETTINGS.map((name) => `'${name}'`).join(", ")})`);
  const [processor] = cpus();
  return {
    processors: `${cpus().length} × ${processor?.model.trim() ?? "unknown"}`,
    memory_gb: Math.round(totalmem() / 2 ** 30),
    postgres: found?.postgres ?? "",
    pgvector: found?.pgvector ?? "",
    settings: Object.fromEntries(settings.map(({ name, value }) => [name, value])),
    node: process.version,
    scale,
    date: new Date().toISOString().slice(0, 10),
  };
}
