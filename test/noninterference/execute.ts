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

/** The builder of supabase-js, with texts for all that its own types want to know beforehand. */
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
 * Sends a request, with the builder of supabase-js if that can say it, and returns what came back.
 *
 * @throws when the API does not answer at all
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
    // What cannot be sent is no difference between worlds, as long as it cannot in both.
    return { status: 0, thrown: String(error) };
  }
  const { status, count, data, error } = await query;
  if (status === 0) throw new Error(`no answer to ${JSON.stringify(request)}: ${error?.message}`);
  if (!error) return { status, count, data };
  // Without its stack, and whatever else only a program sees.
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
 * The order that was asked for, then all other columns: rows that are equal in these are the same to
 * whoever reads them. The id comes last, since the order of ids made in one request is by chance.
 */
function completeOrder({ relation, order, limit }: RequestOf<"select">, relations: Relation[]) {
  if (order.length === 0 && limit === undefined) return [];
  const columns = relations.find(({ name }) => name === relation)?.columns ?? [];
  const named = new Set(order.map(({ column }) => column));
  const rest = columns.filter(({ name }) => name !== "id" && !named.has(name));
  const last = columns.filter(({ name }) => name === "id");
  return [...order, ...[...rest, ...last].map(({ name }) => ({ column: name, ascending: true }))];
}
