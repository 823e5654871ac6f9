import { inject } from "vitest";
import type { Client } from "../support/clients.ts";
import type { Answer, RequestOf } from "./requests.ts";

/** Response headers that contain information about rows. */
const telling = ["content-range", "content-location", "location", "preference-applied", "allow"];

/** Sends a raw request with the client's session, without the query builder of supabase-js. */
export async function sendRaw(
  client: Client,
  { method, path, headers, body }: RequestOf<"raw">,
): Promise<Answer> {
  const { API_URL, PUBLISHABLE_KEY } = inject("stack");
  const { data } = await client.auth.getSession();
  const token = data.session?.access_token ?? PUBLISHABLE_KEY;
  const response = await fetch(`${API_URL}/rest/v1/${path}`, {
    method,
    headers: {
      apikey: PUBLISHABLE_KEY,
      authorization: `Bearer ${token}`,
      ...tenantHeaderOf(client),
      ...headers,
    },
    body: body ?? null,
  });
  const text = await response.text();
  return {
    status: response.status,
    data: parsed(text),
    headers: Object.fromEntries(telling.map((name) => [name, response.headers.get(name)])),
  };
}

/** Returns the header that names a tenant, if the client sends it. */
function tenantHeaderOf(client: Client): Record<string, string> {
  const { rest } = client as unknown as { rest: { headers: Headers } };
  const tenant = rest.headers.get("x-tenant-id");
  return tenant ? { "x-tenant-id": tenant } : {};
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
