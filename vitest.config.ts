import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const isNative = process.env.NATIVE_POSTGRES_URL !== undefined;

/**
 * Tests that share a stack, made for them; by default the folder of the same name.
 *
 * @param options.isolate false for files that may share a process, since they change nothing in it
 * @param options.fileParallelism false for files that may not run at the same time
 */
function withStack(
  name: string,
  {
    folders = name,
    setup = "global-setup",
    isolate = true,
    fileParallelism = true,
  }: Partial<WithStack> = {},
) {
  return {
    extends: true as const,
    test: {
      name,
      include: [`test/${folders}/**/*.test.ts`],
      globalSetup: `test/support/${setup}.ts`,
      isolate,
      fileParallelism,
    },
  };
}

interface WithStack {
  folders: string;
  setup: string;
  isolate: boolean;
  fileParallelism: boolean;
}

const nativeOnly = [withStack("native")];

const embeddedOnly = [
  // The engine, and what it cannot do.
  { extends: true as const, test: { name: "embedded", include: ["test/embedded/**/*.test.ts"] } },
  // What stands on the API, and does not see which engine is below it: packs the package and installs
  // it elsewhere, and signs in as the people of the seed.
  withStack("package"),
  withStack("examples", { setup: "seeded-setup" }),
];

export default defineConfig({
  // In an application, npm has installed the package under this name.
  resolve: {
    alias: { "supabase-ai-schema": fileURLToPath(new URL("src/index.ts", import.meta.url)) },
  },
  test: {
    // Tests wait for a real API and real password hashes, many files at a time.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      withStack("schema", {
        folders: "{access,assistant,catalog,clients,director,integration,security,types}",
        isolate: false,
      }),
      // Makes objects that the rules of the catalog would object to.
      withStack("stack"),
      // Works on everybody's rows.
      withStack("operations"),
      // Wants nobody else's rows.
      withStack("noninterference"),
      // On a stack where every table is filled, counts how often each index is used.
      withStack("advisors", { setup: "filled-setup", fileParallelism: false }),
      ...(isNative ? nativeOnly : embeddedOnly),
    ],
  },
});
