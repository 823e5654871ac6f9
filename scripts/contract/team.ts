import type { Column } from "./columns.ts";
import type { System, TableName } from "./table.ts";

/**
 * What your team adds to the schema: its tables, views and functions, and its columns of the tables
 * that are here already. Rows look like those of the other systems. An update of the project touches
 * no line of this file.
 */
export const team = {
  title: "Your team",
  tables: {},
  views: {},
  functions: {},
  triggerFunctions: {},
  privateFunctions: {},
} satisfies System;

/** Your columns of the project's tables, by table. */
export const teamColumns: { [T in TableName]?: Record<string, Column> } = {};

/** The rules that your objects keep. Isolation is none of them: it holds for every object. */
export const teamRules = {
  /**
   * The project's own habits: a comment on every object, JSON that is never null and whose type is
   * checked, times with their zone, exact money, an index for each foreign key and a query for each index.
   */
  houseStyle: false,
};
