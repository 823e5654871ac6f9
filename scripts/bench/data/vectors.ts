import { END, idOf, START } from "./people.ts";
import { randomFrom } from "./random.ts";
import type { Size } from "./size.ts";
import type { TableRows } from "./values.ts";

const DIMENSIONS = 1536;

/** The user whose topics no other user has. */
const APART = 3;

/**
 * Owners by their share of the rows. One user owns half of the rows, in topics that no other user
 * has. The rows of all others are in topics that they share.
 */
export const owners = [
  { name: "0.1 %", user: 0, share: 0.001 },
  { name: "1 %", user: 1, share: 0.01 },
  { name: "10 %", user: 2, share: 0.1 },
  { name: "50 %", user: APART, share: 0.5 },
] as const;

/** Returns the name of a table with a copy of one owner's rows and its own index. */
export function ownTable(user: number): string {
  return `bench.embeddings_of_${user}`;
}

/** Returns the SQL that creates these copies, with the same index definition as for all rows. */
export function copyOwnRows(index: string): string {
  const copies = owners.map(
    ({ user }) => `
      create table ${ownTable(user)} (like public.embeddings including storage)
        with (toast_tuple_target = 8160);
      insert into ${ownTable(user)}
      select * from public.embeddings where user_id = '${idOf("account", user)}' order by created_at;
      ${index
        .replace("idx_embeddings_vector", `idx_of_${user}_vector`)
        .replace("public.embeddings", ownTable(user))};
      create index on ${ownTable(user)} using gin (metadata jsonb_path_ops);`,
  );
  return `create schema bench; ${copies.join("\n")}
    grant usage on schema bench to postgres;
    grant select on all tables in schema bench to postgres;`;
}

/** Filters, by the share of the rows that pass. */
export const filters = [
  { name: "no filter", filter: {} },
  { name: "a filter that all rows pass", filter: { all: true } },
  { name: "a filter that half of the rows pass", filter: { half: true } },
  { name: "a filter that 1 % of the rows pass", filter: { percent: 7 } },
] as const;

/** The number of directions in which the rows of a topic vary around its centre. */
const DIRECTIONS = 12;
const ROWS_OF_TOPIC = 400;

/** The vector space: the centres of the topics, and the directions in which their rows vary. */
class Space {
  readonly topics: number;
  readonly #centres: Float32Array[];
  readonly #directions: Float32Array[];

  constructor({ embeddings }: Size) {
    this.topics = Math.max(20, Math.round(embeddings / ROWS_OF_TOPIC));
    const random = randomFrom(3);
    const vector = (scale: number) =>
      Float32Array.from({ length: DIMENSIONS }, () => (random() - 0.5) * scale);
    this.#centres = Array.from({ length: this.topics }, () => vector(1));
    this.#directions = Array.from({ length: 64 }, () => vector(0.5));
  }

  /** Returns a point near the centre of a topic, in the text format of pgvector with 3 decimals. */
  pointOf(topic: number, random: () => number): string {
    const sum = Float32Array.from(this.#centres[topic] as Float32Array);
    for (let d = 0; d < DIRECTIONS; d += 1) {
      const direction = this.#directions[(topic * 7 + d) % 64] as Float32Array;
      const step = (random() + random() - 1) * 1.4;
      for (let i = 0; i < DIMENSIONS; i += 1)
        sum[i] = (sum[i] as number) + step * (direction[i] as number);
    }
    let text = "[";
    for (let i = 0; i < DIMENSIONS; i += 1) {
      text += digits(sum[i] as number);
      text += i < DIMENSIONS - 1 ? "," : "]";
    }
    return text;
  }
}

/** Returns the topic of a row, among the topics of its owner. */
function topicOf(row: number, user: number, { topics }: Space): number {
  const half = Math.floor(topics / 2);
  return user === APART ? half + (row % (topics - half)) : row % half;
}

export function embeddingRows(size: Size): TableRows {
  const space = new Space(size);
  return {
    table: "public.embeddings",
    columns: ["id", "user_id", "content", "embedding", "metadata", "created_at"],
    count: size.embeddings,
    *rows() {
      const random = randomFrom(4);
      for (let n = 0; n < size.embeddings; n += 1) {
        const user = ownerOfRow(n, size);
        const metadata = { all: true, half: n % 2 === 0, percent: Math.floor(random() * 100) };
        yield [
          `document-${n}`,
          idOf("account", user),
          `document ${n}`,
          space.pointOf(topicOf(Math.floor(random() * 1e9), user, space), random),
          JSON.stringify(metadata),
          new Date(START + ((END - START) * n) / size.embeddings).toISOString(),
        ].join("\t");
      }
    },
  };
}

/** Returns the owner of a row. The rows of each owner are spread over the table. */
function ownerOfRow(row: number, { users }: Size): number {
  const place = (row % 1000) / 1000;
  let from = 0;
  for (const { user, share } of owners) {
    if (place < from + share) return user;
    from += share;
  }
  return owners.length + (row % (users - owners.length));
}

/** Returns query vectors that are spread evenly over the topics. */
export function queryVectors(count: number, topics: "shared" | "own", size: Size): string[] {
  const space = new Space(size);
  const random = randomFrom(5);
  const user = topics === "own" ? APART : 0;
  return Array.from({ length: count }, (_, i) =>
    space.pointOf(topicOf(i * 7, user, space), random),
  );
}

const written = Array.from({ length: 20_001 }, (_, i) => String((i - 10_000) / 1000));

function digits(value: number): string {
  return written[Math.round(value * 1000) + 10_000] as string;
}
