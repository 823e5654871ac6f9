/** Limits the types of tables and views to what a signed-in user can read and write. */
import type { MemberColumns } from "./relations.js";

/**
 * The relations that a signed-in user can read, with only the columns that they can write. Where
 * there are none, the type is `never`: an object type without columns would accept any object.
 */
export type ForMembers<Relations> = {
  [R in keyof Relations & keyof MemberColumns]: {
    [Part in keyof Relations[R]]: Part extends "Insert"
      ? Only<Relations[R][Part], MemberColumns[R]["insert"]>
      : Part extends "Update"
        ? Only<Relations[R][Part], MemberColumns[R]["update"]>
        : Relations[R][Part];
  };
};

type Only<Columns, Names> = [Names] extends [never]
  ? never
  : { [C in keyof Columns as C & Names]: Columns[C] };
