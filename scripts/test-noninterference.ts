import { runCommand, UsageError } from "./project/command.ts";
import { runVitest } from "./proofs/run-vitest.ts";

await runCommand({
  name: "test:noninterference",
  summary: [
    "Send each random request of a caller twice, with and without the data of others: the answers",
    "must be the same. Starts a temporary stack, or uses the one in SUPABASE_URL, which must not",
    "contain any data.",
  ].join("\n"),
  options: {
    requests: {
      type: "string",
      value: "N",
      description: "send at least N requests (default: 500)",
    },
    seed: {
      type: "string",
      value: "S",
      description: "the seed of an earlier run (default: a random one)",
    },
    asked: {
      type: "string",
      value: "NAMES",
      description: "the tables and functions of an earlier run",
    },
  },
  async run({ requests, seed, asked }) {
    await runVitest(["--project=noninterference"], {
      // npm test leaves this project to native Postgres.
      TEST_IN_FULL: "1",
      NONINTERFERENCE_REQUESTS: readNumber("requests", requests),
      NONINTERFERENCE_SEED: readNumber("seed", seed),
      NONINTERFERENCE_ASKED: asked,
    });
  },
});

function readNumber(option: string, text: string | undefined): string | undefined {
  if (text === undefined || /^\d{1,10}$/.test(text)) return text;
  throw new UsageError(`--${option} must be a whole number of at most ten digits, not ${text}`);
}
