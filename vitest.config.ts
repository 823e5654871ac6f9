import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    globalSetup: "test/support/global-setup.ts",
    include: ["test/**/*.test.ts"],
    // Tests wait for a real API and real password hashes, many files at a time.
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
