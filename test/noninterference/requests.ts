/** A row or a set of arguments as it is sent: anything that JSON can say. */
export type Body = Record<string, unknown>;

/** `column=operator.value`, `column=not.operator.value` or `or=(or)`, of an embedded relation too. */
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
  /** Completed with the other columns, so that the order of the rows is no accident. */
  order: Order[];
  /** With it, the order is complete even when none is asked for. */
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
  /** What of the new rows is returned. */
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

/** What the builder of supabase-js cannot say. */
interface Raw {
  verb: "raw";
  method: string;
  /** Below `/rest/v1/`. */
  path: string;
  headers: Record<string, string>;
  body?: string | undefined;
}

/** A request as plain data. In its texts, `{made 0}` is the first id that an insert returned, if any. */
export type Request = (Read | Insert | Upsert | Update | Delete | Call | Raw) & {
  /** Another schema than the one that is served. */
  schema?: string;
};

export type RequestOf<Verb extends Request["verb"]> = Extract<Request, { verb: Verb }>;

/** Whether rows are counted by the planner's guess. */
export function isGuessed(request: object): boolean {
  return "count" in request && request.count !== undefined && request.count !== "exact";
}

/** As supabase-js has it. */
export interface Failure {
  code?: string | undefined;
  message: string;
  details?: unknown;
  hint?: unknown;
}

/** What came back: all that a caller can tell an answer by. */
export interface Answer {
  status: number;
  count?: number | null;
  data?: unknown;
  error?: Failure | null;
  headers?: Record<string, string | null>;
  /** What supabase-js threw instead of asking. */
  thrown?: string;
}
