import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    globalSetup: "test/support/global-setup.ts",
    // Tests wait for a real API and real password hashes, many files at a time.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Three stacks: the tests of the stack make objects that the rules of the catalog would object
    // to, and maintenance works on everybody's rows.
    projects: [
      {
        extends: true,
        test: {
          name: "schema",
          include: ["test/{assistant,director,integration,catalog,types}/**/*.test.ts"],
        },
      },
      { extends: true, test: { name: "stack", include: ["test/stack/**/*.test.ts"] } },
      { extends: true, test: { name: "operations", include: ["test/operations/**/*.test.ts"] } },
    ],
  },
});
