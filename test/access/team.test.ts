import { expect, test } from "vitest";
import { systems } from "../../scripts/contract/index.ts";
import type { TableName } from "../../scripts/contract/table.ts";
import { team, teamColumns } from "../../scripts/contract/team.ts";
import { describeAccess } from "../support/access.ts";

describeAccess(team);

test("no entry of the team's contract replaces an entry of the project's contract", () => {
  const { team: theirs, ...ours } = systems;
  for (const system of Object.values(ours)) {
    const taken = { ...system.tables, ...system.views, ...system.functions };
    const names = Object.keys({ ...theirs.tables, ...theirs.views, ...theirs.functions });
    expect(names.filter((name) => name in taken)).toEqual([]);
    for (const [table, { columns }] of Object.entries<{ columns: object }>(system.tables)) {
      const added = Object.keys(teamColumns[table as TableName] ?? {});
      expect(added.filter((column) => column in columns)).toEqual([]);
    }
  }
});
