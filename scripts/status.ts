import { demoSignIns } from "./contract/sign-ins.ts";
import { runCommand } from "./project/command.ts";
import { wasSeeded } from "./project/seeded.ts";
import { requireStack } from "./stack/stack-state.ts";
import { welcome } from "./stack/welcome.ts";

await runCommand({
  name: "status",
  summary: "Show the URLs and keys of the embedded local stack.",
  options: {
    json: { type: "boolean", description: "print JSON with the names that supabase status uses" },
  },
  async run({ json }) {
    const environment = await requireStack();
    if (json) return console.log(JSON.stringify(environment, null, 2));
    console.log(welcome(environment, (await wasSeeded(environment.DB_URL)) ? demoSignIns : null));
  },
});
