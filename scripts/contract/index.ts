import { assistant } from "./assistant/index.ts";
import type { Column } from "./columns.ts";
import { director } from "./director/index.ts";
import { integration } from "./integration/index.ts";
import { operations } from "./operations.ts";
import type {
  FunctionContract,
  FunctionName,
  PrivateFunctionContract,
  PrivateTableContract,
  System,
  TableContract,
  TableName,
  TriggerFunctionContract,
  ViewContract,
  ViewName,
} from "./table.ts";
import { team, teamColumns, teamRules } from "./team.ts";

/**
 * The contract: the expected properties of each table, view and function. Tests compare it with the
 * catalog and execute it, the docs print it, and fixtures are made from it.
 */
export const systems = { assistant, director, integration, operations, team };

/** All tables. The types fail to compile when a table of the database is in no system. */
export const tables = {
  ...assistant.tables,
  ...director.tables,
  ...integration.tables,
  ...team.tables,
} satisfies { [T in TableName]: TableContract<T> } as Record<TableName, TableContract>;

export const views = {
  ...assistant.views,
  ...director.views,
  ...integration.views,
  ...team.views,
} satisfies Record<ViewName, ViewContract>;

export const functions = {
  ...assistant.functions,
  ...director.functions,
  ...integration.functions,
  ...team.functions,
} satisfies { [F in FunctionName]: FunctionContract<F> } as unknown as Record<
  FunctionName,
  FunctionContract
>;

const all: System[] = Object.values(systems);

export const triggerFunctions: Record<string, TriggerFunctionContract> = Object.assign(
  {},
  ...all.map((system) => system.triggerFunctions),
);

export const privateTables: Record<string, PrivateTableContract> = Object.assign(
  {},
  ...all.map((system) => system.privateTables),
);

export const privateFunctions: Record<string, PrivateFunctionContract> = Object.assign(
  {},
  ...all.map((system) => system.privateFunctions),
);

export const tableNames = Object.keys(tables) as TableName[];
export const viewNames = Object.keys(views) as ViewName[];
export const functionNames = Object.keys(functions) as FunctionName[];

/** Returns the columns of a table, including those that the team added. */
export function columnsOf(table: TableName): Record<string, Column> {
  return { ...tables[table].columns, ...teamColumns[table] };
}

/** Returns the columns of a table that a signed-in caller may write with this verb. */
export function writableColumns(table: TableName, verb: "insert" | "update"): string[] {
  return Object.entries(columnsOf(table)).flatMap(([name, column]) => (column[verb] ? name : []));
}

/** The tables in dependency order: each table comes after the tables that it references. */
export const tablesInOrder: TableName[] = inOrder([
  // Tenants and memberships own all other rows.
  ...tableNames.filter((name) => tables[name].rowOfMember),
  ...tableNames,
]);

function inOrder(names: TableName[]): TableName[] {
  const ordered = new Set<TableName>();
  const add = (name: TableName) => {
    for (const parent of Object.values(tables[name].parents ?? {})) add(parent);
    ordered.add(name);
  };
  for (const name of names) add(name);
  return [...ordered];
}

/** Returns whether the house style applies. It applies to the team's objects only if enabled. */
export function keepsHouseStyle(name: string): boolean {
  const theirs = [
    team.tables,
    team.views,
    team.functions,
    team.triggerFunctions,
    team.privateFunctions,
  ];
  return teamRules.houseStyle || !theirs.some((names) => name in names);
}
