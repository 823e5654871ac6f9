import { generateTypes } from "./generators/generate.ts";
import { writeGenerated } from "./generators/generated.ts";
import { runCommand } from "./project/command.ts";
import { databaseUrlOption, resolveDatabaseUrl } from "./project/database-url.ts";
import { startTemporaryStack } from "./stack/stack.ts";

await runCommand({
  name: "types",
  summary:
    "Generate the types of the package with supabase gen types. npm run generate also does this,\n" +
    "but only for a new database with the migrations.",
  options: {
    check: { type: "boolean", description: "write nothing; fail when the types are out of date" },
    "db-url": {
      ...databaseUrlOption,
      description: "the database to read (default: a new one with the migrations)",
    },
  },
  async run(values) {
    const named = values["db-url"];
    const types = named
      ? await generateTypes(await resolveDatabaseUrl(named))
      : await withFreshDatabase(generateTypes);
    const { check } = values;
    console.log(await writeGenerated({ ...types, check, remedy: "npm run generate" }));
  },
});

async function withFreshDatabase<T>(use: (databaseUrl: string) => Promise<T>): Promise<T> {
  const stack = await startTemporaryStack();
  try {
    return await use(stack.environment.DB_URL);
  } finally {
    await stack.close();
  }
}
