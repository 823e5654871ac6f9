import { asOwner } from "../support/clients.ts";

/** A fault of the schema that makes others' data affect a caller. */
export interface Leak {
  /** The relation that the fault affects. */
  relation: string;
  /** Creates the fault, and returns a function that fixes it. */
  open: () => Promise<() => Promise<void>>;
}

/** The first fault shows in answers. The second shows only in what happens to others' rows. */
export const leaks: Record<string, Leak> = {
  "a policy that shows all rows": {
    relation: "brands",
    open: () =>
      opened(
        "create policy everybodys on public.brands for select to authenticated using (true)",
        "drop policy everybodys on public.brands",
      ),
  },
  "a trigger that compares half of a row's key": {
    relation: "messages",
    open: async () => {
      const [found] = await asOwner()<{ definition: string }[]>`
        select pg_get_functiondef('public.update_conversation_timestamp'::regproc) as definition`;
      const { definition } = found as { definition: string };
      const fault = definition.replaceAll(/ and c\.tenant_id = [nl]\.tenant_id/g, "");
      if (fault === definition) throw new Error("the trigger does not compare the tenant");
      return opened(fault, definition);
    },
  },
};

async function opened(fault: string, cure: string) {
  await asOwner().unsafe(fault).simple();
  return async () => {
    await asOwner().unsafe(cure).simple();
  };
}
