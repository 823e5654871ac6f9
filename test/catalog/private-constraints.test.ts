// Of the tables that only the owner of the schema writes.
import { expect, test } from "vitest";
import { asOwner } from "../support/clients.ts";
import { CHECK } from "../support/constraints.ts";
import { whatIf } from "../support/what-if.ts";

type Row = Record<string, unknown>;

const validRows: Record<string, Row> = {
  maintenance_runs: { task: "test", started_at: "2020-01-01", finished_at: "2020-01-01" },
  size_snapshots: { taken_on: "2020-01-01", relation: "a.b", table_bytes: 0, index_bytes: 0 },
};

const cases: [table: string, constraint: string, values: Row][] = [
  ["maintenance_runs", "maintenance_runs_task_is_not_blank_check", { task: " " }],
  [
    "maintenance_runs",
    "maintenance_runs_finished_after_start_check",
    { finished_at: "2019-12-31" },
  ],
  [
    "maintenance_runs",
    "maintenance_runs_rows_affected_is_not_negative_check",
    { rows_affected: -1 },
  ],
  ["maintenance_runs", "maintenance_runs_error_is_not_blank_check", { error: " " }],
  [
    "maintenance_runs",
    "maintenance_runs_failure_changes_nothing_check",
    { error: "failed", rows_affected: 1 },
  ],
  ["size_snapshots", "size_snapshots_relation_is_not_blank_check", { relation: "" }],
  ["size_snapshots", "size_snapshots_table_bytes_is_not_negative_check", { table_bytes: -1 }],
  ["size_snapshots", "size_snapshots_index_bytes_is_not_negative_check", { index_bytes: -1 }],
  ["size_snapshots", "size_snapshots_estimated_rows_is_not_negative_check", { estimated_rows: -1 }],
];

test.each(cases)("%s: %s", async (table, constraint, values) => {
  const insert = (row: Row) =>
    whatIf((sql) => sql`insert into ${sql(`private.${table}`)} ${sql(row as never)}`);
  await insert(validRows[table] ?? {});
  await expect(insert({ ...validRows[table], ...values })).rejects.toMatchObject({
    code: CHECK,
    constraint_name: constraint,
  });
});

test("every check has a case", async () => {
  const checks = await asOwner()<{ name: string }[]>`
    select conname as name from pg_constraint
    where connamespace = 'private'::regnamespace and contype = 'c'`;
  const known = cases.map(([, constraint]) => constraint);
  expect(checks.map(({ name }) => name).sort()).toEqual(known.sort());
});
