import { asOwner } from "../support/clients.ts";

/** A fault of the schema that lets others' data make a difference. */
export interface Leak {
  /** What has to do with it. */
  relation: string;
  /** Makes the fault, and returns how to mend it. */
  open: () => Promise<() => Promise<void>>;
}

/** One that answers show, and one that nothing shows but what becomes of others' rows. */
export const leaks: Record<string, Leak> = {
  "a policy for everybody's rows": {
    relation: "brands",
    open: () =>
      opened(
        "create policy everybodys on public.brands for select to authenticated using (true)",
        "drop policy everybodys on public.brands",
      ),
  },
  "a trigger that knows rows by half of their key": {
    relation: "messages",
    open: async () => {
      const [found] = await asOwner()<{ definition: string }[]>`
        select pg_get_functiondef('public.update_conversation_timestamp'::regproc) as definition`;
      const { definition } = found as { definition: string };
      return opened(definition.replace(" and c.tenant_id = new.tenant_id", ""), definition);
    },
  },
};

async function opened(fault: string, cure: string) {
  await asOwner().unsafe(fault).simple();
  return async () => {
    await asOwner().unsafe(cure).simple();
  };
}
