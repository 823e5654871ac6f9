import type { Database } from "../../src/index.ts";

/**
 * The access matrix: who may do what with all that the API serves. Tests execute each of its cells
 * and compare the grants and policies with it; `npm run docs` prints it.
 */

type Schema = Database["public"];

export type Relation = keyof Schema["Tables"] | keyof Schema["Views"];
export type ApiFunction = keyof Schema["Functions"];
export type Verb = "select" | "insert" | "update" | "delete";

/** Who asks, for something of the member's unless it says otherwise. */
export const roles = {
  anon: "nobody has signed in",
  stranger: "has signed in, and is a member of no tenant",
  member: "a plain user, who asks for their own",
  colleague: "another plain user of the member's tenant",
  admin: "an admin of it",
  owner: "an owner of it",
  deactivated: "an owner whose membership is deactivated, who asks for their own",
  suspended: "an owner of a deactivated tenant, who asks for their own",
  outsider: "the owner of another tenant",
  service: "a backend with the secret key",
} as const;

export type Role = keyof typeof roles;

/** The refusals, by SQLSTATE or the API's own code. */
export const refusals = {
  "23503": "this caller has no such parent to add a row to",
  "42501": "no privilege, no policy for such a row, or no account to do it for",
  "55000": "the view adds rows up: nobody can write to it",
  P0002: "this caller has no such row",
  PGRST202: "the API has no such function (the local one: 42804)",
} as const;

/** `nothing`: no error, and no row seen or changed. */
export type Outcome = "allowed" | "nothing" | keyof typeof refusals;

/**
 * A row of the matrix: what everybody gets; or who is allowed, what the others get, and who of them
 * gets something else. In the second form anon, who has no privileges, gets 42501.
 */
export type Cells =
  | Outcome
  | readonly [allowed: readonly Role[], others: Outcome, except?: Partial<Record<Role, Outcome>>];

export interface System {
  title: string;
  /** What the rows do not say. */
  note?: string;
  relations: Partial<Record<Relation, Record<Verb, Cells>>>;
  functions: Partial<Record<ApiFunction, Cells>>;
  /** Those that return a trigger, of which the types know nothing. */
  triggerFunctions: Record<string, Cells>;
}

type Writes = Record<Exclude<Verb, "select">, Cells>;

const self: Role[] = ["member", "service"];
const admins: Role[] = ["admin", "owner", "service"];
const selfAndAdmins: Role[] = ["member", ...admins];
const members: Role[] = ["member", "colleague", "admin", "owner"];
const tenant: Role[] = [...members, "service"];
/** Whose account it is, whatever becomes of their membership or tenant. */
const account: Role[] = ["member", "deactivated", "suspended"];
const person: Role[] = [...account, "service"];

const byService: Cells = [["service"], "42501"];

const writtenBySelf: Writes = {
  insert: [self, "42501"],
  update: [self, "nothing"],
  delete: [self, "nothing"],
};
const writtenByPerson: Writes = {
  insert: [person, "42501"],
  update: [person, "nothing"],
  delete: [person, "nothing"],
};
const writtenByAdmins: Writes = {
  insert: [admins, "42501"],
  update: [admins, "nothing"],
  delete: [admins, "nothing"],
};
const writtenByService: Writes = { insert: byService, update: byService, delete: byService };
const writtenByNobody: Writes = { insert: "42501", update: "42501", delete: "42501" };
const addedUp: Writes = { insert: "55000", update: "55000", delete: "55000" };

const noAccount = { service: "42501" } as const;

const assistant = {
  title: "Assistant platform",
  relations: {
    tenants: { select: [tenant, "nothing"], ...writtenByService, update: [admins, "nothing"] },
    users: { select: [tenant, "nothing"], ...writtenByService, update: [self, "nothing"] },
    conversations: { select: [tenant, "nothing"], ...writtenBySelf },
    messages: { select: [tenant, "nothing"], ...writtenBySelf },
    feedback: { select: [tenant, "nothing"], ...writtenBySelf },
    message_feedback_summary: { select: byService, ...writtenByNobody },
    usage_metrics: { select: [selfAndAdmins, "nothing"], ...writtenByService },
    current_day_usage: { select: [selfAndAdmins, "nothing"], ...writtenByNobody },
    monthly_usage_summary: { select: byService, ...writtenByNobody },
  },
  functions: {
    get_message_feedback_summary: [members, "nothing"],
    get_monthly_usage_summary: [["member", "admin", "owner"], "nothing"],
    increment_usage_metrics: byService,
  },
  triggerFunctions: {
    update_conversation_timestamp: "PGRST202",
    update_updated_at_column: "PGRST202",
  },
} satisfies System;

const director = {
  title: "Creative director",
  relations: {
    brands: { select: [tenant, "nothing"], ...writtenByAdmins },
    conversation_sessions: { select: [self, "nothing"], ...writtenBySelf },
    conversation_messages: {
      select: [self, "nothing"],
      ...writtenBySelf,
      insert: [self, "23503"],
    },
    provider_usage_stats: { select: [self, "nothing"], ...addedUp },
    daily_message_volume: { select: [self, "nothing"], ...addedUp },
  },
  functions: {
    cancel_conversation_session: [self, "P0002"],
    complete_conversation_session: [self, "P0002"],
    get_conversation_history: [self, "nothing"],
    get_session_cost: [self, "nothing"],
    get_session_message_stats: [self, "nothing"],
  },
  triggerFunctions: {
    update_session_activity: "PGRST202",
    update_session_on_message: "PGRST202",
  },
} satisfies System;

const integration = {
  title: "AI integration",
  note:
    "Documents without an owner are public: whoever has signed in reads and finds them, and only " +
    "the service role writes them.",
  relations: {
    ai_conversations: { select: [person, "nothing"], ...writtenByPerson },
    embeddings: { select: [person, "nothing"], ...writtenByPerson },
    ai_usage: { select: [person, "nothing"], ...writtenByService },
    ai_usage_archive: { select: [person, "nothing"], ...writtenByService },
  },
  functions: {
    append_to_ai_conversation: [account, "P0002"],
    clear_all_embeddings: [account, "nothing", noAccount],
    delete_by_metadata: [account, "nothing", noAccount],
    get_usage_stats: [person, "nothing"],
    match_embeddings: [person, "nothing"],
  },
  triggerFunctions: { update_updated_at: "PGRST202" },
} satisfies System;

export const systems = { assistant, director, integration };

/** All that the types know: what has no rows does not compile. */
export const relations = {
  ...assistant.relations,
  ...director.relations,
  ...integration.relations,
} satisfies Record<Relation, Record<Verb, Cells>>;

export const functions = {
  ...assistant.functions,
  ...director.functions,
  ...integration.functions,
} satisfies Record<ApiFunction, Cells>;

export const triggerFunctions = {
  ...assistant.triggerFunctions,
  ...director.triggerFunctions,
  ...integration.triggerFunctions,
};
