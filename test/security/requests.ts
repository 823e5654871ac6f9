import { inject } from "vitest";
import type { Login } from "../support/actors.ts";
import { must } from "../support/rows.ts";

export interface Answer {
  status: number;
  body: string;
  /** The content-range header: which rows were returned, of how many. */
  range: string | null;
}

/** Returns the access token of a signed-in account. */
export async function tokenOf({ client }: Pick<Login, "client">): Promise<string> {
  const { data, error } = await client.auth.getSession();
  return must({ data: data.session?.access_token, error });
}

/**
 * Sends a request that no client library would send.
 *
 * @param path the path below `/rest/v1/`
 */
export async function send(token: string, path: string, init: RequestInit = {}): Promise<Answer> {
  const { API_URL, PUBLISHABLE_KEY } = inject("stack");
  const headers = {
    apikey: PUBLISHABLE_KEY,
    authorization: `Bearer ${token}`,
    "content-type": "application/json",
    ...init.headers,
  };
  const response = await fetch(`${API_URL}/rest/v1/${path}`, { ...init, headers });
  const range = response.headers.get("content-range");
  return { status: response.status, body: await response.text(), range };
}
