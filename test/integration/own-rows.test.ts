import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { createLogin, type Login } from "../support/actors.ts";
import { createRow } from "../support/rows.ts";

import { whatIfSignedIn } from "../support/what-if.ts";

// The functions also compare the owner themselves, because no policy applies to the tables' owner.
test.each([
  ["delete_by_metadata", (tag: string) => `public.delete_by_metadata('{"tag": "${tag}"}')`],
  ["clear_all_embeddings", () => "public.clear_all_embeddings()"],
])("%s() deletes only the caller's rows, even when no policy applies", async (_name, callOf) => {
  const [ada, ben] = [await createLogin(), await createLogin()];
  const tag = randomUUID();
  for (const person of [ada, ben] as Login[])
    await createRow("embeddings", person, { metadata: { tag } });
  await whatIfSignedIn(ada, async (sql) => {
    const [row] = await sql.unsafe(`select ${callOf(tag)}::int as deleted`);
    expect(row).toEqual({ deleted: 1 });
    const left = await sql`select user_id from public.embeddings where metadata ->> 'tag' = ${tag}`;
    expect(left).toEqual([{ user_id: ben.account }]);
  });
});
