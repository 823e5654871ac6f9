import type { CatalogObject } from "./catalog.ts";

/** The privileges of a role on an object of a catalog. */
export interface Grant {
  /** `public.users`, `public.users.name`, `public.get_session_cost(uuid)`. */
  object: string;
  /** `public` means all roles. */
  role: string;
  /** In lower case: `select`, `execute`, … */
  privileges: string[];
}

export function grantsIn(catalog: CatalogObject[]): Grant[] {
  return catalog
    .filter(({ kind }) => kind === "grant")
    .map(({ name, definition }) => {
      const at = name.lastIndexOf(" to ");
      return {
        object: name.slice(0, at),
        role: name.slice(at + " to ".length),
        privileges: definition.split(", "),
      };
    });
}
