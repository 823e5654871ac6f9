import { runCommand } from "./lib/command.ts";
import { wasSeeded } from "./lib/seeded.ts";
import { requireStack } from "./lib/stack-state.ts";
import { welcome } from "./lib/welcome.ts";

await runCommand({
  name: "status",
  summary: "Show how to reach the embedded local stack.",
  options: {
    json: { type: "boolean", description: "print it as JSON, under the names of supabase status" },
  },
  async run({ json }) {
    const environment = await requireStack();
    if (json) return console.log(JSON.stringify(environment, null, 2));
    console.log(welcome(environment, { signIns: await wasSeeded(environment.DB_URL) }));
  },
});
