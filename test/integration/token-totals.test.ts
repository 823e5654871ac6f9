import { beforeAll, describe, expect, test } from "vitest";
import { createMember, createTenant, type Member } from "../support/actors.ts";
import { serviceClient } from "../support/clients.ts";
import { insertRow, must, validRow } from "../support/rows.ts";

let ada: Member;

beforeAll(async () => {
  ada = await createMember(await createTenant());
});

describe.each([
  ["usage_metrics", "prompt_tokens", "completion_tokens", "total_tokens"],
  ["ai_usage", "tokens_prompt", "tokens_completion", "tokens_total"],
  ["ai_usage_archive", "tokens_prompt", "tokens_completion", "tokens_total"],
] as const)("%s", (table, prompt, completion, total) => {
  /** The result of an insert with 100 and 50 tokens, and other values. */
  const insert = async (values: object = {}) => {
    const row = await validRow(table, ada, { [prompt]: 100, [completion]: 50, ...values });
    return insertRow(table, row);
  };

  const update = async (values: object) => {
    const { id } = must(await insert()) as { id: string };
    return serviceClient()
      .from(table)
      .update(values as never)
      .eq("id", id)
      .select()
      .single();
  };

  test("accepts an insert with the sum", async () => {
    expect((await insert({ [total]: 150 })).data).toMatchObject({ [total]: 150 });
  });

  test("fills a total that an insert leaves out", async () => {
    expect((await insert()).data).toMatchObject({ [total]: 150 });
  });

  test("refuses a total that is not the sum", async () => {
    expect((await insert({ [total]: 151 })).error?.code).toBe("23514");
    expect((await update({ [prompt]: 1, [total]: 52 })).error?.code).toBe("23514");
    expect((await update({ [total]: 151 })).error?.code).toBe("23514");
  });

  test("fills a total that an update leaves out", async () => {
    expect((await update({ [prompt]: 1 })).data).toMatchObject({ [total]: 51 });
    expect((await update({ [completion]: 1 })).data).toMatchObject({ [total]: 101 });
  });

  test("accepts an update with the sum", async () => {
    expect((await update({ [prompt]: 1, [total]: 51 })).data).toMatchObject({ [total]: 51 });
  });
});
