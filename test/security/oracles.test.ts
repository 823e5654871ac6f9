import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { evaluate } from "../../scripts/contract/columns.ts";
import {
  columnsOf,
  functionNames,
  functions,
  tableNames,
  tables,
} from "../../scripts/contract/index.ts";
import type { TableName } from "../../scripts/contract/table.ts";
import { createMember, createTenant, type Member } from "../support/actors.ts";
import { asOwner } from "../support/clients.ts";
import { createRow, fixtures, validRow } from "../support/rows.ts";
import { type Answer, send, tokenOf } from "./requests.ts";

let ada: Member;
let token: string;
let colleague: Member;
let outsider: Member;

beforeAll(async () => {
  const [acme, globex] = await Promise.all([createTenant(), createTenant()]);
  [ada, colleague, outsider] = await Promise.all([
    createMember(acme, { role: "owner" }),
    createMember(acme),
    createMember(globex, { role: "owner" }),
  ]);
  token = await tokenOf(ada);
});

/** Returns the id of a row of the owner. */
async function idOfRow(table: TableName, owner: Member): Promise<string> {
  const { rowOfMember } = tables[table];
  return rowOfMember ? owner[rowOfMember] : (await createRow(table, owner)).id;
}

/** Returns the parts of an answer to compare, without the requested id. */
function gist({ status, body, range }: Answer, id: string) {
  return [status, body.replaceAll(id, "…"), range];
}

/** Returns the answers for an id that exists and for one that does not. */
async function ask(id: string, request: (id: string) => Promise<Answer>) {
  const missing = randomUUID();
  const taken = gist(await request(id), id);
  return { taken, missing: gist(await request(missing), missing) };
}

const json = (method: string, body: object, headers = {}): RequestInit => ({
  method,
  body: JSON.stringify(body),
  headers: { prefer: "return=representation,count=exact", ...headers },
});

describe("a request for another owner's row and for a missing row has the same answer", () => {
  const cases = [
    ...tableNames.map((table) => ({ table, whose: "another tenant" })),
    ...tableNames
      .filter((table) => tables[table].key === "user_id")
      .map((table) => ({ table, whose: "a colleague" })),
  ];

  test.each(cases)("$table of $whose", async ({ table, whose }) => {
    const { change } = tables[table];
    const changed = { [change]: evaluate(columnsOf(table)[change]?.other) };
    const id = await idOfRow(table, whose === "a colleague" ? colleague : outsider);
    const requests: ((id: string) => Promise<Answer>)[] = [
      (id) => send(token, `${table}?id=eq.${id}`, { headers: { prefer: "count=exact" } }),
      (id) => send(token, `${table}?id=eq.${id}`, json("PATCH", changed)),
      (id) => send(token, `${table}?id=eq.${id}`, json("DELETE", {})),
    ];
    for (const request of requests) {
      const { taken, missing } = await ask(id, request);
      expect(taken).toEqual(missing);
    }
    const own = await idOfRow(table, ada);
    const read = await send(token, `${table}?select=id&id=eq.${own}`);
    expect(JSON.parse(read.body)).toEqual([{ id: own }]);
  });
});

describe("an insert with another tenant's parent and with a missing one fails alike", () => {
  const references = tableNames.flatMap((table) =>
    Object.entries(tables[table].parents ?? {}).map(([column, parent]) => {
      return { table, column, parent };
    }),
  );

  test.each(references)("$table.$column", async ({ table, column, parent }) => {
    // The row that a caller sends, without the keys, which the database sets.
    const row = async (id: string) => {
      const { tenant_id, user_id, ...own } = await validRow(table, ada, { [column]: id });
      return own;
    };
    const insert = async (id: string) => send(token, table, json("POST", await row(id)));
    const { taken, missing } = await ask((await createRow(parent, outsider)).id, insert);
    expect(taken).toEqual(missing);
    expect(taken[0]).toBeGreaterThanOrEqual(400);
    expect((await insert((await createRow(parent, ada)).id)).status).toBe(201);
  });

  test.each([
    ["tenant_id", () => outsider.tenant_id, () => ada.tenant_id],
    ["user_id", () => outsider.id, () => ada.id],
  ])("conversations.%s", async (column, theirs, mine) => {
    const insert = (id: string) => send(token, "conversations", json("POST", { [column]: id }));
    const { taken, missing } = await ask(theirs(), insert);
    expect(taken).toEqual(missing);
    expect(taken[0]).toBe(403);
    expect((await insert(mine())).status).toBe(201);
  });
});

describe("a call with another tenant's id and with a missing id has the same answer", () => {
  const asking = functionNames.filter((name) => functions[name].about);

  test.each(asking)("%s()", async (name) => {
    const { about = "", call } = functions[name];
    const request = async (args: object) => send(token, `rpc/${name}`, json("POST", args));
    const theirs = (await call(fixtures, outsider)).args as Record<string, unknown>;
    const { taken, missing } = await ask(String(theirs[about]), (id) =>
      request({ ...theirs, [about]: id }),
    );
    expect(taken).toEqual(missing);
    const { status } = await request((await call(fixtures, ada)).args as object);
    expect(status, "200, or 204 for a function that returns nothing").toBeLessThan(300);
  });
});

describe("counts and plans", () => {
  test("an exact count includes only rows that the caller can see", async () => {
    await createRow("conversations", outsider);
    const lonely = await createMember(await createTenant());
    const count = async () => {
      const query = lonely.client.from("conversations").select("*", { count: "exact", head: true });
      return (await query).count;
    };
    expect(await count()).toBe(0);
    await createRow("conversations", lonely);
    expect(await count()).toBe(1);
  });

  test("a planned count is the same for a text that others use and for an unused one", async () => {
    const title = `Merger ${randomUUID()}`;
    await Promise.all(
      Array.from({ length: 30 }, () => createRow("conversations", outsider, { title })),
    );
    await asOwner()`analyze public.conversations`;
    const planned = async (filter: string) => {
      const headers = { prefer: "count=planned" };
      return (await send(token, `conversations?${filter}`, { headers })).range;
    };
    for (const operator of ["eq", "gte", "lt"]) {
      const nobodys = await planned(`title=${operator}.Nothing`);
      expect(await planned(`title=${operator}.${title}`)).toBe(nobodys);
    }
    const all = await planned("id=not.is.null");
    expect(all).not.toBe(await planned("title=eq.Nothing"));
  });

  test.each(["ctid", "xmin", "xmax", "tableoid"])(
    "%s, which would reveal how much others write, cannot be read",
    async (column) => {
      for (const table of tableNames) {
        const { body } = await send(token, `${table}?select=id,${column}`);
        expect([table, JSON.parse(body).code]).toEqual([table, "42501"]);
        expect((await send(token, `${table}?select=id`)).status).toBe(200);
      }
    },
  );

  test("the plan of a query cannot be read", async () => {
    const plan = await send(token, "tenants", {
      headers: { accept: "application/vnd.pgrst.plan+json" },
    });
    expect(plan.status).toBe(406);
    const rows = await send(token, "tenants", { headers: { accept: "application/json" } });
    expect(rows.status).toBe(200);
  });
});
