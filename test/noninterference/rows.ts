import { vector } from "../../scripts/contract/integration/vectors.ts";
import type { Database } from "../../src/index.ts";

import { idOf } from "./ids.ts";

export type Table = keyof Database["public"]["Tables"];

/** A row to be stored; rows of one table name the same columns. */
export interface Row {
  table: `public.${Table}` | "auth.users";
  values: Record<string, unknown>;
}

/** Long before each run: what the database stamps while a script runs is later than all of it. */
const created_at = "2025-03-01T12:00:00+00:00";

// The variants make texts and numbers that are alike, and sometimes the same, everywhere.

/** An account that nobody signs in to. */
export function account(id: string, email: string): Row {
  const role = "authenticated";
  return { table: "auth.users", values: { id, aud: role, role, email } };
}

export function tenant(id: string, slug: string, is_active = true): Row {
  return { table: "public.tenants", values: { id, slug, name: "Acme", is_active, created_at } };
}

export function user(values: {
  id: string;
  tenant_id: string;
  auth_id: string | null;
  email: string;
  role: string;
  is_active: boolean;
}): Row {
  return { table: "public.users", values: { ...values, name: "Fixture", created_at } };
}

export interface Place {
  tenant_id: string;
  /** Of `public.users`. */
  user_id: string;
}

export function conversation({ tenant_id, user_id }: Place, id: number, variant: number): Row {
  return {
    table: "public.conversations",
    values: {
      id: idOf("conversation", id),
      tenant_id,
      user_id,
      title: textOf(variant),
      metadata: metadataOf(variant),
      is_archived: variant === 2,
      created_at,
    },
  };
}

export function message(
  { tenant_id }: Pick<Place, "tenant_id">,
  conversation: number,
  id: number,
  variant: number,
): Row {
  return {
    table: "public.messages",
    values: {
      id: idOf("message", id),
      conversation_id: idOf("conversation", conversation),
      tenant_id,
      role: variant === 0 ? "user" : "assistant",
      content: textOf(variant),
      token_count: variant * 10,
      model_used: variant === 0 ? null : "gpt-4o",
      latency_ms: variant === 2 ? 12_000 : null,
      metadata: metadataOf(variant),
      created_at,
    },
  };
}

export function feedback(
  { tenant_id, user_id }: Place,
  message: number,
  id: number,
  variant: number,
): Row {
  return {
    table: "public.feedback",
    values: {
      id: idOf("feedback", id),
      message_id: idOf("message", message),
      tenant_id,
      user_id,
      rating: variant === 0 ? -1 : 1,
      comment: textOf(variant),
      created_at,
    },
  };
}

/** Usage of today, of the month that is still summed up live, or of a month that is over. */
export function usage({ tenant_id, user_id }: Place, id: number, variant: number): Row {
  return {
    table: "public.usage_metrics",
    values: {
      id: idOf("usage", id),
      tenant_id,
      user_id,
      date: ["today", "yesterday", "2025-01-15"][variant],
      prompt_tokens: 100 + variant,
      completion_tokens: 10,
      request_count: 1,
      estimated_cost: 0.5,
      created_at,
    },
  };
}

export function brand({ tenant_id }: Pick<Place, "tenant_id">, id: number, variant: number): Row {
  return {
    table: "public.brands",
    values: {
      id: idOf("brand", id),
      tenant_id,
      name: textOf(variant),
      slug: `brand-${variant}`,
      guidelines: metadataOf(variant),
      created_at,
    },
  };
}

export interface Desk {
  tenant_id: string;
  brand: number;
  account: string;
}

/** A session, of which those with variant 2 are finished, and take no messages. */
export function session({ tenant_id, brand, account }: Desk, id: number, variant: number): Row {
  return {
    table: "public.conversation_sessions",
    values: {
      id: idOf("session", id),
      brand_id: idOf("brand", brand),
      tenant_id,
      user_id: account,
      state: ["initial", "planning", "delivered"][variant],
      parsed_intent: metadataOf(variant),
      completed_at: variant === 2 ? created_at : null,
      created_at,
    },
  };
}

export function sessionMessage(
  { tenant_id, brand, account }: Desk,
  session: number,
  id: number,
  variant: number,
): Row {
  return {
    table: "public.conversation_messages",
    values: {
      id: idOf("sessionMessage", id),
      session_id: idOf("session", session),
      brand_id: idOf("brand", brand),
      tenant_id,
      user_id: account,
      role: variant === 0 ? "user" : "assistant",
      content: textOf(variant),
      tokens_used: variant * 10,
      model_used: variant === 0 ? null : "gpt-4o",
      provider: variant === 0 ? null : "openai",
      cost_usd: variant === 0 ? null : 0.25,
      latency_ms: variant === 0 ? null : 100,
      created_at,
    },
  };
}

export function chat(account: string, id: string, variant: number): Row {
  return {
    table: "public.ai_conversations",
    values: {
      id,
      user_id: account,
      title: textOf(variant),
      model: "gpt-4o",
      messages: [{ role: "user", content: textOf(variant) }],
      total_tokens: variant,
      created_at,
    },
  };
}

/** A document of somebody, or a public one. */
export function document(account: string | null, id: string, variant: number): Row {
  return {
    table: "public.embeddings",
    values: {
      id,
      user_id: account,
      content: textOf(variant),
      embedding: JSON.stringify(vector(1, variant / 1000)),
      metadata: metadataOf(variant),
      created_at,
    },
  };
}

export function call(
  table: "ai_usage" | "ai_usage_archive",
  account: string,
  id: number,
  variant: number,
): Row {
  return {
    table: `public.${table}`,
    values: {
      id: idOf("call", id),
      user_id: account,
      operation_type: variant === 0 ? "chat" : "embedding",
      model: "gpt-4o",
      tokens_prompt: 10 + variant,
      tokens_completion: 5,
      cost: 0.125,
      latency_ms: variant * 100,
      created_at,
    },
  };
}

/** Texts that many rows share. */
export const texts = ["Hello", "Hello again", "Refunds"];

function textOf(variant: number): string {
  return texts[variant % texts.length] as string;
}

function metadataOf(variant: number): object {
  return variant === 0 ? {} : { source: "manual", page: variant };
}
