/**
 * The shapes and inputs of columns that the type generator cannot infer: JSON, vectors, and columns
 * that triggers fill.
 */
import type { checks } from "./checks.js";
import type { Json } from "./database.types.js";

/** A JSON object: the value of every `metadata` column. */
export type JsonObject = { [key: string]: Json | undefined };

/** `tenants.features`: feature switches by name. A missing switch is off. */
export type TenantFeatures = {
  streaming?: boolean;
  file_upload?: boolean;
  [feature: string]: boolean | undefined;
};

/** `tenants.branding`: the look of the tenant's frontend. */
export type TenantBranding = {
  /** A CSS colour. */
  primary_color?: string;
  logo_url?: string;
  [key: string]: Json | undefined;
};

/** `audit_log.request`: the API request that made a change; empty for another change. */
export type AuditedRequest = {
  method?: string;
  path?: string;
  /** The address of the client, which the client can forge. */
  address?: string;
};

/** `users.preferences`: a member's own settings. */
export type UserPreferences = {
  theme?: "light" | "dark" | "system";
  /** A BCP 47 tag, e.g. `de-AT`. */
  locale?: string;
  [key: string]: Json | undefined;
};

/** `brands.guidelines`: rules for work on the brand. */
export type BrandGuidelines = {
  voice?: string;
  colors?: string[];
  avoid?: string[];
  [key: string]: Json | undefined;
};

/** An element of `pending_questions` and `questions_asked`. */
export type Question = {
  id: string;
  text: string;
  /** Possible answers. Without them, the answer is free text. */
  options?: string[];
  [key: string]: Json | undefined;
};

/**
 * `conversation_messages.delegation_plan`: the steps of each agent, in order. Empty when nothing is
 * delegated.
 */
export type DelegationPlan = {
  steps?: { agent: string; task: string; [key: string]: Json | undefined }[];
  [key: string]: Json | undefined;
};

/** Number of dimensions of every vector in `embeddings`. */
export const EMBEDDING_DIMENSIONS = 1536;

/** An element of `ai_conversations.messages`. The database does not check this shape. */
export type ChatMessage = {
  role: string;
  /** A text, or any other content of the model's API: parts, or null next to tool calls. */
  content?: Json;
  [key: string]: Json | undefined;
};

/** A row of `embeddings` to store. */
export type EmbeddingInput = {
  id?: string;
  content: string;
  embedding: number[] | string;
  metadata?: JsonObject;
};

/** Columns whose generated type is wider than their values. */
export type ColumnShapes = {
  tenants: { features: TenantFeatures; branding: TenantBranding };
  users: { preferences: UserPreferences };
  audit_log: { before: JsonObject; after: JsonObject; request: AuditedRequest };
  conversations: { metadata: JsonObject };
  messages: { metadata: JsonObject };
  brands: { guidelines: BrandGuidelines };
  conversation_sessions: {
    parsed_intent: JsonObject;
    answered_questions: JsonObject;
    pending_questions: Question[];
  };
  conversation_messages: { questions_asked: Question[]; delegation_plan: DelegationPlan };
  ai_conversations: { messages: ChatMessage[] };
  embeddings: { metadata: JsonObject; binary_embedding: string };
};

/** Columns whose generated type is narrower than the values that an insert or update accepts. */
export type ColumnInputs = {
  embeddings: { embedding: number[] | string };
};

/** Columns that a trigger fills, so that an insert may leave them out. */
export type FilledColumns = {
  conversation_messages: "brand_id";
  usage_metrics: "total_tokens";
  ai_usage: "tokens_total";
  ai_usage_archive: "tokens_total";
};

/** Arguments and results of functions that the type generator cannot infer. */
export type FunctionShapes = {
  list_my_tenants: { Row: { role: (typeof checks.users.role)[number] } };
  set_member_role: { Args: { p_role: (typeof checks.users.role)[number] } };
  create_invitation: { Args: { p_role: (typeof checks.invitations.role)[number] } };
  preview_invitation: {
    Row: {
      role: (typeof checks.invitations.role)[number];
      /** Null for a link. */
      email: string | null;
      /** Null when the member who invited is deleted. */
      invited_by: string | null;
    };
  };
  get_session_message_stats: {
    /** Null for a session without messages. */
    Row: {
      average_latency_ms: number | null;
      first_message_at: string | null;
      last_message_at: string | null;
    };
  };
  append_to_ai_conversation: { Args: { p_messages: ChatMessage[] } };
  store_embeddings: { Args: { p_documents: EmbeddingInput[] } };
  delete_by_metadata: { Args: { filter: Record<string, Json> } };
  get_usage_stats: {
    /** Null when no latency was measured. */
    Row: { average_latency_ms: number | null; p95_latency_ms: number | null };
  };
  match_embeddings: {
    Args: { query_embedding: number[] | string; filter: JsonObject };
    Row: { metadata: JsonObject };
  };
};
