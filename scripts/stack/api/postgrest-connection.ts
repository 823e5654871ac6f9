import { randomUUID } from "node:crypto";
import { PostgresConnection } from "@supabase/lite/postgres";
import { API_APPLICATION_NAME } from "../engine/embedded-postgres.ts";

/** The number of requests that the API runs at the same time. */
const POOL_SIZE = 8;

const POSTGRES_OPTIONS = {
  // All clients of the embedded session would share named statements.
  prepare: false,
  onnotice: () => {},
  connection: { application_name: API_APPLICATION_NAME },
};

/** Returns a connection with which a {@link PostgrestConnection} reads the schema. */
export function catalogConnection(url: string): PostgresConnection {
  return new PostgresConnection({ url, postgresOptions: { ...POSTGRES_OPTIONS, max: 1 } });
}

/** The fields of a Postgres error that an answer of the API contains. */
interface PostgresFailure {
  code: string;
  message: string;
  detail?: string;
  hint?: string;
}

/**
 * The connection of `@supabase/lite` to Postgres, with fixes for the differences from PostgREST:
 * grants, schemas, numbers, times, JSON arguments, vectors and errors. All fixes are in this class,
 * so that each can be deleted when the library has fixed the problem.
 */
export class PostgrestConnection extends PostgresConnection {
  readonly #catalog: PostgresConnection;
  readonly #schemas: Set<string>;
  readonly #narrowed = new WeakSet<object>();
  #refreshed: Promise<void> | undefined;

  /**
   * @param url for the login that switches to the role of each caller
   * @param catalog connected with a login that sees the whole schema. The library reads the
   *   `information_schema`, which shows only objects on which the login has privileges
   * @param schemas the schemas that the API serves
   */
  constructor(url: string, catalog: PostgresConnection, schemas: string[]) {
    super({
      url,
      postgresOptions: {
        ...POSTGRES_OPTIONS,
        max: POOL_SIZE,
        types: { text, boolean, numeric, date, timestamp, timestamptz, json, jsonb },
      },
    });
    this.#catalog = catalog;
    // Without this, the first request grants ALL on every table to all API roles, which hides every
    // missing or wrong grant. test/stack/api.test.ts tests this.
    Object.assign(this, { rlsState: "active" });
    this.#schemas = new Set(schemas);
  }

  /**
   * Returns the objects of the schemas that the API serves. The library finds relations by their
   * unqualified name. With all schemas, it would embed columns of `auth.users` for `public.users`.
   */
  override async introspect(options?: { useCache?: boolean }) {
    const found = await this.#catalog.introspect(options);
    if (this.#narrowed.has(found)) return found;
    for (const list of Object.values(found)) {
      if (!Array.isArray(list)) continue;
      const served = (list as { schema?: string }[]).filter(
        ({ schema }) => schema === undefined || this.#schemas.has(schema),
      );
      list.splice(0, list.length, ...served);
    }
    this.#narrowed.add(found);
    return found;
  }

  override viewOptionsMetadata(...view: Parameters<PostgresConnection["viewOptionsMetadata"]>) {
    return this.#catalog.viewOptionsMetadata(...view);
  }

  /**
   * Encodes the JSON arguments of functions, and marks them as encoded. Without
   * this, the library would encode objects and arrays but not strings, and the driver would then
   * encode all of them, some for the second time.
   */
  override async onPostgrestAST(ast: Parameters<PostgresConnection["onPostgrestAST"]>[0]) {
    const call = await super.onPostgrestAST(ast);
    if (call.type !== "rpc" || !call.args || Array.isArray(call.args)) return call;
    const { functions = [] } = await this.introspect({ useCache: true });
    const types = new Map(
      functions
        .filter(({ name }) => name === call.function)
        .flatMap(({ arg_names, arg_types }) => arg_names.map((name, i) => [name, arg_types[i]])),
    );
    const args = Object.entries(call.args).map(([name, value]) => {
      if (value === null || !isJsonType(types.get(name))) return [name, value];
      return [name, ENCODED + JSON.stringify(value)];
    });
    return { ...call, args: Object.fromEntries(args) };
  }

  /** Makes the next request read the schema again, as PostgREST does after `reload schema`. */
  markSchemaStale(): void {
    this.#refreshed = undefined;
  }

  /** Reads the schema again if it is marked as stale, and resolves when the cache is up to date. */
  refreshSchema(): Promise<void> {
    this.#refreshed ??= this.#refresh().catch((error) => {
      this.#refreshed = undefined;
      throw error;
    });
    return this.#refreshed;
  }

  async #refresh() {
    await this.#catalog.clearSchemaCache();
    await this.#learnVectorTypes();
  }

  /**
   * Sends an array for a vector as `[1,2,3]`. The driver sends `1,2,3`, which is not a valid
   * vector.
   */
  async #learnVectorTypes() {
    const types = await this.driver<{ oid: number }[]>`
      select oid::int from pg_type where typname in ('vector', 'halfvec')`;
    for (const { oid } of types) this.driver.options.serializers[oid] = asText;
  }

  /**
   * Keeps the SQLSTATE, detail and hint of errors. The library replaces some SQLSTATEs with `SUP`,
   * and drops some hints. It returns errors in the form of PostgREST's `raise sqlstate 'PGRST'`
   * unchanged, so this uses that form.
   */
  override normalizeDbError(error: unknown): unknown {
    if (!isPostgresFailure(error) || isAnsweredWell(error.code)) return error;
    const { code, message, detail = null, hint = null } = error;
    return Object.assign(new PassedOnError(message), {
      code: "PGRST",
      message: JSON.stringify({ code, message, details: detail, hint }),
      detail: JSON.stringify({ status: httpStatus(code), headers: {} }),
    });
  }
}

