import { createConnection } from "node:net";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import {
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from "../../scripts/lib/embedded-postgres.ts";

let database: EmbeddedPostgres;

beforeAll(async () => {
  database = await startEmbeddedPostgres({ port: 0, idleInTransactionMs: 300 });
});

afterAll(() => database.close());

/** A client of its own, with one connection. */
function connect(options: postgres.Options<never> = {}): postgres.Sql {
  const sql = postgres(database.url, { max: 1, onnotice: () => {}, ...options });
  onTestFinished(() => sql.end({ timeout: 1 }));
  return sql;
}

const roleOf = async (sql: postgres.Sql) => (await sql`select current_user as role`)[0]?.role;
const pathOf = async (sql: postgres.Sql) => (await sql`show search_path`)[0]?.search_path;

describe("clients share one session without noticing", () => {
  test("each keeps its own role and settings", async () => {
    const [one, other] = [connect(), connect()];
    await one`create role somebody`;
    await one`set role somebody`;
    await one`set search_path = pg_temp`;
    expect([await roleOf(other), await pathOf(other)]).toEqual([
      "postgres",
      '"$user", public, extensions',
    ]);
    expect([await roleOf(one), await pathOf(one)]).toEqual(["somebody", "pg_temp"]);
  });

  test("a client that leaves takes its settings along", async () => {
    const leaver = connect();
    await leaver`set search_path = pg_temp`;
    await leaver.end();
    expect(await pathOf(connect())).toBe('"$user", public, extensions');
  });

  test("statements of many clients do not mix, prepared or not", async () => {
    const clients = Array.from({ length: 6 }, () => connect());
    const answers = await Promise.all(
      clients.flatMap((sql, client) =>
        Array.from({ length: 30 }, async (_, n) => {
          const [row] = await sql`select ${client * 1000 + n}::int as answer`;
          return row?.answer === client * 1000 + n;
        }),
      ),
    );
    expect(answers).toHaveLength(180);
    expect(answers).not.toContain(false);
  });

  test("a transaction is not entered by others, who wait for its end", async () => {
    const [one, other] = [connect(), connect()];
    await one`create table ledger (n int)`;
    let seen: Promise<postgres.RowList<postgres.Row[]>> | undefined;
    await one.begin(async (sql) => {
      await sql`insert into ledger values (1)`;
      seen = other`select count(*)::int as n, pg_current_xact_id_if_assigned() as xid from ledger`;
      seen.catch(() => {});
      await sql`insert into ledger values (2)`;
    });
    expect(await seen).toEqual([{ n: 2, xid: null }]);
  });

  test("a client that dies in a transaction leaves nothing behind", async () => {
    const [one, other] = [connect(), connect()];
    await one`create table unfinished (n int)`;
    const dying = one.begin(async (sql) => {
      await sql`insert into unfinished values (1)`;
      await one.end({ timeout: 0 });
    });
    await expect(dying).rejects.toThrow();
    expect(await other`select from unfinished`).toHaveLength(0);
  });

  test("an error in a transaction is its client's alone", async () => {
    const [one, other] = [connect(), connect()];
    const failing = one.begin(async (sql) => {
      await sql`select 1 / 0`;
    });
    await expect(failing).rejects.toMatchObject({ code: "22012" });
    expect(await other`select 1 as n`).toEqual([{ n: 1 }]);
    expect(await one`select 2 as n`).toEqual([{ n: 2 }]);
  });

  test("a transaction left idle is ended when another client waits", async () => {
    let closed = () => {};
    const isClosed = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const idle = connect({ onclose: () => closed() });
    const holder = await idle.reserve();
    await holder`create table abandoned (n int)`;
    await holder`begin`;
    await holder`insert into abandoned values (1)`;
    expect(await connect()`select from abandoned`).toHaveLength(0);
    await isClosed;
  });
});

describe("the wire", () => {
  test("says no to encryption, as psql asks for it first", async () => {
    const socket = createConnection(Number(new URL(database.url).port), "127.0.0.1");
    onTestFinished(() => {
      socket.destroy();
    });
    socket.write(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]));
    const answer = await new Promise((resolve) => socket.once("data", resolve));
    expect(`${answer}`).toBe("N");
  });

  test("survives a client that sends nonsense and goes away", async () => {
    const socket = createConnection(Number(new URL(database.url).port), "127.0.0.1");
    socket.write("GET / HTTP/1.1\r\n\r\n");
    socket.end();
    await new Promise((resolve) => socket.once("close", resolve));
    expect(await connect()`select 1 as n`).toEqual([{ n: 1 }]);
  });
});

test("a port that is taken fails before the engine starts", async () => {
  const port = Number(new URL(database.url).port);
  await expect(startEmbeddedPostgres({ port })).rejects.toMatchObject({ code: "EADDRINUSE" });
});
