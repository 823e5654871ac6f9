import pg from "pg";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import {
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from "../../scripts/stack/engine/embedded-postgres.ts";

let engine: EmbeddedPostgres;
let client: pg.Client;
let crashes: Error[];

beforeEach(async () => {
  engine = await startEmbeddedPostgres({ port: 0 });
  onTestFinished(() => engine.close());
  crashes = [];
  engine.onCrash((error) => crashes.push(error));
  client = await connect();
});

async function connect(): Promise<pg.Client> {
  const connection = new pg.Client({ connectionString: engine.url });
  // The engine closes the connection after an overflow.
  connection.on("error", () => {});
  onTestFinished(() => connection.end());
  await connection.connect();
  return connection;
}

const COUNT = `
  create function count_to(p_last int, p_n int) returns int language plpgsql as $$
  begin
    return case when p_n >= p_last then p_n else count_to(p_last, p_n + 1) end;
  end $$`;

describe("a statement that overflows the stack ends the engine, and the client learns why", () => {
  test.each([
    [
      "a trigger that inserts into its own table",
      `create table loops (n int);
       create function loop() returns trigger language plpgsql as
         'begin insert into loops values (new.n + 1); return new; end';
       create trigger trigger_loop before insert on loops for each row execute function loop()`,
      "insert into loops values (1)",
    ],
    ["a plpgsql function that calls itself", COUNT, "select count_to(1000000, 1)"],
    [
      "an sql function that calls itself",
      `create function again(p_n int) returns int language sql as
         'select case when p_n < 0 then 0 else again(p_n + 1) end'`,
      "select again(1)",
    ],
    [
      "JSON of 100,000 levels",
      "",
      "select (repeat('[', 100000) || repeat(']', 100000))::jsonb is null",
    ],
  ])("%s", async (_name, setup, statement) => {
    await client.query(setup);
    const overflow = { code: "54001", message: expect.stringContaining("overflowed the stack") };
    await expect(client.query(statement)).rejects.toMatchObject(overflow);
    expect(crashes).toMatchObject([overflow]);
    await expect(connect()).rejects.toMatchObject(overflow);
  });
});

describe("the engine has enough stack for", () => {
  test.each([
    ["a plpgsql function of 200 levels", `select count_to(200, 1) as n`, 200],
    [
      "JSON of 500 levels",
      "select length((repeat('[', 500) || repeat(']', 500))::jsonb::text) as n",
      1000,
    ],
    [
      "a recursive query of 20,000 rows",
      "with recursive c (n) as (select 1 union all select n + 1 from c where n < 20000) select max(n) as n from c",
      20000,
    ],
  ])("%s", async (_name, statement, expected) => {
    await client.query(COUNT);
    expect((await client.query(statement)).rows).toEqual([{ n: expected }]);
    expect(crashes).toEqual([]);
  });
});
