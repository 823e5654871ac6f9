import type { Bench, Benchmark, Outcome } from "../benchmark.ts";
import { idOf } from "../data/people.ts";
import { filters, owners, ownTable, queryVectors } from "../data/vectors.ts";
import { median, takeTurns } from "../measure.ts";
import type { Session, Work } from "../session.ts";

const K = 10;

/**
 * The number of searches per owner and filter. Half of them are near topics that only one owner
 * has. An index may have no path to a topic, which shows in only one of many searches.
 */
const SEARCHES = 60;

/** The number of these searches that are timed. */
const TIMED = 20;

/** The values of `hnsw.ef_search` to try for an owner's own index, until the recall is good. */
const REACHES = [40, 100, 200, 400, 800];

/** The minimum recall of a search method to be compared. */
const GOOD_RECALL = 0.99;

/** The number of rows that pass the threshold, which is the similarity of the third-nearest row. */
const FEW = 3;

/**
 * Searches by owners with large and small shares of the rows, with and without filters. Each is
 * compared with the faster of two methods: all rows of the owner one by one, or an index over only
 * this owner's rows.
 */
export const vectors: Benchmark = {
  keys: ["vector_recall_min", "vector_latency_vs_best", "vector_threshold"],
  async run(bench, isWanted) {
    const searches = searchesIn(bench);
    const cells = [];
    const isAboutAll = isWanted("vector_recall_min") || isWanted("vector_latency_vs_best");
    for (const owner of isAboutAll ? [...owners, everybody] : []) {
      for (const filter of filters) {
        bench.say(`vectors, ${owner.name}, ${filter.name}`);
        const cell = new Cell(bench, searches, owner.user, filter.filter);
        cells.push({ name: `${owner.name}, ${filter.name}`, ...(await cell.measure()) });
      }
    }
    const outcomes: Record<string, Outcome> = {};
    if (isAboutAll) {
      outcomes.vector_recall_min = {
        ratio: Math.min(...cells.map(({ recall }) => recall)),
        absolute: tableOf(cells, (cell) => cell.recall),
      };
      outcomes.vector_latency_vs_best = {
        ratio: Math.max(...cells.map(({ ours, best }) => ours / best)),
        absolute: {
          ...tableOf(cells, ({ ours }) => ours, " ms"),
          ...tableOf(cells, ({ best }) => best, " best ms"),
        },
      };
    }
    if (isWanted("vector_threshold")) outcomes.vector_threshold = await threshold(bench, searches);
    return outcomes;
  },
};

const everybody = { name: "100 %", user: null } as const;

function tableOf<T extends { name: string }>(cells: T[], figureOf: (cell: T) => number, unit = "") {
  return Object.fromEntries(cells.map((cell) => [`${cell.name}${unit}`, figureOf(cell)]));
}

function searchesIn({ size }: Bench): string[] {
  const shared = queryVectors(SEARCHES / 2, "shared", size);
  const own = queryVectors(SEARCHES / 2, "own", size);
  return shared.flatMap((search, i) => [search, own[i] as string]);
}

/** The searches of one owner with one filter. */
class Cell {
  readonly #session: Session;
  readonly #rounds: number;
  readonly #filter: string;

  constructor(
    bench: Bench,
    readonly searches: string[],
    readonly user: number | null,
    filter: object,
  ) {
    this.#session = bench.session;
    this.#rounds = Math.min(bench.rounds, 5);
    this.#filter = JSON.stringify(filter);
  }

