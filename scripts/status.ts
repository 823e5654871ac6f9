import { runCommand } from "./lib/command.ts";
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
    console.log(json ? JSON.stringify(environment, null, 2) : welcome(environment));
  },
});
