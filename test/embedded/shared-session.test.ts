import { createConnection } from "node:net";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import {
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from "../../scripts/stack/engine/embedded-postgres.ts";

let database: EmbeddedPostgres;

beforeAll(async () => {
  database = await startEmbeddedPostgres({ port: 0, idleInTransactionMs: 300 });
});

afterAll(() => database.close());

/** Creates a client with one connection. */
function connect(options: postgres.Options<never> = {}): postgres.Sql {
  const sql = postgres(database.url, { max: 1, onnotice: () => {}, ...options });
  onTestFinished(() => sql.end({ timeout: 1 }));
  return sql;
}

const roleOf = async (sql: postgres.Sql) => (await sql`select current_user as role`)[0]?.role;
const pathOf = async (sql: postgres.Sql) => (await sql`show search_path`)[0]?.search_path;

describe("clients that share one session", () => {
  test("keep their own roles and settings", async () => {
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

  test("leave no settings behind when they disconnect", async () => {
    const leaver = connect();
    await leaver`set search_path = pg_temp`;
    await leaver.end();
    expect(await pathOf(connect())).toBe('"$user", public, extensions');
  });

  test("get the results of their own statements, prepared or not", async () => {
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

  test("wait for the end of another client's transaction", async () => {
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

  test("leave no rows behind when they disconnect in a transaction", async () => {
    const [one, other] = [connect(), connect()];
    await one`create table unfinished (n int)`;
    const dying = one.begin(async (sql) => {
      await sql`insert into unfinished values (1)`;
      await one.end({ timeout: 0 });
    });
    await expect(dying).rejects.toThrow();
    expect(await other`select from unfinished`).toHaveLength(0);
  });

  test("are not affected by an error in another client's transaction", async () => {
    const [one, other] = [connect(), connect()];
    const failing = one.begin(async (sql) => {
      await sql`select 1 / 0`;
    });
    await expect(failing).rejects.toMatchObject({ code: "22012" });
    expect(await other`select 1 as n`).toEqual([{ n: 1 }]);
    expect(await one`select 2 as n`).toEqual([{ n: 2 }]);
  });

  test("lose an idle transaction when another client waits", async () => {
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

describe("prepared statements and temporary tables, which have no known client,", () => {
  test("are dropped when the last client except the API disconnects", async () => {
    const leaver = connect();
    await leaver`prepare leftover as select 1`;
    await leaver`create temp table leftover (n int)`;
    await leaver.end();
    const next = connect();
    expect(await next`select name from pg_prepared_statements where name = 'leftover'`).toEqual([]);
    expect((await next`select to_regclass('leftover') as found`)[0]?.found).toBeNull();
  });
});

test("only a client whose settings cannot be restored is disconnected", async () => {
  const [one, other] = [connect(), connect()];
  await one`create role short_lived`;
  await one`set role short_lived`;
  await other`drop role short_lived`;
  await expect(one`select 1`).rejects.toThrow();
  expect(await other`select 1 as n`).toEqual([{ n: 1 }]);
});

/** Sends bytes and returns the whole response, until the server closes the connection. */
async function send(...packets: Buffer[]): Promise<Buffer> {
  const socket = createConnection(Number(new URL(database.url).port), "127.0.0.1");
  onTestFinished(() => {
    socket.destroy();
  });
  for (const packet of packets) socket.write(packet);
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const sslRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);
const cancelRequest = Buffer.from([0, 0, 0, 16, 4, 210, 22, 46, 0, 0, 0, 1, 0, 0, 0, 1]);
const startup = Buffer.from("\0\0\0\x17\0\x03\0\0user\0postgres\0\0", "latin1");
const terminate = Buffer.from("X\0\0\0\x04", "latin1");

describe("the wire protocol", () => {
  test("refuses encryption and processes the rest of the same packet", async () => {
    const answer = await send(Buffer.concat([sslRequest, startup]), terminate);
    expect([answer.subarray(0, 2).toString(), answer.subarray(-1).toString()]).toEqual(["NR", "I"]);
  });

  test("accepts a message in several packets", async () => {
    const query = Buffer.from("Q\0\0\0\x0dselect 1\0", "latin1");
    const answer = await send(
      startup,
      query.subarray(0, 3),
      query.subarray(3, 9),
      query.subarray(9),
      terminate,
    );
    expect(answer.toString("latin1")).toContain("SELECT 1");
  });

  test("closes the connection without a response to a cancel request", async () => {
    expect(await send(cancelRequest)).toHaveLength(0);
  });

  test.each<[string, Buffer[]]>([
    ["an HTTP request", [Buffer.from("POST / HTTP/1.1\r\nHost: localhost\r\n\r\n")]],
    ["a startup packet with the length 0", [Buffer.alloc(8)]],
    ["a startup packet without a terminator", [Buffer.from([0, 0, 0, 8, 0, 3, 0, 0])]],
    [
      "a startup packet with an unfinished name",
      [Buffer.from("\0\0\0\x0c\0\x03\0\0user", "latin1")],
    ],
    [
      "a startup packet with a name without a value",
      [Buffer.from("\0\0\0\x0e\0\x03\0\0user\0\0", "latin1")],
    ],
    ["another protocol version", [Buffer.from([0, 0, 0, 8, 0, 2, 0, 0])]],
    ["a message with a negative length", [startup, Buffer.from("Q\x80\0\0\0", "latin1")]],
    ["a message with a length below the minimum", [startup, Buffer.from("Q\0\0\0\0", "latin1")]],
    ["a message with a length of one gigabyte", [startup, Buffer.from("Q\x40\0\0\0", "latin1")]],
    ["a message of an unknown type", [startup, Buffer.from("~\0\0\0\x04", "latin1")]],
  ])("refuses %s with 08P01 and continues to serve other clients", async (_, packets) => {
    expect((await send(...packets)).toString("latin1")).toContain("C08P01");
    expect(await connect()`select 1 as n`).toEqual([{ n: 1 }]);
  });

  test.each([
    "copy t from stdin",
    "copy t from /* comment */ stdin",
    "select 1; copy t (a, b) from -- comment\nstdin",
    "/* comment */ copy t from stdin",
    "copy t to program 'cat'",
    "copy (select 1) to program 'cat'",
    "copy t from program 'cat'",
  ])("refuses %j, which would crash or block the engine", async (query) => {
    const head = Buffer.alloc(5);
    head.write("Q");
    head.writeInt32BE(query.length + 5, 1);
    const answer = await send(startup, Buffer.concat([head, Buffer.from(`${query}\0`)]));
    expect(answer.toString("latin1")).toContain("C0A000");
    const rows = await connect()`select ${query} as harmless`;
    expect(rows).toEqual([{ harmless: query }]);
  });
});

test("a parameter type whose OID ends with the byte of ReadyForQuery does not block the client", async () => {
  const sql = connect();
  await sql`
    do $$
    begin
      for n in 1..5000 loop
        -- One to three labels, so that the steps between the OIDs differ.
        execute format(
          'create type described_%s as enum (%s)',
          n, (select string_agg(quote_literal(chr(96 + i)), ', ') from generate_series(1, 1 + n % 3) i)
        );
        if (select oid::int % 256 from pg_type where typname = 'described_' || n) = ascii('Z') then
          execute format('create table described (value described_%s)', n);
          return;
        end if;
      end loop;
    end
    $$`;
  await sql`insert into described (value) values (${"a"})`;
  expect(await sql`select value from described`).toEqual([{ value: "a" }]);
}, 60_000);

describe("an exchange that fails while it is", () => {
  /** Returns the types of the messages received until every Sync has its response. */
  async function answers(messages: Buffer[], syncs: number): Promise<string> {
    const socket = createConnection(Number(new URL(database.url).port), "127.0.0.1");
    onTestFinished(() => void socket.destroy());
    const startup = Buffer.from("user\0postgres\0\0");
    const header = Buffer.alloc(8);
    header.writeInt32BE(8 + startup.length);
    header.writeInt32BE(196608, 4);
    socket.write(Buffer.concat([header, startup, ...messages]));
    let received = Buffer.alloc(0);
    let types = "";
    for await (const chunk of socket) {
      received = Buffer.concat([received, chunk]);
      while (received.length >= 5 && received.length > received.readInt32BE(1)) {
        types += String.fromCharCode(received[0] ?? 0);
        received = received.subarray(1 + received.readInt32BE(1));
      }
      if (types.split("Z").length > 1 + syncs) break;
    }
    return types.slice(types.indexOf("Z") + 1);
  }

  const message = (type: string, body: string) => {
    const header = Buffer.alloc(5);
    header.write(type);
    header.writeInt32BE(4 + body.length, 1);
    return Buffer.concat([header, Buffer.from(body)]);
  };
  const exchange = (sql: string) => [
    message("P", `\0${sql}\0\0\0`),
    message("B", "\0\0\0\0\0\0\0\0"),
    message("E", "\0\0\0\0\0"),
    message("S", ""),
  ];

  test.each([
    ["parsed", "select nothing", "E"],
    ["executed", "select 1 / (random() * 0)::int", "12E"],
  ])(
    "%s returns one error and one ReadyForQuery, and the next one succeeds",
    async (_when, sql, failed) => {
      const got = await answers([...exchange(sql), ...exchange("select 1")], 2);
      expect(got).toBe(`${failed}Z12DCZ`);
    },
  );
});

test("startEmbeddedPostgres() refuses a taken port before the engine starts", async () => {
  const port = Number(new URL(database.url).port);
  await expect(startEmbeddedPostgres({ port })).rejects.toMatchObject({ code: "EADDRINUSE" });
});
