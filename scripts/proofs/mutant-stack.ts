import { createVitest, type TestModule, type Vitest } from "vitest/node";
import { CommandError } from "../project/command.ts";
import { withConnection } from "../project/database-url.ts";
import { packageRoot, readSettings } from "../project/settings.ts";
import { type Api, startApi } from "../stack/api/api.ts";
import { hardenProcess } from "../stack/api/harden-process.ts";
import type { HostedDatabase } from "../stack/server/hosted-database.ts";
import type { Mutant } from "./mutants.ts";

/** Tests that cannot see the mutant: they start their own stack, use none, or check only types. */
const ELSEWHERE = [
  "test/clients/zod.test.ts",
  "test/operations/rollback.test.ts",
  "test/operations/verify.test.ts",
  "test/security/deployed-settings.test.ts",
  "test/security/planted-keys.test.ts",
  "test/security/sql-lint.test.ts",
  "test/security/threats.test.ts",
];

/**
 * A stack that runs one mutant after another under the same URLs. It loads the schema tests once,
 * because starting them takes longer than running them for most mutants.
 */
export class MutantStack {
  readonly #original: HostedDatabase;
  readonly #settings = { ...readSettings(), apiPort: 0 };
  #database: HostedDatabase;
  #api: Api | undefined;
  #vitest: Vitest | undefined;
  /** The modules of the last run only. The result of vitest includes all earlier runs. */
  #ended: TestModule[] = [];

  private constructor(original: HostedDatabase, database: HostedDatabase) {
    this.#original = original;
    this.#database = database;
  }

  /**
   * Starts the stack and checks that the given tests pass.
   *
   * @param original the unchanged database, which must have no open connections
   * @param first the test files that must pass without a mutant
   */
  static async start(original: HostedDatabase, first: string[]): Promise<MutantStack> {
    hardenProcess();
    const stack = new MutantStack(original, await original.copy());
    await stack.#connect();
    // The global setup of the tests reads these once.
    Object.assign(process.env, {
      // With the project operations.
      TEST_IN_FULL: "1",
      SUPABASE_URL: stack.#api?.url,
      SUPABASE_DB_URL: stack.#database.owner,
      SUPABASE_PUBLISHABLE_KEY: stack.#settings.publishableKey,
      SUPABASE_SECRET_KEY: stack.#settings.secretKey,
    });
    stack.#vitest = await createVitest("test", {
      root: packageRoot,
      project: ["schema", "operations"],
      watch: false,
      reporters: [{ onTestModuleEnd: (module) => void stack.#ended.push(module) }],
      bail: 1,
      isolate: false,
    });
    await stack.assertPasses(first);
    return stack;
  }

  /** Checks that the tests pass now. A test that always fails would detect every mutant. */
  async assertPasses(parts: string[]): Promise<void> {
    const failed = await this.run(parts);
    if (failed) throw new CommandError(`the tests fail without a mutant: ${failed}`);
  }

  /** Replaces the database by a fresh copy, and applies the mutant if one is given. */
  async take(mutant?: Mutant): Promise<void> {
    await this.#disconnect();
    this.#database = await this.#original.copy(this.#database);
    const { superuser } = this.#database;
    if (mutant) await withConnection(superuser, (sql) => sql.unsafe(mutant.statement).simple());
    await this.#connect();
  }

  /**
   * Runs tests and returns the name of the first one that failed.
   *
   * @param parts substrings of the paths of the test files
   * @param word a word that the test names must contain
   */
  async run(parts: string[], word?: string): Promise<string | undefined> {
    this.#vitest?.setGlobalTestNamePattern(
      word === undefined ? /(?:)/ : new RegExp(`\\b${word}\\b`),
    );
    this.#ended = [];
    const files = (await this.#vitest?.globTestSpecifications(parts)) ?? [];
    const here = files.filter(({ moduleId }) => !ELSEWHERE.some((path) => moduleId.endsWith(path)));
    if (here.length === 0) throw new CommandError(`no test file matches ${parts.join(", ")}`);
    // One project after the other, because vitest refuses two with different numbers of workers.
    for (const project of new Set(here.map((file) => file.project))) {
      const result = await this.#vitest?.runTestSpecifications(
        here.filter((file) => file.project === project),
      );
      const [error] = result?.unhandledErrors ?? [];
      // Otherwise the mutant would survive tests that did not run.
      if (error) throw new CommandError(`vitest failed: ${String(error)}`);
      if (this.#ended.some((module) => module.state() === "failed")) break;
    }
    for (const module of this.#ended) {
      const [failed] = module.children.allTests("failed");
      const name = failed?.fullName ?? module.errors()[0]?.message.split("\n")[0];
      if (module.state() === "failed") return `${module.relativeModuleId}: ${name}`;
    }
    return undefined;
  }

  async stop(): Promise<void> {
    await this.#vitest?.close();
    await this.#disconnect();
  }

  async #connect() {
    this.#api = await startApi(this.#settings);
    this.#settings.apiPort = Number(new URL(this.#api.url).port);
    const { rest, auth, owner } = this.#database;
    this.#api.connect({ rest, auth, catalog: owner });
  }

  async #disconnect() {
    await this.#api?.close();
    await this.#database.drop();
  }
}
