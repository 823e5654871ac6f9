/** Stores documents with their vectors, searches them, and deletes them by their metadata. */
import { createClient } from "@supabase/supabase-js";
import {
  type Database,
  deleteDocuments,
  searchDocuments,
  storeDocuments,
} from "supabase-ai-schema";
import WebSocket from "ws";
import { embedAsToy } from "./toy-embedding.ts";

/** The stack and the account to sign in with. */
export interface Access {
  url: string;
  publishableKey: string;
  email: string;
  password: string;
}

const TEXTS = [
  "Refunds take 14 days, counted from when the parcel is back with us.",
  "Anvils ship by freight, and arrive on a pallet.",
  "Small parcels ship the same day when ordered before noon.",
  "The warranty on anvils is ten years; rust is not covered.",
  "Every customer finds their bills in the account.",
];

const QUESTIONS = [
  "How long do refunds take?",
  "How do you ship anvils?",
  "Is rust covered by the warranty?",
];

/** Marks the documents of this example, so that it deletes no others. */
const SOURCE = { source: "documents-example" };

/**
 * Runs the example and prints its steps.
 *
 * @throws the error of the sign-in, or a DatabaseError
 */
export async function runDocuments({ url, publishableKey, email, password }: Access) {
  const client = createClient<Database>(url, publishableKey, {
    auth: { persistSession: false, autoRefreshToken: false },
    // Node 20 has no WebSocket.
    realtime: { transport: WebSocket as never },
  });
  const { error } = await client.auth.signInWithPassword({ email, password });
  if (error) throw error;
  console.log(`Signed in as ${email}. A toy model counts words to make the vectors.`);

  try {
    const documents = TEXTS.map((content) => ({
      content,
      embedding: embedAsToy(content),
      metadata: SOURCE,
    }));
    const ids = await storeDocuments(client, documents);
    console.log(`Stored ${ids.length} documents.`);
    for (const question of QUESTIONS) {
      const found = await searchDocuments(client, embedAsToy(question), {
        count: 2,
        threshold: 0.1,
        filter: SOURCE,
      });
      console.log(`\n${question}`);
      for (const { similarity, content } of found) {
        console.log(`  ${similarity.toFixed(3)}  ${content}`);
      }
    }
  } finally {
    console.log(`\nDeleted ${await deleteDocuments(client, SOURCE)} documents.`);
  }
}
