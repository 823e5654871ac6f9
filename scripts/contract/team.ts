import type { Column } from "./columns.ts";
import type { System, TableName } from "./table.ts";

/**
 * The tables, views and functions that your team adds to the schema. Contract rows have the same
 * form as in the other systems. Updates of the project never change this file.
 */
export const team = {
  title: "Your team",
  tables: {},
  views: {},
  functions: {},
  triggerFunctions: {},
  privateFunctions: {},
} satisfies System;

/** The columns that your team adds to the project's tables, by table. */
export const teamColumns: { [T in TableName]?: Record<string, Column> } = {};

/** The rules for your objects. Isolation is not optional: it applies to every object. */
export const teamRules = {
  /**
   * The project's conventions: a comment on every object, JSON columns that are `not null` with a
   * type check, `timestamptz` for times, `numeric` for money, an index for each foreign key, and a
   * query for each index.
   */
  houseStyle: false,
  /**
   * The findings of `npm run db:verify` that your team has reviewed, as group and name, such as
   * `trigger on_auth_user_created on auth.users`.
   */
  accepted: [] as readonly string[],
};
