import { CommandError, runCommand } from "./lib/command.ts";
import { runningStack } from "./lib/stack-state.ts";
import { welcome } from "./lib/welcome.ts";

await runCommand({
  name: "status",
  summary: "Show how to reach the embedded local stack.",
  options: {
    json: { type: "boolean", description: "print it as JSON, under the names of supabase status" },
  },
  async run({ json }) {
    const environment = (await runningStack())?.environment;
    if (!environment) throw new CommandError("the stack is not running", "start it: npm start");
    console.log(json ? JSON.stringify(environment, null, 2) : welcome(environment));
  },
});
