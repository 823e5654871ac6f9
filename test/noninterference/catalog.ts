import { readFileSync } from "node:fs";
import { asOwner } from "../support/clients.ts";

export interface Typed {
  name: string;
  type: string;
}

export interface Relation {
  name: string;
  isTable: boolean;
  /** The verbs granted to signed-in callers on at least one column. */
  verbs: string[];
  columns: Typed[];
  /** The columns of each unique index, joined by commas. */
  keys: string[];
  /** The relations that it can be embedded with. */
  related: string[];
}

export interface Routine {
  name: string;
  /** Whether it is in the schema that the API serves. */
  isServed: boolean;
  /** Whether signed-in callers may call it. */
  isGranted: boolean;
  args: Typed[];
}

export interface Catalog {
  relations: Relation[];
  functions: Routine[];
}

/** Reads what requests can name. New tables and functions are included automatically. */
export async function readCatalog(): Promise<Catalog> {
  const query = readFileSync(new URL("catalog.sql", import.meta.url), "utf8");
  const [catalog] = await asOwner().unsafe<Catalog[]>(query);
  if (!catalog) throw new Error("the catalog is empty");
  return catalog;
}

/** Returns the names of all relations and functions. */
export const namesIn = ({ relations, functions }: Catalog): string[] =>
  [...relations, ...functions].map(({ name }) => name);

/**
 * Reduces the catalog to the named tables, views and served functions. If no item of one of these
 * three groups is named, the whole group stays. Functions that are not served always stay.
 */
export function only(names: string[], { relations, functions }: Catalog): Catalog {
  const among = <T extends { name: string }>(items: T[]) => {
    const named = items.filter(({ name }) => names.includes(name));
    return named.length > 0 ? named : items;
  };
  const [tables, views] = [true, false].map((isTable) =>
    relations.filter((relation) => relation.isTable === isTable),
  ) as [Relation[], Relation[]];
  const [served, hidden] = [true, false].map((isServed) =>
    functions.filter((routine) => routine.isServed === isServed),
  ) as [Routine[], Routine[]];
  return {
    relations: [...among(tables), ...among(views)],
    functions: [...among(served), ...hidden],
  };
}
