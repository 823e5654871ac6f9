import { describe, expect, test } from "vitest";
import {
  columnsOf,
  keepsHouseStyle,
  privateFunctions,
  tableNames,
  tables,
  triggerFunctions,
  writableColumns,
} from "../../scripts/contract/index.ts";
import { checks } from "../../src/schema/checks.ts";
import { createMember, createTenant } from "../support/actors.ts";
import { asOwner } from "../support/clients.ts";
import { createRow } from "../support/rows.ts";

/** The expression that a policy compares each key with. */
const keyValues: Record<string, string> = {
  id: "private.current_tenant_id()",
  tenant_id: "private.current_tenant_id()",
  user_id: "auth.uid()",
};

const isolationKeys = Object.fromEntries(tableNames.map((table) => [table, tables[table].key]));

/** Returns the exceptions that the contract lists with a reason, for all tables. */
const listed = (what: "uniqueBeyondKey" | "sortedBeyondKey") =>
  tableNames.flatMap((table) => Object.keys(tables[table][what] ?? {})).sort();

/** Columns with planner statistics. Planned counts may reveal their values. */
const vocabularies = tableNames.flatMap((table) =>
  Object.entries(columnsOf(table)).flatMap(([name, { keepsStatistics }]) =>
    keepsStatistics ? `${table}.${name}` : [],
  ),
);

/** Returns the functions that the contract marks with this flag, with their schema. */
const functionsThat = (is: "isDefiner" | "isCallable") =>
  [
    ...Object.entries(privateFunctions).map(([name, fn]) => ({ name: `private.${name}`, ...fn })),
    ...Object.entries(triggerFunctions).map(([name, fn]) => ({ name: `public.${name}`, ...fn })),
  ]
    .filter((fn) => is in fn)
    .map(({ name }) => name)
    .sort();

