import { beforeAll, describe, expect, test } from "vitest";
import { outcomeFor, reaches, signedInCallers, verbs } from "../../scripts/contract/callers.ts";
import { functions, tables, triggerFunctions, views } from "../../scripts/contract/index.ts";
import { type CatalogObject, readCatalog } from "../../scripts/project/catalog.ts";
import { grantsIn } from "../../scripts/project/grants.ts";
import { asOwner } from "../support/clients.ts";

const relations = { ...tables, ...views };

/** The rows of the access matrix. */
const rows = [
  ...Object.entries(relations).flatMap(([object, { access }]) =>
    verbs.map((verb) => ({ verb, object, cells: access[verb] })),
  ),
  ...Object.entries({ ...functions, ...triggerFunctions }).map(([object, { access }]) => ({
    verb: "execute",
    object,
    cells: access,
  })),
];

/** Returns a name such as `select users` for each element. */
const named = (found: { verb: string; object: string }[]) =>
  found.map(({ verb, object }) => `${verb} ${object}`).sort();

let catalog: CatalogObject[];
beforeAll(async () => {
  catalog = (await asOwner().begin("read only", readCatalog)) as CatalogObject[];
});

describe("the contract has a row for each", () => {
  const namesIn = async (query: Promise<readonly { name: string }[]>) =>
    (await query).map(({ name }) => name).sort();

  test("table, view and materialized view of the schema public", async () => {
    const found = asOwner()<{ name: string }[]>`
      select relname as name from pg_class
      where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'f')`;
    expect(Object.keys(relations).sort()).toEqual(await namesIn(found));
  });

  test("function of the schema public, and no two functions have the same name", async () => {
    const found = asOwner()<{ name: string }[]>`
      select proname as name from pg_proc
      where pronamespace = 'public'::regnamespace and prorettype <> 'trigger'::regtype`;
    expect(Object.keys(functions).sort()).toEqual(await namesIn(found));
  });

  test("trigger function of the schema public", async () => {
    const found = asOwner()<{ name: string }[]>`
      select proname as name from pg_proc
      where pronamespace = 'public'::regnamespace and prorettype = 'trigger'::regtype`;
    expect(Object.keys(triggerFunctions).sort()).toEqual(await namesIn(found));
  });
});

describe("the grants match the contract:", () => {
  /** Returns the privileges of the grantees, on whole objects or on single columns. */
  function privilegesOf(...grantees: string[]): string[] {
    const granted = grantsIn(catalog).flatMap(({ object, role, privileges }) => {
      const name = /^public\.(\w+)/.exec(object)?.[1];
      if (!name || !grantees.includes(role)) return [];
      return named(privileges.map((verb) => ({ verb, object: name })));
    });
    return [...new Set(granted)].sort();
  }

  test("authenticated has exactly the privileges that some signed-in caller needs", () => {
    const needed = rows.filter(({ cells }) => reaches(signedInCallers, cells));
    expect(privilegesOf("authenticated")).toEqual(named(needed));
  });

  test("the service role has its privileges, and executes what authenticated executes", () => {
    const needed = rows.filter(
      ({ verb, object, cells }) =>
        reaches(["service"], cells) ||
        (verb === "execute" && reaches(signedInCallers, cells)) ||
        // A trigger refuses this, not a missing privilege.
        (object in tables && outcomeFor("service", cells) === "55000"),
    );
    // The service role has all privileges on tables. Some of these do not concern rows.
    const found = privilegesOf("service_role").filter(
      (name) => !/^(truncate|references|trigger) /.test(name),
    );
    expect(found).toEqual(named(needed));
  });

  test("anon and public have no privileges", () => {
    expect(privilegesOf("anon", "public")).toEqual([]);
  });
});

describe("the policies match the contract:", () => {
  /** Returns the policies for the roles that `isWanted` accepts. */
  const policies = (isWanted: (role: string) => boolean) =>
    catalog
      .filter(({ kind }) => kind === "policy")
      .flatMap(({ name, definition }) => {
        const [, object = name] = / on public\.(\w+)$/.exec(name) ?? [];
        const [, verb = definition, role = ""] =
          /^for (\w+) to (\w+)(?= using| with check|$)/.exec(definition) ?? [];
        return isWanted(role) ? [{ verb, object }] : [];
      });

  test("authenticated has one policy for each verb that signed-in callers use on a table", () => {
    const tables = catalog.filter(({ kind }) => kind === "table").map(({ name }) => name);
    const needed = rows.filter(
      ({ object, cells }) => tables.includes(`public.${object}`) && reaches(signedInCallers, cells),
    );
    const found = policies((role) => role !== "service_role");
    expect(named(found)).toEqual(named(needed));
  });

  test("the service role has at most one policy per verb, because it bypasses RLS", () => {
    const found = named(policies((role) => role === "service_role"));
    const allowed = named(rows.filter(({ cells }) => reaches(["service"], cells)));
    expect(allowed).toEqual(expect.arrayContaining(found));
    expect(found).toEqual([...new Set(found)]);
  });
});
