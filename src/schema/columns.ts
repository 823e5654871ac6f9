/** What the columns hold that a generator cannot see: shapes of JSON, vectors, what triggers fill. */
import type { Json } from "./database.types.js";

/** A JSON object, which is what every `metadata` column holds. */
export type JsonObject = { [key: string]: Json | undefined };

/** `tenants.features`: switches by name; one that is missing is off. */
export type TenantFeatures = {
  streaming?: boolean;
  file_upload?: boolean;
  [feature: string]: boolean | undefined;
};

/** `tenants.branding`: how the tenant's frontend looks. */
export type TenantBranding = {
  /** A CSS colour. */
  primary_color?: string;
  logo_url?: string;
  [key: string]: Json | undefined;
};

/** `users.preferences`: what a person has chosen for themselves. */
export type UserPreferences = {
  theme?: "light" | "dark" | "system";
  /** A BCP 47 tag, e.g. `de-AT`. */
  locale?: string;
  [key: string]: Json | undefined;
};

/** `brands.guidelines`: what work for the brand must keep to. */
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
  /** The answers to choose from; free text when there are none. */
  options?: string[];
  [key: string]: Json | undefined;
};

/** `conversation_messages.delegation_plan`: which agents do what, in order. Empty for nothing. */
export type DelegationPlan = {
  steps?: { agent: string; task: string; [key: string]: Json | undefined }[];
  [key: string]: Json | undefined;
};

/** How many numbers a vector has. */
export const EMBEDDING_DIMENSIONS = 1536;

/** An element of `ai_conversations.messages`: by convention, which the database does not check. */
export type ChatMessage = {
  role: string;
  /** A text, or whatever the model's API takes for one: parts, or null beside tool calls. */
  content?: Json;
  [key: string]: Json | undefined;
};

/** The columns whose generated type is wider than what they hold. */
export type ColumnShapes = {
  tenants: { features: TenantFeatures; branding: TenantBranding };
  users: { preferences: UserPreferences };
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

/** The columns whose generated type is narrower than what an insert or update accepts. */
export type ColumnInputs = {
  embeddings: { embedding: number[] | string };
};

/** The columns that a trigger fills, and that an insert may therefore leave out. */
export type FilledColumns = { conversation_messages: "brand_id" };

/** The arguments and results of functions that a type generator cannot see through. */
export type FunctionShapes = {
  get_session_message_stats: {
    /** Null is what a session without messages has not. */
    Row: {
      average_latency_ms: number | null;
      first_message_at: string | null;
      last_message_at: string | null;
    };
  };
  append_to_ai_conversation: { Args: { p_messages: ChatMessage[] } };
  delete_by_metadata: { Args: { filter: Record<string, Json> } };
  get_usage_stats: {
    /** Null where nobody measured. */
    Row: { average_latency_ms: number | null; p95_latency_ms: number | null };
  };
  match_embeddings: {
    Args: { query_embedding: number[] | string; filter: JsonObject };
    Row: { metadata: JsonObject };
  };
};
