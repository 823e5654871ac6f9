import { goals } from "./bench/goals.ts";
import { keepRecord, RECORD } from "./bench/record.ts";
import { type Results, runBenchmarks } from "./bench/run.ts";
import { runCommand } from "./project/command.ts";
import { nativeServer } from "./stack/server/native-postgres.ts";

await runCommand({
  name: "bench",
  summary: `Measure the schema on native Postgres 17, with 1,000 tenants and 3 million messages.

Variants are measured in turns, in the same run, and must have the same outcome. Starts npm run
postgres:native, or uses the server in SUPABASE_DB_URL. The data is created once: about 8 GB, and
14 GB more with ten times as much data of other tenants. The list shows the quartiles of the rounds
in parentheses, and ! marks a missed goal.`,
  options: {
    quick: { type: "boolean", description: "use a twentieth of the data" },
    json: { type: "boolean", description: "print all figures as JSON" },
    only: {
      type: "string",
      value: "KEY",
      description: "only benchmarks with this text in their key",
    },
    record: { type: "boolean", description: `save the figures in ${RECORD}, for npm run generate` },
  },
  async run({ quick = false, json = false, only, record = false }) {
    const serverUrl = await nativeServer(console.error);
    const size = quick ? { scale: 0.05, rounds: 5 } : { scale: 1, rounds: 11 };
    const results = await runBenchmarks({ serverUrl, ...size, only });
    if (record) await keepRecord(results, only !== undefined);
    console.log(json ? JSON.stringify(results, null, 2) : tableOf(results));
  },
});

function tableOf({ ratios, absolute, machine }: Results): string {
  const width = Math.max(...Object.keys(ratios).map(({ length }) => length));
  const lines = Object.entries(ratios).map(([key, ratio]) => {
    const { goal, isMet } = { goal: "", isMet: () => true, ...goals[key] };
    const { ratio_low: low, ratio_high: high } = absolute[key] ?? {};
    const spread = low && high ? `(${low.toFixed(2)} to ${high.toFixed(2)})` : "";
    const verdict = isMet(ratio) ? " " : "!";
    return `${key.padEnd(width)}  ${ratio.toFixed(3).padStart(9)}  ${spread.padEnd(16)}  ${verdict} ${goal}`;
  });
  const { postgres, processors, scale } = machine;
  return [...lines, "", `${postgres}, ${processors}, scale ${scale}`].join("\n");
}
