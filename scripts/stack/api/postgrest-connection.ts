import { randomUUID } from "node:crypto";
import { PostgresConnection } from "@supabase/lite/postgres";
import { API_APPLICATION_NAME } from "../engine/embedded-postgres.ts";

/** How many requests the API works on at a time. */
const POOL_SIZE = 8;

const POSTGRES_OPTIONS = {
  // Named statements would be shared by all clients of the embedded session.
  prepare: false,
  onnotice: () => {},
  connection: { application_name: API_APPLICATION_NAME },
};

/** A connection for what a {@link PostgrestConnection} wants to know of the schema. */
export function catalogConnection(url: string): PostgresConnection {
  return new PostgresConnection({ url, postgresOptions: { ...POSTGRES_OPTIONS, max: 1 } });
}

/** The error fields that Postgres sends and an API's answer has room for. */
interface PostgresFailure {
  code: string;
  message: string;
  detail?: string;
  hint?: string;
}

/**
 * The connection of `@supabase/lite` to Postgres, with what its API does otherwise than PostgREST
 * put right: grants, schemas, numbers, times, JSON arguments, vectors and errors. One place, so that
 * it can shrink.
 */
export class PostgrestConnection extends PostgresConnection {
  readonly #catalog: PostgresConnection;
  readonly #schemas: Set<string>;
  readonly #narrowed = new WeakSet<object>();
  #refreshed: Promise<void> | undefined;

  /**
   * @param url whose login takes on the role of each caller
   * @param catalog whose login sees what there is in the database: the library reads the
   *   `information_schema`, which shows only what one has rights to
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
    // Otherwise the first request would grant ALL on every table to all API roles, and hide every
    // missing or wrong grant. test/stack/api.test.ts watches this.
    Object.assign(this, { rlsState: "active" });
    this.#schemas = new Set(schemas);
  }

  /**
   * What there is in the schemas that the API serves. The library looks relations up by their bare
   * name, and would embed columns of `auth.users` for those of `public.users`.
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
   * Marks the arguments of functions that are JSON as encoded already. The library encodes objects
   * and arrays, but not strings, and the driver would encode them all, some for the second time.
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

  /** Makes the next request look at the schema afresh, as PostgREST does on `reload schema`. */
  markSchemaStale(): void {
    this.#refreshed = undefined;
  }

  /** Resolves when what is remembered of the schema is as it was last known to be. */
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

  /** Sends a JavaScript array for a vector as `[1,2,3]`; the driver's own `1,2,3` is no vector. */
  async #learnVectorTypes() {
    const types = await this.driver<{ oid: number }[]>`
      select oid::int from pg_type where typname in ('vector', 'halfvec')`;
    for (const { oid } of types) this.driver.options.serializers[oid] = asText;
  }

  /**
   * Keeps the SQLSTATE, detail and hint of errors that the library answers with `SUP`, or without
   * their hint. The form is that of PostgREST's `raise sqlstate 'PGRST'`, which it passes on as is.
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

/** Stands before text that is JSON already; nobody else knows it. */
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

/** An error that the client gets as an answer, and the log need not have. */
export class PassedOnError extends Error {}

/** True for an error that Postgres raised, with its SQLSTATE. */
export function isPostgresFailure(error: unknown): error is PostgresFailure {
  return error instanceof Error && "severity_local" in error && "code" in error;
}

/** What the library maps as PostgREST does, and may depend on who asks (401 or 403). */
function isAnsweredWell(code: string): boolean {
  return /^(42|22|21|25006|23502|PT|PGRST)/.test(code);
}

/** PostgREST's status codes: https://docs.postgrest.org/en/v13/references/errors.html */
function httpStatus(code: string): number {
  if (code === "23503" || code === "23505") return 409;
  if (code === "P0001") return 400;
  if (/^(08|53)/.test(code)) return 503;
  if (/^(0L|0P|28)/.test(code)) return 403;
  if (/^(09|25|2D|38|39|3B|40|54|55|57|58|F0|HV|P0|XX)/.test(code)) return 500;
  return 400;
}

/** What Postgres reads, and refuses, as PostgREST lets it: the text that a value has in JSON. */
function asText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function asIs(text: string): string {
  return text;
}

// The driver stores {} as [object Object], takes whatever is not true for false, and fails at a time
// that is no text.
const text = { to: 25, from: [25], serialize: asText, parse: asIs };
const boolean = { to: 16, from: [16], serialize: asText, parse: (text: string) => text === "t" };
const date = { to: 1082, from: [1082], serialize: asText, parse: asIs };
const timestamp = { to: 1114, from: [1114], serialize: asText, parse: asIs };
// JSON of PostgREST has 0.1 and 2026-01-01T00:00:00+00:00 where the library's has the strings
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