/** Returns the names of the objects that must follow the house style. */
const ofTheHouse = (names: string[]) =>
  names.filter((name) =>
    keepsHouseStyle(name.replace(/^(public|private)\./, "").replace(/[.(].*/, "")),
  );

const rows = async (query: Promise<readonly { name: string }[]>) =>
  (await query).map(({ name }) => name).sort();

describe("every table", () => {
  test("is listed with its isolation key", async () => {
    const tables = asOwner()<{ name: string }[]>`
      select relname as name from pg_class
      where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')`;
    expect(await rows(tables)).toEqual([...tableNames].sort());
  });

  test.each(tableNames.map((table) => [table, tables[table].key] as const))(
    "%s has the primary key of id and %s",
    async (table, key) => {
      const [found] = await asOwner()`
      select array_agg(a.attname::text order by k.position) as columns
      from pg_constraint c, unnest(c.conkey) with ordinality k (attnum, position), pg_attribute a
      where c.conrelid = ${`public.${table}`}::regclass and c.contype = 'p'
        and a.attrelid = c.conrelid and a.attnum = k.attnum`;
      expect(found?.columns).toEqual([...new Set(["id", tables[table].keyColumn ?? key])]);
    },
  );

  test("includes the isolation key in its foreign keys to isolated tables", async () => {
    const plain = asOwner()<{ name: string }[]>`
      select c.conname as name
      from pg_constraint c
      where c.contype = 'f' and c.connamespace = 'public'::regnamespace
        and c.confrelid not in ('public.tenants'::regclass, 'auth.users'::regclass)
        and not exists (
          select from pg_attribute a
          where a.attrelid = c.confrelid and a.attnum = any (c.confkey)
            and a.attname = (${asOwner().json(isolationKeys)}::jsonb ->> c.confrelid::regclass::text)
        )`;
    expect(await rows(plain)).toEqual([]);
  });

  test("lists the isolated tables that it refers to in the contract", async () => {
    const references = await asOwner()<{ table: string; column: string; parent: string }[]>`
      select c.conrelid::regclass::text as table, a.attname as column,
        c.confrelid::regclass::text as parent
      from pg_constraint c
      join pg_attribute a on a.attrelid = c.conrelid and a.attnum = any (c.conkey)
      where c.contype = 'f' and c.connamespace = 'public'::regnamespace
        and c.confrelid not in ('tenants'::regclass, 'users'::regclass, 'auth.users'::regclass)
        and a.attname not in ('tenant_id', 'user_id')`;
    const parents = tableNames.flatMap((table) =>
      Object.entries(tables[table].parents ?? {}).map(([column, parent]) => {
        return `${table}.${column} ${parent}`;
      }),
    );
    const found = references.map(({ table, column, parent }) => `${table}.${column} ${parent}`);
    expect(found.sort()).toEqual(parents.sort());
  });

  const promises = tableNames.flatMap((table) => {
    const { promised } = tables[table];
    return promised ? [{ table, ...promised }] : [];
  });
  test.each(promises)("$table has $indexes indexes and $policies policies", async (promised) => {
    const { table, ...numbers } = promised;
    const [found] = await asOwner()`
      select
        (select count(*)::int from pg_indexes where schemaname = 'public' and tablename = ${table})
          as indexes,
        (select count(*)::int from pg_policies where schemaname = 'public' and tablename = ${table})
          as policies`;
    expect(found).toEqual(numbers);
  });

  test("includes the key in its unique constraints, except the listed ones", async () => {
    const without = asOwner()<{ name: string }[]>`
      select c.conname as name
      from pg_constraint c
      where c.contype = 'u' and c.connamespace = 'public'::regnamespace
        and not exists (
          select from pg_attribute a
          where a.attrelid = c.conrelid and a.attnum = any (c.conkey)
            and a.attname in ('tenant_id', 'user_id')
            and a.attname = (${asOwner().json(isolationKeys)}::jsonb ->> c.conrelid::regclass::text)
        )`;
    expect(await rows(without)).toEqual(listed("uniqueBeyondKey"));
  });

  test("has RLS enabled", async () => {
    const open = asOwner()<{ name: string }[]>`
      select relname as name from pg_class
      where relnamespace = 'public'::regnamespace and relkind = 'r' and not relrowsecurity`;
    expect(await rows(open)).toEqual([]);
  });

  test("and every view, materialized view and function has a comment", async () => {
    const uncommented = asOwner()<{ name: string }[]>`
      select c.oid::regclass::text as name from pg_class c
      where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace)
        and c.relkind in ('r', 'v', 'm') and obj_description(c.oid, 'pg_class') is null
      union all
      select p.oid::regprocedure::text from pg_proc p
      where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace)
        and obj_description(p.oid, 'pg_proc') is null`;
    expect(ofTheHouse(await rows(uncommented))).toEqual([]);
  });

  test("stores JSON as jsonb, not null, with a default and a check on its type", async () => {
    const loose = asOwner()<{ name: string }[]>`
      select format('%s.%s', a.attrelid::regclass, a.attname) as name
      from pg_attribute a join pg_class t on t.oid = a.attrelid
      where t.relnamespace = 'public'::regnamespace and t.relkind = 'r' and a.attnum > 0
        and a.atttypid in ('json'::regtype, 'jsonb'::regtype)
        and not (
          a.atttypid = 'jsonb'::regtype and a.attnotnull and a.atthasdef
          and exists (
            select from pg_constraint c
            where c.conrelid = a.attrelid and c.contype = 'c' and a.attnum = any (c.conkey)
              and pg_get_constraintdef(c.oid) like '%jsonb_typeof(%'
          )
        )`;
    expect(ofTheHouse(await rows(loose))).toEqual([]);
  });

  test("stores times with a time zone and money as exact numbers", async () => {
    const loose = asOwner()<{ name: string }[]>`
      select format('%s.%s', a.attrelid::regclass, a.attname) as name
      from pg_attribute a join pg_class t on t.oid = a.attrelid
      where t.relnamespace = 'public'::regnamespace and t.relkind = 'r' and a.attnum > 0
        and a.atttypid in ('timestamp'::regtype, 'real'::regtype, 'float8'::regtype, 'money'::regtype)`;
    expect(ofTheHouse(await rows(loose))).toEqual([]);
  });

  test("starts each B-tree index with its isolation key, except the listed ones", async () => {
    // With few tenants, the planner would read one tenant's list from such an index, and skip the
    // rows of all other tenants one by one.
    const unowned = asOwner()<{ name: string }[]>`
      select i.indexrelid::regclass::text as name
      from pg_index i
      join pg_class t on t.oid = i.indrelid
      join pg_class c on c.oid = i.indexrelid
      join pg_am method on method.oid = c.relam
      -- Leave out indexes on an expression, because no caller sorts by one.
      join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
      where t.relnamespace = 'public'::regnamespace and t.relkind = 'r'
        and method.amname = 'btree' and not i.indisunique and a.atttypid <> 'uuid'::regtype`;
    expect(await rows(unowned)).toEqual(listed("sortedBeyondKey"));
  });

  test("has an index for each foreign key", async () => {
    const unindexed = asOwner()<{ name: string }[]>`
      select format('%s.%s', c.conrelid::regclass, c.conname) as name from pg_constraint c
      where c.contype = 'f' and c.connamespace = 'public'::regnamespace
        and not exists (
          select from pg_index i
          where i.indrelid = c.conrelid and i.indpred is null
            and (i.indkey::int2[])[0:cardinality(c.conkey) - 1] = c.conkey
        )`;
    expect(ofTheHouse(await rows(unindexed))).toEqual([]);
  });
});

describe("every policy", () => {
  test("is permissive and applies to one command and one named role", async () => {
    const loose = asOwner()<{ name: string }[]>`
      select policyname as name from pg_policies
      where schemaname = 'public'
        and not (permissive = 'PERMISSIVE' and cmd <> 'ALL' and cardinality(roles) = 1
          and not roles && array['public', 'anon']::name[])`;
    expect(await rows(loose)).toEqual([]);
  });

  test("for update has the same condition before and after the update", async () => {
    const differing = asOwner()<{ name: string }[]>`
      select policyname as name from pg_policies
      where schemaname = 'public' and cmd = 'UPDATE' and qual is distinct from with_check`;
    expect(await rows(differing)).toEqual([]);
  });

  test("also compares the tenant where the table has a tenant_id", async () => {
    const loose = asOwner()<{ name: string }[]>`
      select p.policyname as name
      from pg_policies p, unnest(array[p.qual, p.with_check]) condition
      where p.schemaname = 'public' and p.roles = '{authenticated}' and condition is not null
        and exists (
          select from pg_attribute a
          where a.attrelid = format('public.%I', p.tablename)::regclass and a.attname = 'tenant_id'
        )
        and condition not like '%(tenant_id = ( SELECT private.current_tenant_id()%'`;
    expect(await rows(loose)).toEqual([]);
  });

  test("for authenticated compares the key with a value computed once per statement", async () => {
    const policies = await asOwner()<{ name: string; tablename: string; text: string }[]>`
      select policyname as name, tablename, coalesce(qual, with_check) as text from pg_policies
      where schemaname = 'public' and roles = '{authenticated}'`;
    expect(policies.length).toBeGreaterThan(0);
    for (const { name, tablename, text } of policies) {
      const key = isolationKeys[tablename] as string;
      const { keyColumn } = tables[tablename as keyof typeof tables];
      const own = `(${key} = ( SELECT ${keyValues[key]}`;
      // Select also returns public rows, whose key column is the nil uuid.
      const nil = "'00000000-0000-0000-0000-000000000000'::uuid";
      const ownOrPublic = `(${keyColumn} = ANY (ARRAY[( SELECT ${keyValues[key]} AS uid), ${nil}]))`;
      const isOfPublic = keyColumn && text === ownOrPublic;
      if (!isOfPublic) expect(text, name).toContain(own);
      expect(isOfPublic ? "" : text, name).not.toMatch(/user_metadata| IN \(|ANY/);
    }
  });
});

describe("every function", () => {
  test("has an empty search_path", async () => {
    const loose = asOwner()<{ name: string }[]>`
      select p.oid::regprocedure::text as name from pg_proc p
      where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace)
        and not coalesce(p.proconfig @> array['search_path=""'], false)`;
    expect(await rows(loose)).toEqual([]);
  });

  test("runs with the caller's rights, except the listed ones", async () => {
    const found = asOwner()<{ name: string }[]>`
      select format('%s.%s', p.pronamespace::regnamespace, p.proname) as name from pg_proc p
      where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace) and p.prosecdef`;
    expect(await rows(found)).toEqual(functionsThat("isDefiner"));
  });

  test("does not call auth.uid() inside a query", async () => {
    // In a query, Postgres would call it once per row instead of searching an index for its value.
    const allowed = String.raw`v_\w+ uuid = auth\.uid\(\);|if auth\.uid\(\) is (not )?null then|--[^\n]*`;
    const inQuery = asOwner()<{ name: string }[]>`
      select p.oid::regprocedure::text as name from pg_proc p
      where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace)
        and regexp_replace(p.prosrc, ${allowed}, '', 'g') ~ ${String.raw`auth\.\w+\(`}`;
    expect(await rows(inQuery)).toEqual([]);
  });

  test("that runs with its owner's rights is private or a trigger function", async () => {
    const exposed = asOwner()<{ name: string }[]>`
      select p.oid::regprocedure::text as name from pg_proc p
      where p.pronamespace = 'public'::regnamespace and p.prosecdef
        and p.prorettype <> 'trigger'::regtype`;
    expect(await rows(exposed)).toEqual([]);
  });

  test.each(["authenticated", "service_role"])(
    "in the schema private can be executed by %s exactly when it is listed",
    async (role) => {
      const found = asOwner()<{ name: string }[]>`
        select 'private.' || p.proname as name from pg_proc p
        where p.pronamespace = 'private'::regnamespace
          and has_function_privilege(${role}, p.oid, 'execute')`;
      expect(await rows(found)).toEqual(functionsThat("isCallable"));
    },
  );

  test("in the schema private cannot be executed by anon or public", async () => {
    const open = asOwner()<{ name: string }[]>`
      select p.oid::regprocedure::text as name from pg_proc p
      where p.pronamespace = 'private'::regnamespace
        and has_function_privilege('anon', p.oid, 'execute')`;
    expect(await rows(open)).toEqual([]);
  });
});

describe("grants", () => {
  test("no API role has one on a relation in the schema private", async () => {
    const granted = asOwner()<{ name: string }[]>`
      select format('%s %s %s', role, privilege, c.oid::regclass) as name
      from pg_class c,
        unnest(array['anon', 'authenticated', 'service_role']) role,
        unnest(array['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger'])
          privilege
      where c.relnamespace = 'private'::regnamespace and c.relkind in ('r', 'v', 'm')
        and (has_table_privilege(role, c.oid, privilege)
          or privilege in ('select', 'insert', 'update', 'references')
          and has_any_column_privilege(role, c.oid, privilege))`;
    expect(await rows(granted)).toEqual([]);
  });

  test("authenticated can read every column of its tables, but no system column", async () => {
    const differing = asOwner()<{ name: string }[]>`
      select format('%s.%s', c.relname, a.attname) as name
      from pg_class c join pg_attribute a on a.attrelid = c.oid and not a.attisdropped
      where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
        and has_any_column_privilege('authenticated', c.oid, 'select')
        and has_column_privilege('authenticated', c.oid, a.attnum, 'select') <> (a.attnum > 0)`;
    expect(await rows(differing)).toEqual([]);
  });

  test("columns that clients write have no statistics that planned counts could reveal", async () => {
    // An analyze of an empty table makes no statistics.
    const owner = await createMember(await createTenant(), { role: "owner" });
    for (const table of tableNames) if (table !== "tenants") await createRow(table, owner);
    const sql = asOwner();
    for (const table of tableNames) await sql`analyze ${sql(`public.${table}`)}`;
    // `=` of these types is leakproof, so the planner uses their statistics under a policy, too.
    const kept = sql<{ name: string }[]>`
      select format('%s.%s', s.tablename, s.attname) as name
      from pg_stats s
      join pg_attribute a
        on a.attrelid = format('%I.%I', s.schemaname, s.tablename)::regclass
        and a.attname = s.attname
      join pg_type t on t.oid = a.atttypid
      where s.schemaname in ('public', 'private') and t.typcategory in ('S', 'V')
        and not format('%s.%s', s.tablename, s.attname) = any (${vocabularies})
        and s.tablename <> all (array['size_snapshots', 'maintenance_runs'])`;
    expect(await rows(kept)).toEqual([]);
    const [control] = await sql`
      select from pg_stats where tablename = 'messages' and attname = 'role'`;
    expect(control).toBeDefined();
    // Extended statistics must keep no values either: no most-common values and no expressions.
    const extended = sql<{ name: string }[]>`
      select stxname as name from pg_statistic_ext where 'm' = any (stxkind) or stxexprs is not null`;
    expect(await rows(extended)).toEqual([]);
  });

  test("columns that clients write keep no statistics, unless a check lists the allowed values", () => {
    const checked = new Set(
      Object.entries(checks).flatMap(([table, columns]) =>
        Object.keys(columns).map((column) => `${table}.${column}`),
      ),
    );
    const written = tableNames.flatMap((table) =>
      (["insert", "update"] as const).flatMap((verb) =>
        writableColumns(table, verb).map((column) => `${table}.${column}`),
      ),
    );
    expect(vocabularies.length).toBeGreaterThan(3);
    expect(vocabularies.filter((name) => written.includes(name) && !checked.has(name))).toEqual([]);
  });

  test("no API role has create on the schema private, and only anon lacks usage", async () => {
    const found = await asOwner()`
      select role, has_schema_privilege(role, 'private', 'usage') as usage,
        has_schema_privilege(role, 'private', 'create') as creation
      from unnest(array['anon', 'authenticated', 'service_role']) role`;
    expect(found).toEqual([
      { role: "anon", usage: false, creation: false },
      { role: "authenticated", usage: true, creation: false },
      { role: "service_role", usage: true, creation: false },
    ]);
  });

  test("materialized views have a unique index, which concurrent refreshes need", async () => {
    const views = await asOwner()`
      select c.relname,
        exists (select from pg_index i where i.indrelid = c.oid and i.indisunique) as refreshable
      from pg_class c where c.relkind = 'm' and c.relnamespace = 'public'::regnamespace`;
    expect(views.length).toBeGreaterThan(0);
    for (const view of views) expect(view).toMatchObject({ refreshable: true });
  });

  test("views run with the caller's rights", async () => {
    const loose = asOwner()<{ name: string }[]>`
      select relname as name from pg_class
      where relnamespace = 'public'::regnamespace and relkind = 'v'
        and not coalesce(reloptions @> '{security_invoker=true}', false)`;
    expect(await rows(loose)).toEqual([]);
  });
});
