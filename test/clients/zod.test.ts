import { randomUUID } from "node:crypto";
import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { ZodObject } from "zod";
import { tableNames, tables } from "../../scripts/contract/index.ts";
import { vector } from "../../scripts/contract/integration/vectors.ts";
import type { Row, TableName } from "../../scripts/contract/table.ts";
import { packageRoot } from "../../scripts/project/settings.ts";
import * as helpers from "../../src/index.ts";
import { createMember, createTenant, type Member } from "../support/actors.ts";
import { type Client, serviceClient } from "../support/clients.ts";
import { createRow } from "../support/rows.ts";

let folder: string;
let schemas: Record<string, ZodObject>;
let ada: Member;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "supazod-"));
  schemas = await generateSchemas(folder);
  // Reads every table.
  ada = await createMember(await createTenant(), { role: "owner" });
});

afterAll(() => rm(folder, { recursive: true }));

/**
 * Returns the Zod schemas that supazod generates from the types, by name. `supabase gen types`
 * writes `NonNullable<Json>` for JSON that is never null. supazod refuses a file with this type, so
 * this function replaces it by its definition.
 */
async function generateSchemas(folder: string): Promise<Record<string, ZodObject>> {
  const types = await readFile(join(packageRoot, "src/schema/database.types.ts"), "utf8");
  const [, json = expect.fail()] = /type Json = (.*);/.exec(types) ?? [];
  const notNull = json.replace(" | null", "");
  await writeFile(join(folder, "types.ts"), types.replaceAll("NonNullable<Json>", notNull));
  await symlink(join(packageRoot, "node_modules"), join(folder, "node_modules"));
  const args = ["-i", "types.ts", "-o", "schemas.ts", "-s", "public"];
  await execa("supazod", args, { cwd: folder, preferLocal: true, localDir: packageRoot });
  return import(join(folder, "schemas.ts"));
}

/** Returns `publicAiUsageRowSchema` for `ai_usage`. It refuses unknown columns. */
function schemaOf(table: TableName, operation: "Row" | "Insert") {
  const pascal = table.replace(/(?:^|_)(.)/g, (_, letter: string) => letter.toUpperCase());
  return (schemas[`public${pascal}${operation}Schema`] ?? expect.fail(table)).strict();
}

/** Returns the columns that the schema refuses. */
function misfits(schema: ZodObject, row: unknown) {
  return schema.safeParse(row).error?.issues.map(({ path }) => path[0]) ?? [];
}

/** Columns of type `bit`. supazod does not support it: any value passes, a missing one fails. */
const untyped = ["binary_embedding"];

/** Returns a value of another type, which the schema must refuse, such as a text for a number. */
function wrong(value: unknown): unknown {
  if (value === null) return undefined;
  if (typeof value === "object") return null;
  return typeof value === "number" ? "many" : {};
}

describe.each(tableNames)("the supazod schema of %s", (table) => {
  let row: Row;
  beforeAll(async () => {
    if (!tables[table].rowOfMember) await createRow(table, ada);
    const { data } = await ada.client.from(table).select().limit(1);
    row = data?.[0] ?? expect.fail();
  });

  test("accepts a row from the API, which has all columns", () => {
    const schema = schemaOf(table, "Row");
    expect(misfits(schema, row)).toEqual([]);
    expect(Object.keys(row).sort()).toEqual(Object.keys(schema.shape).sort());
  });

  test("refuses a row with a missing column or a value of another type", () => {
    const schema = schemaOf(table, "Row");
    for (const column of Object.keys(row)) {
      const { [column]: value, ...rest } = row;
      expect(misfits(schema, rest)).toEqual([column]);
      const expected = untyped.includes(column) ? [] : [column];
      expect(misfits(schema, { ...row, [column]: wrong(value) })).toEqual(expected);
    }
  });
});

describe("the supazod schemas for inserts", () => {
  const { createConversation: openChat, sendMessage, rateMessage } = helpers;
  const { createSession, appendSessionMessage, publishDocuments } = helpers;
  const turn = { role: "user", content: "Hi" } as const;
  const document = { content: "Text", embedding: vector(1) };

  // database.ts declares which columns a trigger fills, and that a vector may be an array. supazod
  // does not read database.ts.
  test.each<[TableName, misfits: string[], help: (client: Client) => Promise<unknown>]>([
    ["conversations", [], (client) => openChat(client)],
    [
      "messages",
      [],
      async (client) => sendMessage(client, (await createRow("conversations", ada)).id, turn),
    ],
    [
      "feedback",
      [],
      async (client) => rateMessage(client, (await createRow("messages", ada)).id, -1),
    ],
    [
      "conversation_sessions",
      [],
      async (client) =>
        createSession(client, (await createRow("brands", ada)).id, { goal: "a film" }),
    ],
    [
      "conversation_messages",
      ["brand_id"],
      async (client) =>
        appendSessionMessage(client, (await createRow("conversation_sessions", ada)).id, turn),
    ],
    ["embeddings", ["embedding"], () => publishDocuments(serviceClient(), [document])],
  ])("into %s refuse only %j in the row of a helper", async (table, expected, help) => {
    const fetched = vi.spyOn(globalThis, "fetch");
    await help(ada.client);
    const body = JSON.parse(String(fetched.mock.lastCall?.[1]?.body));
    fetched.mockRestore();
    const schema = schemaOf(table, "Insert");
    const [row] = [body].flat();
    expect(misfits(schema, row)).toEqual(expected);
    for (const [column, value] of Object.entries(row)) {
      if (value === null) continue;
      const changed = misfits(schema, { ...row, [column]: wrong(value) });
      expect(changed).toEqual(expect.arrayContaining([column]));
    }
  });

  test("refuse an insert without a required column or with a generated column", async () => {
    const message = { ...turn, conversation_id: randomUUID() };
    expect(misfits(schemaOf("messages", "Insert"), message)).toEqual([]);
    for (const column of Object.keys(message)) {
      const { [column as "role"]: _, ...rest } = message;
      expect(misfits(schemaOf("messages", "Insert"), rest)).toEqual([column]);
    }
    const stored = { content: "Text", embedding: "[1]" };
    expect(misfits(schemaOf("embeddings", "Insert"), stored)).toEqual([]);
    const owned = { ...stored, owner_id: ada.account };
    expect(misfits(schemaOf("embeddings", "Insert"), owned)).toEqual(["owner_id"]);
  });
});
