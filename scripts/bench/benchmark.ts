import type { HostedDatabase } from "../stack/server/hosted-database.ts";
import type { Caller } from "./callers.ts";
import type { Size } from "./data/size.ts";
import type { Spread } from "./measure.ts";
import type { Session } from "./session.ts";

/** What the benchmarks work on. */
export interface Bench {
  serverUrl: string;
  database: HostedDatabase;
  session: Session;
  size: Size;
  /** 1 for the full size. */
  scale: number;
  callers: Caller[];
  /** How often each comparison is made; 5 at least. */
  rounds: number;
  /** The data of another scale, without vectors. */
  ofScale: (scale: number) => Promise<{ session: Session; size: Size }>;
  /** Says on the terminal what is being done. */
  say: (what: string) => void;
}

/** What a benchmark has found. */
export interface Outcome {
  /** What the goal is about; absent for what is only reported. */
  ratio?: number;
  /** Of the ratio, when it was measured in rounds. */
  spread?: Spread;
  /** By what they are, with the unit: `typical_ms`. */
  absolute: Record<string, number>;
}

export interface Benchmark {
  /** What it finds, by the names in the results. */
  keys: string[];
  run: (bench: Bench, isWanted: (key: string) => boolean) => Promise<Record<string, Outcome>>;
}
