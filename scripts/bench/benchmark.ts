import type { HostedDatabase } from "../stack/server/hosted-database.ts";
import type { Caller } from "./callers.ts";
import type { Size } from "./data/size.ts";
import type { Spread } from "./measure.ts";
import type { Session } from "./session.ts";

/** The context of a benchmark run. */
export interface Bench {
  serverUrl: string;
  database: HostedDatabase;
  session: Session;
  size: Size;
  /** The scale of the data. 1 is the full size. */
  scale: number;
  callers: Caller[];
  /** The number of rounds per comparison, at least 5. */
  rounds: number;
  /** Opens the data of another scale, without vectors. */
  ofScale: (scale: number) => Promise<{ session: Session; size: Size }>;
  /** Shows the current step on the terminal. */
  say: (what: string) => void;
}

/** The result of a benchmark. */
export interface Outcome {
  /** The ratio that the goal limits. Absent if there is nothing to compare. */
  ratio?: number;
  /** The quartiles of the ratio, if it was measured in rounds. */
  spread?: Spread;
  /** The measured values, by name with unit, e.g. `typical_ms`. */
  absolute: Record<string, number>;
}

export interface Benchmark {
  /** The keys of its results. */
  keys: string[];
  run: (bench: Bench, isWanted: (key: string) => boolean) => Promise<Record<string, Outcome>>;
}
