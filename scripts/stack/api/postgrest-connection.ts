import { PostgresConnection } from "@supabase/lite/postgres";
import { API_APPLICATION_NAME } from "../engine/embedded-postgres.ts";
import { encodeJson, postgrestArguments } from "./postgrest-arguments.ts";
import {
  type Ast,
  relationReturnedBy,
  type Schema,
  unrelatedEmbed,
  unselectedOrder,
} from "./postgrest-embeds.ts";
import { servedRequest } from "./served-request.ts";

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

type Context<T> = Parameters<typeof PostgresConnection.prototype.withContext<T>>;

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
  #schema: Promise<Schema> | undefined;
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
   *
   * Keeps the result itself, because the library also caches one that it began to read before the
   * schema changed.
   */
  override introspect(): Promise<Schema> {
    this.#schema ??= this.#readSchema();
    return this.#schema;
  }

  async #readSchema(): Promise<Schema> {
    const found = await this.#catalog.introspect({ useCache: false });
    // The library returns nothing when it fails: try again in the next request.
    if (found.tables.length === 0) this.#schema = undefined;
    const served = Object.entries(found).map(([kind, list]) => [
      kind,
      Array.isArray(list) ? list.filter((item) => this.#isServed(item)) : list,
    ]);
    const schema: Schema = Object.fromEntries(served);
    const keys = schema.foreign_keys.filter(({ fk_def }) => this.#leadsToServedSchema(fk_def));
    return { ...schema, foreign_keys: keys };
  }

  #isServed(item: unknown): boolean {
    const schema = item instanceof Object && "schema" in item ? item.schema : undefined;
    return typeof schema !== "string" || this.#schemas.has(schema);
  }

  /** The library keeps no schema of the referenced relation, except in the definition of the key. */
  #leadsToServedSchema(definition: string): boolean {
    const [, quoted, bare] = /REFERENCES (?:(?:"([^"]+)"|(\w+))\.)?/.exec(definition) ?? [];
    const schema = quoted ?? bare;
    return schema === undefined || this.#schemas.has(schema);
  }

  override viewOptionsMetadata(...view: Parameters<PostgresConnection["viewOptionsMetadata"]>) {
    return this.#catalog.viewOptionsMetadata(...view);
  }

  /**
   * Refuses what PostgREST refuses, and passes on the arguments of functions as PostgREST does.
   *
   * @throws PassedOnError with PostgREST's code
   */
  override async onPostgrestAST(ast: Ast, vars?: Context<unknown>[0]): Promise<Ast> {
    const request = await super.onPostgrestAST(ast);
    const schema = await this.introspect();
    refuseUnrelatedEmbed(request, schema);
    refuseUnselectedOrder(request, schema);
    if (isEmptyWrite(request)) return this.#checkedEmptyWrite(request, vars);
    if (request.type !== "rpc" || !request.args) return request;
    return { ...request, args: postgrestArguments(request, schema, servedRequest()?.query) };
  }

  /**
   * Sends the statement of a write without columns, same as PostgREST. The library sends none, so
   * that it would not check the privileges of the caller.
   */
  async #checkedEmptyWrite(request: Ast, vars: Context<unknown>[0]): Promise<Ast> {
    const { schema = "public", from = "" } = request;
    const isUpdate = request.type === "update";
    const send: Context<unknown>[1] = (database) => {
      const api = database.withSchema(schema);
      if (isUpdate) {
        const rows = api.selectFrom(from).select(({ lit }) => lit(null).as("nothing"));
        return rows.where(({ lit }) => lit(false)).execute();
      }
      const rows = database.selectNoFrom([]).where(({ lit }) => lit(false));
      return api.insertInto(from).expression(rows).execute();
    };
    await this.withContext(vars, send);
    // It needs no filter, because it changes no row.
    return isUpdate ? { where: { $and: [] }, ...request } : request;
  }

  /**
   * Sets `request.headers` and the other settings of a request in its transaction. The library sets
   * them only for calls of functions.
   */
  override withContext<T>(
    vars: Context<T>[0],
    run: Context<T>[1],
    options?: Context<T>[2],
  ): Promise<T> {
    const settings = Object.entries(servedRequest()?.settings ?? {});
    const runWithSettings: typeof run = async (database) => {
      if (settings.length > 0) {
        await database
          .selectNoFrom(({ fn, val, lit }) =>
            settings.map(([name, value]) =>
              fn("set_config", [val(name), val(value), lit(true)]).as(name),
            ),
          )
          .execute();
      }
      return run(database);
    };
    return super.withContext(vars, runWithSettings, options);
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
    this.#schema = undefined;
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
    if (!isPostgresFailure(error)) return error;
    if (isZeroByteInBody(error)) return refusal(400, ZERO_BYTE);
    if (isAnsweredWell(error.code)) return error;
    const { code, message, detail = null, hint = null } = error;
    return refusal(httpStatus(code), { code, message, details: detail, hint });
  }
}

function parseJson(text: string): unknown {
  return JSON.parse(text);
}

/** The answer to a zero byte in a body, which PostgREST passes on as JSON. */
const ZERO_BYTE = {
  code: "22P05",
  message: "unsupported Unicode escape sequence",
  details: "\\u0000 cannot be converted to text.",
  hint: null,
};

/** Returns true for a zero byte in the text of a body. In a filter, PostgREST raises 22021, too. */
function isZeroByteInBody({ code, message }: PostgresFailure): boolean {
  const { query, settings } = servedRequest() ?? {};
  const isWrite = /^(POST|PATCH|PUT)$/.test(settings?.["request.method"] ?? "");
  return code === "22021" && /\b0x00$/.test(message) && isWrite && !`${query}`.includes("%00");
}

/** An error that is an answer to the client, and needs no log line. */
export class PassedOnError extends Error {}

/** The fields of an error in PostgREST's answer. */
interface ErrorBody {
  code: string;
  message: string;
  details: string | null;
  hint: string | null;
}

/** Returns an error that the library answers as it is, in the form of `raise sqlstate 'PGRST'`. */
function refusal(status: number, body: ErrorBody): PassedOnError {
  return Object.assign(new PassedOnError(body.message), {
    code: "PGRST",
    message: JSON.stringify(body),
    detail: JSON.stringify({ status, headers: {} }),
  });
}

function refuseUnrelatedEmbed(request: Ast, schema: Schema): void {
  const unrelated = unrelatedEmbed(request, schema);
  if (!unrelated) return;
  const { parent, target, hint } = unrelated;
  const names = `'${parent}' and '${target}'`;
  const hinted = hint ? ` using the hint '${hint}'` : "";
  throw refusal(400, {
    code: "PGRST200",
    message: `Could not find a relationship between ${names} in the schema cache`,
    details: `Searched for a foreign key relationship between ${names}${hinted} in the schema '${request.schema ?? "public"}', but no matches were found.`,
    hint: null,
  });
}

function refuseUnselectedOrder(request: Ast, schema: Schema): void {
  const column = unselectedOrder(request);
  if (column === undefined) return;
  const called = request.function ?? "";
  const message = `column ${relationReturnedBy(called, schema) ?? called}.${column} does not exist`;
  throw refusal(400, { code: "42703", message, details: null, hint: null });
}

/** Returns true for an insert of no rows and for an update of no columns. */
function isEmptyWrite({ type, values }: Ast): boolean {
  const isOfUpdate = type === "update" && !Array.isArray(values);
  const isOfInsert = (type === "insert" || type === "upsert") && Array.isArray(values);
  return (isOfUpdate || isOfInsert) && values !== undefined && Object.keys(values).length === 0;
}

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
