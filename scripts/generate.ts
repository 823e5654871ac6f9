import { describePerformance } from "./bench/page.ts";
import { readRecord } from "./bench/record.ts";
import { generateFromMigrations } from "./generators/generate.ts";
import { writeGenerated } from "./generators/generated.ts";
import { runCommand } from "./project/command.ts";

await runCommand({
  name: "generate",
  summary: `Generate files from the migrations, the contract and the recorded benchmarks:
the types and unions of the package, supabase/catalog.json, and three pages of docs.`,
  options: {
    check: { type: "boolean", description: "write nothing; fail when a file is out of date" },
  },
  async run({ check }) {
    const { text, charts } = describePerformance(await readRecord());
    const files = [
      ...(await generateFromMigrations()),
      { path: "docs/performance.md", text },
      ...Object.entries(charts).map(([name, chart]) => {
        return { path: `docs/images/${name}`, text: chart };
      }),
    ];
    for (const file of files) {
      console.log(await writeGenerated({ ...file, check, remedy: "npm run generate" }));
    }
  },
});
