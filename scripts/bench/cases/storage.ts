import type { Benchmark } from "../benchmark.ts";

/** Bytes of a row besides its content: header, keys, times and numbers. */
const OVERHEAD = 72;

/** The disk space of a message with all its indexes, compared with the bytes of its values. */
export const storage: Benchmark = {
  keys: ["bytes_per_message"],
  async run({ session }) {
    const [row] = await session.query<{ stored: string; content: string }>(`
      select
        pg_total_relation_size('public.messages')::numeric / count(*) as stored,
        avg(octet_length(content)) as content
      from public.messages`);
    const [stored, content] = [Number(row?.stored), Number(row?.content)];
    return {
      bytes_per_message: {
        ratio: stored / (content + OVERHEAD),
        absolute: { stored_bytes: stored, content_bytes: content },
      },
    };
  },
};
