import { randomUUID } from "node:crypto";
import { EMBEDDING_DIMENSIONS, type Tables, type TablesInsert } from "../../src/index.ts";
import { type Login, must } from "./actors.ts";
import { serviceClient } from "./clients.ts";

/** A vector with these numbers in its first dimensions, and zeros in the rest. */
export function vector(...first: number[]): number[] {
  return [...first, ...new Array(EMBEDDING_DIMENSIONS - first.length).fill(0)];
}

/** A vector that has this cosine with `vector(1)`. */
export function vectorAt(similarity: number): number[] {
  return vector(similarity, Math.sqrt(1 - similarity ** 2));
}

/** A document of a person, or a public one, made by the service role. */
export async function createDocument(
  owner: Pick<Login, "account"> | null,
  values: Partial<TablesInsert<"embeddings">> = {},
): Promise<Tables<"embeddings">> {
  const row = {
    id: randomUUID(),
    user_id: owner?.account ?? null,
    content: "Fixture",
    embedding: vector(1),
    ...values,
  };
  return must(await serviceClient().from("embeddings").insert(row).select().single());
}

/** A chat of a person, made by the service role. */
export async function createChat(
  owner: Pick<Login, "account">,
  values: Partial<TablesInsert<"ai_conversations">> = {},
): Promise<Tables<"ai_conversations">> {
  const row = { id: randomUUID(), user_id: owner.account, title: "Fixture", ...values };
  return must(await serviceClient().from("ai_conversations").insert(row).select().single());
}

/** What `ai_usage_archive` holds of a person's call to a model. */
export function archivedUsage({ account }: Pick<Login, "account">) {
  return {
    id: randomUUID(),
    user_id: account,
    operation_type: "chat",
    model: "gpt-4o",
    tokens_prompt: 1,
    tokens_completion: 1,
    cost: 0,
    created_at: "2020-01-01",
  };
}

/** A person's call to a model, made by the service role. */
export async function createUsage(
  owner: Pick<Login, "account">,
  values: Partial<TablesInsert<"ai_usage">> = {},
): Promise<Tables<"ai_usage">> {
  const row = { user_id: owner.account, operation_type: "chat", model: "gpt-4o", ...values };
  return must(await serviceClient().from("ai_usage").insert(row).select().single());
}
