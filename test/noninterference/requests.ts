/** A row or a set of arguments in a request, with any JSON values. */
export type Body = Record<string, unknown>;

/** `column=operator.value`, `column=not.operator.value` or `or=(or)`, also on embedded rows. */
export type Filter =
  | { column: string; operator: string; value: string; isNegated?: true | undefined }
  | { or: string };

export interface Order {
  column: string;
  ascending: boolean;
  nullsFirst?: boolean | undefined;
}

interface Read {
  verb: "select";
  relation: string;
  select: string;
  filters: Filter[];
  /** The other columns are appended when the request is sent, so that the order is not random. */
  order: Order[];
  /** With a limit, the order has all columns even when `order` is empty. */
  limit?: number | undefined;
  offset?: number | undefined;
  count?: "exact" | "planned" | "estimated" | undefined;
  head?: true | undefined;
  form?: "single" | "maybeSingle" | "csv" | undefined;
}

interface Insert {
  verb: "insert";
  relation: string;
  body: Body | Body[];
  /** The select list of the returned rows. */
  select?: string | undefined;
  count?: "exact" | undefined;
  defaultToNull?: false | undefined;
}

interface Upsert extends Omit<Insert, "verb"> {
  verb: "upsert";
  onConflict?: string | undefined;
  ignoreDuplicates?: true | undefined;
}

interface Update {
  verb: "update";
  relation: string;
  body: Body;
  filters: Filter[];
  select?: string | undefined;
  count?: "exact" | undefined;
  maxAffected?: number | undefined;
}

interface Delete extends Omit<Update, "verb" | "body"> {
  verb: "delete";
}

interface Call {
  verb: "call";
  function: string;
  args: Body;
  method?: "GET" | "HEAD" | undefined;
  count?: "exact" | undefined;
}

/** A request that the query builder of supabase-js cannot express. */
interface Raw {
  verb: "raw";
  method: string;
  /** The path below `/rest/v1/`. */
  path: string;
  headers: Record<string, string>;
  body?: string | undefined;
}

/** A request as plain data. In its texts, `{made 0}` is the first id that an insert returned. */
export type Request = (Read | Insert | Upsert | Update | Delete | Call | Raw) & {
  /** A schema that is not served. */
  schema?: string;
};

export type RequestOf<Verb extends Request["verb"]> = Extract<Request, { verb: Verb }>;

/** Returns whether a request needs the planner's estimate of the count. */
export function isGuessed(request: object): boolean {
  return "count" in request && request.count !== undefined && request.count !== "exact";
}

/** An error of supabase-js. */
export interface Failure {
  code?: string | undefined;
  message: string;
  details?: unknown;
  hint?: unknown;
}

/** The answer to a request: everything that a caller can observe. */
export interface Answer {
  status: number;
  count?: number | null;
  data?: unknown;
  error?: Failure | null;
  headers?: Record<string, string | null>;
  /** The error that supabase-js threw instead of sending the request. */
  thrown?: string;
}
