import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    globalSetup: "test/support/global-setup.ts",
    // Tests wait for a real API and real password hashes, many files at a time.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // A stack each: the tests of the stack make objects that the rules of the catalog would object
    // to, maintenance works on everybody's rows, and noninterference wants nobody else's.
    projects: [
      {
        extends: true,
        test: {
          name: "schema",
          include: [
            "test/{access,assistant,director,integration,catalog,security,types}/**/*.test.ts",
          ],
        },
      },
      { extends: true, test: { name: "stack", include: ["test/stack/**/*.test.ts"] } },
      { extends: true, test: { name: "operations", include: ["test/operations/**/*.test.ts"] } },
      {
        extends: true,
        test: { name: "noninterference", include: ["test/noninterference/**/*.test.ts"] },
      },
    ],
  },
});
