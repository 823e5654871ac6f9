import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const isNative = process.env.NATIVE_POSTGRES_URL !== undefined;

/**
 * Defines a project whose test files share one stack. The setup creates the stack for the project.
 *
 * @param options.folders the test folders; by default, the folder with the name of the project
 * @param options.isolate false when the files may share a process, because they change nothing in
 *   it
 * @param options.fileParallelism false when the files must not run at the same time
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

/**
 * Projects for both engines: they test the schema, and that the API behaves like hosted Supabase.
 */
const both = [
  withStack("schema", {
    folders: "{access,assistant,catalog,clients,director,integration,security,types}",
    isolate: false,
  }),
  // Creates objects that break the rules of the catalog tests.
  withStack("stack"),
];

/** Projects that need the embedded engine. */
const embeddedOnly = [
  { extends: true as const, test: { name: "embedded", include: ["test/embedded/**/*.test.ts"] } },
  // Runs each command in a separate process; most of them start the embedded stack.
  { extends: true as const, test: { name: "commands", include: ["test/commands/**/*.test.ts"] } },
];

/** Projects that run on a server by default: it is closer to production, or many times as fast. */
const provenOnServer = [
  // Reads and changes the rows of all tenants: the maintenance of one file would meet those of another.
  withStack("operations", { fileParallelism: false }),
  // Changes materialized views, which the tests of the maintenance refresh.
  withStack("report"),
  // Counts how often each index is used, on a stack whose tables all have rows.
  withStack("advisors", { setup: "filled-setup", fileParallelism: false }),
  // Requires a stack without other rows.
  withStack("noninterference"),
  withStack("recall"),
  // Follows the steps of CONTRIBUTING.md in a copy of the project, with separate stacks.
  {
    extends: true as const,
    test: { name: "contributing", include: ["test/contributing/**/*.test.ts"] },
  },
  // Packs the package and installs it in another folder.
  withStack("package"),
  // Signs in with the accounts of the seed.
  withStack("examples", { setup: "seeded-setup" }),
];

/** Projects that need many sessions at once. */
const serverOnly = [withStack("native")];

/**
 * Each project runs on the engine where it proves most. `npm run test:all` sets this variable, to
 * run every project that an engine supports.
 */
const isInFull = process.env.TEST_IN_FULL !== undefined;

/** The files that take longest, longest first. */
const LONGEST = [
  "contributing/worked-example",
  "noninterference/noninterference",
  "commands/lifecycle",
  "commands/runbooks",
  "native/bench",
  "advisors/advisors",
  "package/package",
  "examples/people",
  "examples/page",
  "recall/recall",
];

/** Starts the longest files first, so that none of them runs alone at the end. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]) {
    const rank = ({ moduleId }: TestSpecification) => {
      const at = LONGEST.findIndex((part) => moduleId.includes(part));
      return at < 0 ? LONGEST.length : at;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  // In an application, npm installs the package under this name.
  resolve: {
    alias: { "supabase-ai-schema": fileURLToPath(new URL("src/index.ts", import.meta.url)) },
  },
  test: {
    // Tests wait for a real API and real password hashes, many files at a time.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    sequence: { sequencer: LongestFirst },
    // The stacks run in separate processes.
    maxWorkers: "100%",
    projects: isNative
      ? [...both, ...provenOnServer, ...serverOnly]
      : [...both, ...embeddedOnly, ...(isInFull ? provenOnServer : [])],
  },
});
