import { runCommand } from "./lib/command.ts";
import { writeGenerated } from "./lib/generated.ts";
import { describeSchema } from "./lib/schema-docs.ts";
import { expectedCatalog } from "./lib/verify.ts";

const PAGE = "docs/schema.md";

await runCommand({
  name: "docs",
  summary: `Generate ${PAGE} from the migrations and their comments.`,
  options: {
    check: { type: "boolean", description: `write nothing; fail when ${PAGE} is out of date` },
  },
  async run(values) {
    const text = describeSchema(await expectedCatalog());
    const { check } = values;
    console.log(await writeGenerated({ path: PAGE, text, check, remedy: "npm run docs" }));
  },
});
