import { PASSWORD } from "../support/actors.ts";
import { anonClient, type Client } from "../support/clients.ts";
import { type CallerName, callerOf, callers } from "./people.ts";

/** Creates a client per caller that runs scripts. All are signed in, except anon. */
export async function signInCallers(): Promise<Record<CallerName, Client>> {
  const names = Object.keys(callers) as CallerName[];
  const clients = await Promise.all(
    names.map(async (name) => {
      const client = anonClient();
      const { person } = callerOf(name);
      if (person) {
        const { error } = await client.auth.signInWithPassword({
          email: person.email,
          password: PASSWORD,
        });
        if (error) throw error;
      }
      return [name, client] as const;
    }),
  );
  return Object.fromEntries(clients) as Record<CallerName, Client>;
}
