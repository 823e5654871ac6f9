// A page in the developer's browser knows the default keys. It must not get the secret key's rights.
import { request } from "node:http";
import { expect, inject, test } from "vitest";

interface Answer {
  status: number | undefined;
  body: string;
}

/** Sends a request with any headers. Unlike `fetch`, `node:http` allows a foreign `Host`. */
function get(path: string, headers: Record<string, string>): Promise<Answer> {
  const url = new URL(path, inject("stack").API_URL);
  return new Promise((resolve, reject) => {
    const sent = request(url, { headers }, (answer) => {
      const parts: Buffer[] = [];
      answer.on("data", (part) => parts.push(part));
      answer.on("end", () => {
        resolve({ status: answer.statusCode, body: Buffer.concat(parts).toString() });
      });
    });
    sent.on("error", reject);
    sent.end();
  });
}

const ROWS = "/rest/v1/tenants?limit=1";
const secret = () => ({ apikey: inject("stack").SECRET_KEY, "user-agent": "curl/8" });
const publishable = () => ({ apikey: inject("stack").PUBLISHABLE_KEY, "user-agent": "curl/8" });

test("a backend reads with the secret key", async () => {
  expect((await get(ROWS, secret())).status).toBe(200);
  const { host } = new URL(inject("stack").API_URL);
  const named = host.replace("127.0.0.1", "localhost");
  expect((await get(ROWS, { ...secret(), host: named })).status).toBe(200);
});

test.each(["/rest/v1/tenants", "/auth/v1/admin/users"])(
  "a page cannot use the secret key on %s, whatever its user agent",
  async (path) => {
    const answer = await get(path, { ...secret(), origin: "https://evil.example" });
    expect(answer.status).toBe(401);
    expect(answer.body).toContain("Forbidden use of secret API key in browser");
  },
);

test("a page can use the publishable key", async () => {
  const origin = "https://evil.example";
  // 42501, because anon has no grants.
  expect(await get(ROWS, { ...publishable(), origin })).toMatchObject({
    status: 401,
    body: expect.stringContaining("42501"),
  });
  expect((await get("/auth/v1/settings", { ...publishable(), origin })).status).toBe(200);
});

test.each(["evil.example", "evil.example:54321", "localhost.evil.example"])(
  "a request to the host %s is refused, because DNS rebinding needs no CORS",
  async (host) => {
    for (const path of [ROWS, "/auth/v1/settings"]) {
      expect((await get(path, { ...secret(), host })).status).toBe(403);
    }
  },
);

test.each(["rpc/list_my_tenants", "rpc/create_tenant", "rpc/get_session_cost", "tenants"])(
  "the preflight of a page for %s allows the header that names a tenant",
  async (path) => {
    const asked = "authorization,content-type,x-tenant-id";
    const { status, headers } = await fetch(`${inject("stack").API_URL}/rest/v1/${path}`, {
      method: "OPTIONS",
      headers: {
        origin: "http://127.0.0.1:5173",
        "access-control-request-method": "POST",
        "access-control-request-headers": asked,
      },
    });
    expect(status).toBeLessThan(300);
    expect(headers.get("access-control-allow-origin")).toBe("*");
    expect(headers.get("access-control-allow-headers")?.toLowerCase()).toContain("x-tenant-id");
    expect(headers.get("access-control-allow-methods")).toContain("POST");
  },
);
