import { tenantClient } from "../../src/index.ts";
import { PASSWORD } from "../support/actors.ts";
import { anonClient, type Client } from "../support/clients.ts";
import { TENANT } from "./own-world.ts";
import { type CallerName, callerOf, callers } from "./people.ts";

/** Creates a client per caller that runs scripts. All are signed in, except anon. */
export async function signInCallers(): Promise<Record<CallerName, Client>> {
  const names = Object.keys(callers) as CallerName[];
  const clients = await Promise.all(
    names.map(async (name) => {
      const client = anonClient();
      const { person, isAlsoElsewhere } = callerOf(name);
      if (person) {
        const { error } = await client.auth.signInWithPassword({
          email: person.email,
          password: PASSWORD,
        });
        if (error) throw error;
      }
      return [name, isAlsoElsewhere ? tenantClient(client, TENANT) : client] as const;
    }),
  );
  return Object.fromEntries(clients) as Record<CallerName, Client>;
}
