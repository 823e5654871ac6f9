import { account, person, writtenByPerson } from "../callers.ts";
import { anyId, fixed, generated, objects, open, stampedTime, texts } from "../columns.ts";
import {
  COUNT,
  daysAgo,
  type Fixtures,
  type FunctionContract,
  type Member,
  type TableContract,
} from "../table.ts";
import { vector } from "./vectors.ts";

export const embeddings: TableContract<"embeddings"> = {
  key: "user_id",
  keyColumn: "owner_id",
  userIs: "account",
  promised: { indexes: 6, policies: 4 },
  access: { select: [person, "nothing"], ...writtenByPerson },
  columns: {
    id: open(anyId),
    user_id: fixed(anyId),
    owner_id: generated(anyId),
    content: open("New", { samples: texts, atMost: { kilobytes: 1024 } }),
    embedding: open(JSON.stringify(vector(0, 1)), {
      samples: [vector(1), vector(1, 0.001), vector(1, 0.002)].map((one) =>
        JSON.stringify(one),
      ) as [string, string, string],
    }),
    binary_embedding: generated("1".repeat(1536)),
    metadata: open({ source: "new" }, { samples: objects, atMost: { kilobytes: 64 } }),
    created_at: stampedTime,
  },
  valid: { id: anyId, content: "Fixture", embedding: () => vector(1) },
  change: "content",
  refused: {
    embeddings_id_has_1_to_255_characters_check: [{ id: "" }],
    embeddings_embedding_has_a_direction_check: [
      { embedding: vector(0) },
      // The square of the first underflows a float, and that of the second overflows.
      { embedding: vector(1e-30) },
      { embedding: vector(1e30) },
    ],
    embeddings_metadata_is_object_check: [{ metadata: [] }],
  },
  indexes: {
    embeddings_pkey: async ({ client, idOf }) =>
      client
        .from("embeddings")
        .select("content")
        .eq("id", await idOf("embeddings")),
    idx_embeddings_user_created: ({ client, member }) =>
      client
        .from("embeddings")
        .select("content")
        .eq("user_id", member.account)
        .order("created_at")
        .limit(5),
    idx_embeddings_owner: ({ client }) => client.rpc("match_embeddings", search({})),
    idx_embeddings_metadata: ({ client }) =>
      client.rpc("match_embeddings", search({ source: "source-7" })),
    idx_embeddings_vector: ({ client }) => client.rpc("match_embeddings", search({ shared: true })),
    idx_embeddings_created: ({ backend }) =>
      backend
        .from("embeddings")
        .select("*", COUNT)
        .gte("created_at", daysAgo(12))
        .lt("created_at", daysAgo(9)),
  },
};

const search = (filter: Record<string, string | boolean>) => {
  return { query_embedding: vector(1), filter };
};

/** Creates a document for the owner, with a filter that matches no other document. */
async function markedDocument(make: Fixtures, owner: Member) {
  const filter = { mark: anyId() };
  const { id } = await make.row("embeddings", owner, { metadata: filter });
  const isGone = async () => (await make.stored("embeddings", { id })).length === 0;
  return { id, filter, isGone };
}

/** These functions act on the caller's own documents. The backend is refused: it has no account. */
const forAccounts = [account, "nothing", { service: "42501" }] as const;

export const clear_all_embeddings: FunctionContract<"clear_all_embeddings"> = {
  access: forAccounts,
  call: async (make, owner) => {
    const { isGone } = await markedDocument(make, owner);
    return { args: {} as never, isReached: isGone };
  },
};

export const store_embeddings: FunctionContract<"store_embeddings"> = {
  access: forAccounts,
  call: async (make, owner) => {
    const { id } = await markedDocument(make, owner);
    return {
      args: { p_documents: [{ id, content: "Stored", embedding: vector(1) }] },
      isReached: async () => {
        const rows = await make.stored("embeddings", { id, user_id: owner.account });
        return rows[0]?.content === "Stored";
      },
    };
  },
};

export const delete_by_metadata: FunctionContract<"delete_by_metadata"> = {
  access: forAccounts,
  call: async (make, owner) => {
    const { filter, isGone } = await markedDocument(make, owner);
    return { args: { filter }, isReached: isGone };
  },
};

export const match_embeddings: FunctionContract<"match_embeddings"> = {
  access: [person, "nothing"],
  call: async (make, owner) => {
    const { id, filter } = await markedDocument(make, owner);
    return {
      args: search(filter),
      isReached: (rows) => !!rows?.some((row) => row.id === id),
    };
  },
};
