import { createVitest, type TestModule, type Vitest } from "vitest/node";
import { CommandError } from "../project/command.ts";
import { withConnection } from "../project/database-url.ts";
import { packageRoot, readSettings } from "../project/settings.ts";
import { type Api, startApi } from "../stack/api/api.ts";
import { hardenProcess } from "../stack/api/harden-process.ts";
import type { HostedDatabase } from "../stack/server/hosted-database.ts";
import type { Mutant } from "./mutants.ts";

/** Tests of stacks of their own, in which the mutant is not, of no stack, or of types alone. */
const ELSEWHERE = [
  "test/clients/zod.test.ts",
  "test/security/deployed-settings.test.ts",
  "test/security/planted-keys.test.ts",
  "test/security/sql-lint.test.ts",
  "test/security/threats.test.ts",
];

/**
 * A stack that takes one mutant after the other, always under the same URLs, and the tests of the
 * schema, loaded once: for most mutants, starting them would take longer than running them.
 */
export class MutantStack {
  readonly #original: HostedDatabase;
  readonly #settings = { ...readSettings(), apiPort: 0 };
  #database: HostedDatabase;
  #api: Api | undefined;
  #vitest: Vitest | undefined;
  /** Those of the last run alone: what vitest returns has those of all runs before. */
  #ended: TestModule[] = [];

  private constructor(original: HostedDatabase, database: HostedDatabase) {
    this.#original = original;
    this.#database = database;
  }

  /**
   * @param original the database as it should be, to which nobody is connected
   * @param first test files, which must pass without a mutant
   */
  static async start(original: HostedDatabase, first: string[]): Promise<MutantStack> {
    hardenProcess();
    const stack = new MutantStack(original, await original.copy());
    await stack.#connect();
    // Read by the tests' global setup, once.
    Object.assign(process.env, {
      SUPABASE_URL: stack.#api?.url,
      SUPABASE_DB_URL: stack.#database.owner,
      SUPABASE_PUBLISHABLE_KEY: stack.#settings.publishableKey,
      SUPABASE_SECRET_KEY: stack.#settings.secretKey,
    });
    stack.#vitest = await createVitest("test", {
      root: packageRoot,
      project: ["schema"],
      watch: false,
      reporters: [{ onTestModuleEnd: (module) => void stack.#ended.push(module) }],
      bail: 1,
      isolate: false,
    });
    await stack.assertPasses(first);
    return stack;
  }

  /** A test that fails by itself would take every mutant for noticed. */
  async assertPasses(parts: string[]): Promise<void> {
    const failed = await this.run(parts);
    if (failed) throw new CommandError(`the suite fails without a mutant: ${failed}`);
  }

  /** Replaces what the stack holds by a fresh copy, with the mutant if there is one. */
  async take(mutant?: Mutant): Promise<void> {
    await this.#disconnect();
    this.#database = await this.#original.copy(this.#database);
    const { superuser } = this.#database;
    if (mutant) await withConnection(superuser, (sql) => sql.unsafe(mutant.statement).simple());
    await this.#connect();
  }

  /**
   * Runs tests, and tells the first that failed.
   *
   * @param parts of the paths of their files
   * @param word that their names hold
   */
  async run(parts: string[], word?: string): Promise<string | undefined> {
    this.#vitest?.setGlobalTestNamePattern(
      word === undefined ? /(?:)/ : new RegExp(`\\b${word}\\b`),
    );
    this.#ended = [];
    const files = (await this.#vitest?.globTestSpecifications(parts)) ?? [];
    const here = files.filter(({ moduleId }) => !ELSEWHERE.some((path) => moduleId.endsWith(path)));
    if (here.length === 0) throw new CommandError(`no test is called ${parts.join(", ")}`);
    await this.#vitest?.runTestSpecifications(here);
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
