import type { TableName } from "../../scripts/contract/table.ts";
import { guessedTextIds, textIds } from "./ids.ts";
import { hasTextIds, type Place, type Row, rowOf, type Variant, variants } from "./rows.ts";

/** A part of one owner's data. */
export interface Stretch {
  /** One row of each kind, which the further rows refer to. */
  stem: Row[];
  further: Row[];
}

export function joined(stretches: Stretch[]): Stretch {
  return {
    stem: stretches.flatMap(({ stem }) => stem),
    further: stretches.flatMap(({ further }) => further),
  };
}

/**
 * Returns an owner's rows of some tables. Their ids have these numbers; the stem has the first. In
 * tables whose ids clients choose, all owners use the same ids.
 */
export function stretchOf(
  tables: TableName[],
  place: Place,
  numbersFor: (table: TableName) => number[],
): Stretch {
  return joined(
    tables.map((table) => {
      const numbers = numbersFor(table);
      const ids = hasTextIds(table) ? [...textIds, ...guessedTextIds] : numbers;
      const row = (id: number | string, variant: Variant) =>
        rowOf(table, place, id, variant, (parent) => numbersFor(parent)[0] ?? 0);
      return {
        stem: ids.slice(0, 1).map((id) => row(id, 0)),
        further: ids.flatMap((id) => variants.map((variant) => row(id, variant))),
      };
    }),
  );
}
