import fc from "fast-check";
import { TENANT } from "./own-world.ts";
import type { RequestOf } from "./requests.ts";

const json = { "content-type": "application/json" };

const requests: Omit<RequestOf<"raw">, "verb">[] = [
  { method: "GET", path: "", headers: {} },
  { method: "OPTIONS", path: "conversations", headers: {} },
  {
    method: "GET",
    // The order has all columns, because rows with equal titles have a random order.
    path: "conversations?order=title,user_id,is_archived,metadata,created_at,updated_at,id",
    headers: { range: "0-0", prefer: "count=exact" },
  },
  { method: "GET", path: "messages", headers: { accept: "application/vnd.pgrst.plan+json" } },
  { method: "GET", path: "brands?tenant_id=eq.x&tenant_id=neq.y&limit=-1", headers: {} },
  { method: "GET", path: `brands?tenant_id=neq.${TENANT}&not.or=(slug.eq.x)`, headers: {} },
  { method: "GET", path: "users", headers: { "accept-profile": "auth" } },
  { method: "POST", path: "conversations", headers: json, body: '{"title": NaN}' },
  { method: "POST", path: "conversations", headers: json, body: '[{"title": "x"}, 1]' },
  { method: "POST", path: "conversations", headers: json, body: "" },
  {
    method: "POST",
    path: "brands",
    headers: { "content-type": "text/csv" },
    body: "name,slug\na,b",
  },
  { method: "POST", path: "rpc/get_session_cost", headers: json, body: "[]" },
  {
    method: "POST",
    path: "ai_conversations?on_conflict=id,user_id&columns=id",
    headers: { ...json, prefer: "resolution=merge-duplicates,return=headers-only,tx=rollback" },
    body: '[{"id": "text-1"}]',
  },
  {
    method: "PUT",
    path: "ai_conversations?id=eq.text-1",
    headers: json,
    body: '{"id": "text-1", "title": "Hello"}',
  },
  { method: "PATCH", path: "conversations?id=eq.", headers: json, body: '{"title": "\\u0000"}' },
  { method: "DELETE", path: "brands?and=()", headers: {} },
];

/** Requests that the query builder of supabase-js cannot express. */
export const rawRequest: fc.Arbitrary<RequestOf<"raw">> = fc
  .constantFrom(...requests)
  .map((request) => ({ verb: "raw", ...request }));
