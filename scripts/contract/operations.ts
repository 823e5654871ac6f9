import type { PrivateTableContract, System } from "./table.ts";

const maintenance_runs: PrivateTableContract = {
  valid: { task: "test", started_at: "2020-01-01", finished_at: "2020-01-01" },
  refused: {
    maintenance_runs_task_is_not_blank_check: [{ task: " " }],
    maintenance_runs_finished_after_start_check: [{ finished_at: "2019-12-31" }],
    maintenance_runs_rows_affected_is_not_negative_check: [{ rows_affected: -1 }],
    maintenance_runs_error_is_not_blank_check: [{ error: " " }],
    maintenance_runs_failure_changes_nothing_check: [{ error: "failed", rows_affected: 1 }],
  },
  indexes: {
    maintenance_runs_pkey: "keeps ids unique; queries read the log by task and time",
    idx_maintenance_runs_task_started: ({ report }) => report(),
  },
};

const size_snapshots: PrivateTableContract = {
  valid: { taken_on: "2020-01-01", relation: "a.b", table_bytes: 0, index_bytes: 0 },
  refused: {
    size_snapshots_relation_is_not_blank_check: [{ relation: "" }],
    size_snapshots_table_bytes_is_not_negative_check: [{ table_bytes: -1 }],
    size_snapshots_index_bytes_is_not_negative_check: [{ index_bytes: -1 }],
    size_snapshots_estimated_rows_is_not_negative_check: [{ estimated_rows: -1 }],
  },
  indexes: { size_snapshots_pkey: ({ sql }) => sql`select private.record_sizes()` },
};

/** The maintenance tables, which the API does not serve. */
export const operations = {
  title: "Operations",
  tables: {},
  views: {},
  functions: {},
  triggerFunctions: {},
  privateTables: { maintenance_runs, size_snapshots },
  privateFunctions: {},
} satisfies System;
