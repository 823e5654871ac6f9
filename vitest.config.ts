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

/** What both engines must show: that the schema holds, and that the local API is like the platform's. */
const both = [
  withStack("schema", {
    folders: "{access,assistant,catalog,clients,director,integration,security,types}",
    isolate: false,
  }),
  // Makes objects that the rules of the catalog would object to.
  withStack("stack"),
];

/** What the embedded engine alone can show. */
const embeddedOnly = [
  { extends: true as const, test: { name: "embedded", include: ["test/embedded/**/*.test.ts"] } },
  // Commands in processes of their own, most of which start the embedded stack.
  { extends: true as const, test: { name: "commands", include: ["test/commands/**/*.test.ts"] } },
];

/** What a server shows better, since it is what is deployed or many times as fast. */
const provenOnServer = [
  // Works on everybody's rows.
  withStack("operations"),
  // On a stack where every table is filled, counts how often each index is used.
  withStack("advisors", { setup: "filled-setup", fileParallelism: false }),
  // Wants nobody else's rows.
  withStack("noninterference"),
  withStack("recall"),
  // Carries out what CONTRIBUTING.md shows, in a copy with stacks of its own.
  {
    extends: true as const,
    test: { name: "contributing", include: ["test/contributing/**/*.test.ts"] },
  },
  // Packs the package and installs it elsewhere.
  withStack("package"),
  // Signs in as the people of the seed.
  withStack("examples", { setup: "seeded-setup" }),
];

/** What needs many sessions at once. */
const serverOnly = [withStack("native")];

/** Each proof runs in the lane where it proves most; `npm run test:all` runs all that a lane can. */
const isInFull = process.env.TEST_IN_FULL !== undefined;

export default defineConfig({
  // In an application, npm has installed the package under this name.
  resolve: {
    alias: { "supabase-ai-schema": fileURLToPath(new URL("src/index.ts", import.meta.url)) },
  },
  test: {
    // Tests wait for a real API and real password hashes, many files at a time.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // The stacks have processes of their own.
    maxWorkers: "100%",
    projects: isNative
      ? [...both, ...provenOnServer, ...serverOnly]
      : [...both, ...embeddedOnly, ...(isInFull ? provenOnServer : [])],
  },
});
