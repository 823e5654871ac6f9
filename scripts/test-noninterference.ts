import { runCommand, UsageError } from "./project/command.ts";
import { runVitest } from "./proofs/run-vitest.ts";

await runCommand({
  name: "test:noninterference",
  summary: [
    "Send random requests of a caller twice, with and without other people's data: the answers",
    "must be the same. On a stack of its own, or on the one that SUPABASE_URL names, if nobody has",
    "anything there.",
  ].join("\n"),
  options: {
    requests: {
      type: "string",
      value: "N",
      description: "at least so many (default: 500)",
    },
    seed: { type: "string", value: "S", description: "the seed of an earlier run (default: any)" },
    asked: { type: "string", value: "NAMES", description: "what an earlier run asked for" },
  },
  async run({ requests, seed, asked }) {
    await runVitest(["--project=noninterference"], {
      // Which npm test leaves to native Postgres.
      TEST_IN_FULL: "1",
      NONINTERFERENCE_REQUESTS: readNumber("requests", requests),
      NONINTERFERENCE_SEED: readNumber("seed", seed),
      NONINTERFERENCE_ASKED: asked,
    });
  },
});

function readNumber(option: string, text: string | undefined): string | undefined {
  if (text === undefined || /^\d{1,10}$/.test(text)) return text;
  throw new UsageError(`--${option} is a whole number of up to ten digits, not ${text}`);
}
