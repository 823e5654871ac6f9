import { runDocuments } from "./documents.ts";

await runDocuments({
  url: required("SUPABASE_URL"),
  publishableKey: required("SUPABASE_PUBLISHABLE_KEY"),
  email: required("SUPABASE_EMAIL"),
  password: required("SUPABASE_PASSWORD"),
});

function required(name: string): string {
  const value = process.env[name];
  if (value) return value;
  throw new Error(`${name} is not set: see README.md`);
}