/**
 * A prefix for text that is already encoded as JSON. It is random, so that no other text has it.
 */
const ENCODED = `${randomUUID()}:`;

function isJsonType(type: string | undefined): boolean {
  return type === "json" || type === "jsonb";
}

function encodeJson(value: unknown): string {
  const isEncoded = typeof value === "string" && value.startsWith(ENCODED);
  return isEncoded ? value.slice(ENCODED.length) : JSON.stringify(value);
}

function parseJson(text: string): unknown {
  return JSON.parse(text);
}

/** An error that is an answer to the client, and needs no log line. */
export class PassedOnError extends Error {}

/** Returns true for an error that Postgres raised, which has a SQLSTATE. */
export function isPostgresFailure(error: unknown): error is PostgresFailure {
  return error instanceof Error && "severity_local" in error && "code" in error;
}

/**
 * Returns true for a SQLSTATE to which the library gives the same answer as PostgREST. Some answers
 * depend on the caller (401 or 403).
 */
function isAnsweredWell(code: string): boolean {
  return /^(42|22|21|25006|23502|PT|PGRST)/.test(code);
}

/** Returns PostgREST's status code: https://docs.postgrest.org/en/v13/references/errors.html */
function httpStatus(code: string): number {
  if (code === "23503" || code === "23505") return 409;
  if (code === "P0001") return 400;
  if (/^(08|53)/.test(code)) return 503;
  if (/^(0L|0P|28)/.test(code)) return 403;
  if (/^(09|25|2D|38|39|3B|40|54|55|57|58|F0|HV|P0|XX)/.test(code)) return 500;
  return 400;
}

/** Returns the JSON text of a value. Postgres then parses or rejects it, as it does for PostgREST. */
function asText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function asIs(text: string): string {
  return text;
}

// The driver stores {} as [object Object], sends every value except true as false, and fails for a
// time that is not a text.
const text = { to: 25, from: [25], serialize: asText, parse: asIs };
const boolean = { to: 16, from: [16], serialize: asText, parse: (text: string) => text === "t" };
const date = { to: 1082, from: [1082], serialize: asText, parse: asIs };
const timestamp = { to: 1114, from: [1114], serialize: asText, parse: asIs };
// PostgREST returns 0.1 and "2026-01-01T00:00:00+00:00", where the library returns the strings
// "0.10" and "2026-01-01 00:00:00+00".
const numeric = { to: 1700, from: [1700], serialize: String, parse: Number };
const timestamptz = {
  to: 1184,
  from: [1184],
  serialize: asText,
  parse: (text: string) => text.replace(" ", "T").replace(/([+-]\d\d)$/, "$1:00"),
};
const json = { to: 114, from: [114], serialize: encodeJson, parse: parseJson };
const jsonb = { to: 3802, from: [3802], serialize: encodeJson, parse: parseJson };