  async measure(): Promise<{ recall: number; ours: number; best: number }> {
    const truth = await this.#found(this.#exact());
    const ours = this.#ours();
    const found = await this.#found(ours);
    expectSimilarities(found, truth);
    const recall = recallOf(found, truth);
    const rivals = [this.#exact()];
    for (const reach of REACHES) {
      const rival = this.#byOwnIndex(reach);
      if (recallOf(await this.#found(rival), truth) < GOOD_RECALL) continue;
      rivals.push(rival);
      break;
    }
    const works = [ours, ...rivals];
    const samples = works.map((): number[] => []);
    for (let turn = 0; turn < this.#rounds * works.length; turn += 1) {
      // Each round starts with another method, because the first one finds colder caches.
      const at = (turn + Math.floor(turn / works.length)) % works.length;
      const times = await this.#session.time(works[at] as Work, TIMED);
      samples[at]?.push(median(times));
    }
    const [mine = 0, ...others] = samples.map(median);
    return { recall, ours: mine, best: Math.min(...others) };
  }

  #ours(): Work {
    return this.#search(
      this.user === null ? "service" : { account: idOf("account", this.user) },
      `select id, similarity
        from public.match_embeddings($1::extensions.vector, match_count => ${K}, filter => $2::text::jsonb)`,
    );
  }

  /** Compares all of the owner's rows one by one. */
  #exact(): Work {
    const owner = this.user === null ? "" : `and user_id = '${idOf("account", this.user)}'`;
    const work = this.#search(
      "owner",
      `select id, 1 - (embedding operator(extensions.<=>) $1::extensions.vector) as similarity
        from public.embeddings where metadata @> $2::text::jsonb ${owner}
        order by 2 desc, 1 limit ${K}`,
    );
    return { ...work, setup: "set local jit = off" };
  }

  /** Searches with an index over only this owner's rows. */
  #byOwnIndex(reach: number): Work {
    const table = this.user === null ? "public.embeddings" : ownTable(this.user);
    const work = this.#search(
      "owner",
      `/* ${reach} */ select id, 1 - (embedding operator(extensions.<=>) $1::extensions.vector)
          as similarity
        from ${table} where metadata @> $2::text::jsonb
        order by embedding operator(extensions.<=>) $1::extensions.vector limit ${K}`,
    );
    const setup = `set local hnsw.ef_search = ${reach};
      set local hnsw.iterative_scan = strict_order; set local enable_sort = off; set local jit = off`;
    return { ...work, setup };
  }

  #search(as: Work["as"], text: string): Work {
    return { as, text, values: (n) => [this.searches[n] as string, this.#filter] };
  }

  #found(work: Work): Promise<Hit[][]> {
    return this.#session.outcomes<Hit>(work, this.searches.length);
  }
}

interface Hit {
  id: string;
  similarity: number;
}

/** Returns the share of the true nearest rows that were found, over all searches. */
function recallOf(found: Hit[][], truth: Hit[][]): number {
  const wanted = truth.flat().length;
  if (wanted === 0) return found.flat().length === 0 ? 1 : 0;
  const hits = truth.flatMap((rows, search) =>
    rows.filter(({ id }) => found[search]?.some((hit) => hit.id === id)),
  );
  return hits.length / wanted;
}

function expectSimilarities(found: Hit[][], truth: Hit[][]) {
  for (const [search, rows] of truth.entries()) {
    const similarityOf = new Map(rows.map(({ id, similarity }) => [id, similarity]));
    for (const { id, similarity } of found[search] ?? []) {
      if (Math.abs(similarity - (similarityOf.get(id) ?? similarity)) < 1e-6) continue;
      throw new Error(
        `vectors: match_embeddings() returned a wrong similarity for ${id}: ${similarity}`,
      );
    }
  }
}

/** Compares a search with a threshold that a few rows pass with a search without one. */
async function threshold({ session, rounds, say }: Bench, searches: string[]): Promise<Outcome> {
  say("vector_threshold");
  const [owner] = owners.filter(({ name }) => name === "10 %");
  const as = { account: idOf("account", owner?.user ?? 0) };
  const plain: Work = {
    as,
    text: `select id, similarity from public.match_embeddings($1::extensions.vector, match_count => ${K})`,
    values: (n) => [searches[n] as string],
  };
  const nearest = await session.outcomes<{ similarity: number }>(plain, searches.length);
  const limits = nearest.map((rows) => String(rows[FEW - 1]?.similarity));
  const limited: Work = {
    as,
    text: `select id, similarity
      from public.match_embeddings($1::extensions.vector, $2::float8, ${K})`,
    values: (n) => [searches[n] as string, limits[n] as string],
  };
  for (const rows of await session.outcomes(limited, searches.length)) {
    if (rows.length !== FEW)
      throw new Error(`vector_threshold: expected ${FEW} rows, found ${rows.length}`);
  }
  const medianOf = (work: Work) => async () => median(await session.time(work, TIMED));
  const times = await takeTurns(medianOf(limited), medianOf(plain), rounds);
  return {
    ratio: times.ratio,
    spread: times.spread,
    absolute: { with_ms: times.ours, without_ms: times.theirs },
  };
}
