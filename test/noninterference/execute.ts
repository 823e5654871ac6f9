import type { Client } from "../support/clients.ts";
import type { Relation } from "./catalog.ts";
import type { Answer, Body, Failure, Filter, Request, RequestOf } from "./requests.ts";
import { sendRaw } from "./send-raw.ts";

interface Response {
  status: number;
  count: number | null;
  data: unknown;
  error: Failure | null;
}

/** The query builder of supabase-js, with strings where its own types need literals. */
interface Query extends PromiseLike<Response> {
  select(columns: string): Query;
  filter(column: string, operator: string, value: string): Query;
  not(column: string, operator: string, value: string): Query;
  or(filters: string): Query;
  order(column: string, options: object): Query;
  range(from: number, to: number): Query;
  maxAffected(rows: number): Query;
  single(): Query;
  maybeSingle(): Query;
  csv(): Query;
}

interface Api {
  schema(name: string): {
    from(relation: string): {
      select(columns: string, options: object): Query;
      insert(body: Body | Body[], options: object): Query;
      upsert(body: Body | Body[], options: object): Query;
      update(body: Body, options: object): Query;
      delete(options: object): Query;
    };
    rpc(name: string, args: Body, options: object): Query;
  };
}

/**
 * Sends a request and returns the answer. Uses the query builder of supabase-js, except for raw
 * requests.
 *
 * @throws when the API does not answer
 */
export async function execute(
  client: Client,
  request: Request,
  relations: Relation[],
): Promise<Answer> {
  if (request.verb === "raw") return sendRaw(client, request);
  let query: Query;
  try {
    query = build(client as unknown as Api, request, relations);
  } catch (error) {
    // A request that supabase-js cannot send makes no difference if it fails in both worlds.
    return { status: 0, thrown: String(error) };
  }
  const { status, count, data, error } = await query;
  if (status === 0) throw new Error(`no answer to ${JSON.stringify(request)}: ${error?.message}`);
  if (!error) return { status, count, data };
  // Keep only the fields that the API sent: no stack trace.
  const { code, message, details, hint } = error;
  return { status, count, error: { code, message, details, hint } };
}

function build(api: Api, request: Exclude<Request, RequestOf<"raw">>, relations: Relation[]) {
  const schema = api.schema(request.schema ?? "public");
  if (request.verb === "call") {
    const { args, method, count } = request;
    const options = { get: method === "GET", head: method === "HEAD", count };
    return schema.rpc(request.function, args, options);
  }
  const table = schema.from(request.relation);
  switch (request.verb) {
    case "select":
      return read(table.select(request.select, request), request, relations);
    case "insert":
      return returning(table.insert(request.body, request), request);
    case "upsert":
      return returning(table.upsert(request.body, request), request);
    case "update":
      return change(table.update(request.body, request), request);
    case "delete":
      return change(table.delete(request), request);
  }
}

function read(query: Query, request: RequestOf<"select">, relations: Relation[]): Query {
  const { filters, limit, offset = 0, form } = request;
  const ordered = completeOrder(request, relations).reduce(
    (sorted, { column, ...how }) => sorted.order(column, how),
    filtered(query, filters),
  );
  const paged = limit === undefined ? ordered : ordered.range(offset, offset + limit - 1);
  return form ? paged[form]() : paged;
}

function change(query: Query, request: RequestOf<"update"> | RequestOf<"delete">): Query {
  const narrowed = filtered(query, request.filters);
  const { maxAffected } = request;
  return returning(
    maxAffected === undefined ? narrowed : narrowed.maxAffected(maxAffected),
    request,
  );
}

function filtered(query: Query, filters: Filter[]): Query {
  return filters.reduce((narrowed, filter) => {
    if ("or" in filter) return narrowed.or(filter.or);
    const { column, operator, value, isNegated } = filter;
    return isNegated
      ? narrowed.not(column, operator, value)
      : narrowed.filter(column, operator, value);
  }, query);
}

function returning(query: Query, { select }: { select?: string | undefined }): Query {
  return select === undefined ? query : query.select(select);
}

/**
 * Appends all other columns to the requested order, so that only identical rows can swap places.
 * The id comes last, because the order of ids made in one request is random.
 */
function completeOrder({ relation, order, limit }: RequestOf<"select">, relations: Relation[]) {
  if (order.length === 0 && limit === undefined) return [];
  const columns = relations.find(({ name }) => name === relation)?.columns ?? [];
  const named = new Set(order.map(({ column }) => column));
  const rest = columns.filter(({ name }) => name !== "id" && !named.has(name));
  const last = columns.filter(({ name }) => name === "id");
  return [...order, ...[...rest, ...last].map(({ name }) => ({ column: name, ascending: true }))];
}
