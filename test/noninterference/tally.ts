import type { Catalog } from "./catalog.ts";
import type { CallerName } from "./people.ts";
import type { Answer, Request } from "./requests.ts";

/** The outcome of a request: rows, no rows, done (an empty answer), or the code of its refusal. */
type Outcome = "rows" | "no rows" | "done" | (string & {});

/** Counts the outcomes of requests, because scripts that are only refused prove nothing. */
export class Tally {
  requests = 0;
  scripts = 0;
  readonly #callers = new Map<string, number>();
  readonly #outcomes = new Map<string, Map<Outcome, number>>();

  add(caller: CallerName, script: Request[], answers: Answer[]): void {
    this.scripts += 1;
    this.requests += script.length;
    count(this.#callers, caller, script.length);
    for (const [i, request] of script.entries()) {
      const outcomes = this.#outcomes.get(targetOf(request)) ?? new Map<Outcome, number>();
      this.#outcomes.set(targetOf(request), outcomes);
      count(outcomes, outcomeOf(answers[i] as Answer));
    }
  }

  /** The share of the requests that were not refused. */
  get answered(): number {
    const all = [...this.#outcomes.values()].flatMap((outcomes) => [...outcomes]);
    const answered = all.filter(([outcome]) => ["rows", "no rows", "done"].includes(outcome));
    return answered.reduce((sum, [, n]) => sum + n, 0) / this.requests;
  }

  /** Returns what no request has named yet, and what is granted but no request has received. */
  missing({ relations, functions }: Catalog): string[] {
    const isHit = (target: string) => this.#outcomes.has(target);
    const isGot = (target: string) => {
      const outcomes = this.#outcomes.get(target);
      return outcomes?.has("rows") || outcomes?.has("done");
    };
    const asked = relations.flatMap(({ name, isTable, verbs }) =>
      (isTable ? ["select", "insert", "update", "delete"] : ["select"]).map((verb) => ({
        target: `${verb} ${name}`,
        isGranted: verbs.includes(verb),
      })),
    );
    const called = functions
      .filter(({ isServed }) => isServed)
      .map(({ name, isGranted }) => ({ target: `call ${name}`, isGranted }));
    const upserted = relations
      .filter(({ isTable }) => isTable)
      // Which upserts are granted depends on the columns that they name.
      .map(({ name }) => ({ target: `upsert ${name}`, isGranted: false }));
    return [...asked, ...called, ...upserted]
      .filter(({ target, isGranted }) => !(isGranted ? isGot(target) : isHit(target)))
      .map(({ target }) => target);
  }

  /** Returns one line per verb, and one for the callers. */
  toString(): string {
    const verbs = new Map<string, Map<Outcome, number>>();
    for (const [target, outcomes] of this.#outcomes) {
      const [verb = ""] = target.split(" ");
      const sums = verbs.get(verb) ?? new Map<Outcome, number>();
      verbs.set(verb, sums);
      for (const [outcome, n] of outcomes) count(sums, outcome, n);
    }
    const lines = [...verbs].map(([verb, outcomes]) => `  ${verb}: ${listed(outcomes)}`);
    return [...lines.sort(), `  callers: ${listed(this.#callers)}`].join("\n");
  }
}

function targetOf(request: Request): string {
  if (request.schema) return `${request.verb} in another schema`;
  if (request.verb === "call") return `call ${request.function}`;
  if (request.verb === "raw") return "raw";
  return `${request.verb} ${request.relation}`;
}

function outcomeOf({ status, data, count, error, thrown }: Answer): Outcome {
  if (thrown !== undefined) return "not sent";
  if (status >= 400) return error?.code || `status ${status}`;
  if (data === null || data === undefined || data === "") return count ? "rows" : "done";
  return Array.isArray(data) && data.length === 0 ? "no rows" : "rows";
}

function count<Key>(counts: Map<Key, number>, key: Key, by = 1) {
  counts.set(key, (counts.get(key) ?? 0) + by);
}

function listed(counts: Map<string, number>): string {
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  return sorted.map(([name, n]) => `${name} ${n}`).join(", ");
}
