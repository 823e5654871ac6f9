import { defineConfig } from "vitest/config";

const isNative = process.env.NATIVE_POSTGRES_URL !== undefined;

/** Tests that share a stack, made for them; by default the folder of the same name. */
function withStack(name: string, folders = name, setup = "global-setup") {
  return {
    extends: true as const,
    test: {
      name,
      include: [`test/${folders}/**/*.test.ts`],
      globalSetup: `test/support/${setup}.ts`,
    },
  };
}

export default defineConfig({
  test: {
    // Tests wait for a real API and real password hashes, many files at a time.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      withStack("schema", "{access,assistant,catalog,clients,director,integration,security,types}"),
      // Packs the package, and installs it elsewhere.
      withStack("package"),
      // Makes objects that the rules of the catalog would object to.
      withStack("stack"),
      // Works on everybody's rows.
      withStack("operations"),
      // Signs in as the people of the seed.
      withStack("examples", "examples", "seeded-setup"),
      // Wants nobody else's rows.
      withStack("noninterference"),
      // Fills every table, and counts how often each index is used.
      withStack("advisors"),
      // The one engine, and what it cannot do.
      isNative
        ? withStack("native")
        : { extends: true, test: { name: "embedded", include: ["test/embedded/**/*.test.ts"] } },
    ],
  },
});
