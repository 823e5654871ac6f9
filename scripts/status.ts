import { demoSignIns } from "./contract/sign-ins.ts";
import { runCommand } from "./project/command.ts";
import { wasSeeded } from "./project/seeded.ts";
import { requireStack } from "./stack/stack-state.ts";
import { welcome } from "./stack/welcome.ts";

await runCommand({
  name: "status",
  summary: "Show how to reach the embedded local stack.",
  options: {
    json: { type: "boolean", description: "print it as JSON, under the names of supabase status" },
  },
  async run({ json }) {
    const environment = await requireStack();
    if (json) return console.log(JSON.stringify(environment, null, 2));
    console.log(welcome(environment, (await wasSeeded(environment.DB_URL)) ? demoSignIns : null));
  },
});
