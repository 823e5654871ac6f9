import { execa } from "execa";
import { expect, inject, test } from "vitest";
import { embedAsToy } from "../../examples/documents/toy-embedding.ts";
import { packageRoot } from "../../scripts/project/settings.ts";
import { EMBEDDING_DIMENSIONS } from "../../src/index.ts";
import { serviceClient } from "../support/clients.ts";
import { must } from "../support/rows.ts";

/** Runs the example on the stack of the tests. */
function runDocuments(env: Record<string, string> = {}) {
  const { API_URL, PUBLISHABLE_KEY } = inject("stack");
  return execa("node", ["scripts/run.cjs", "example-documents"], {
    cwd: packageRoot,
    env: {
      SUPABASE_URL: API_URL,
      SUPABASE_PUBLISHABLE_KEY: PUBLISHABLE_KEY,
      NO_COLOR: "1",
      ...env,
    },
    reject: false,
    all: true,
  });
}

const documentsOfAda = async () =>
  must(
    await serviceClient()
      .from("embeddings")
      .select("id, metadata")
      .eq("user_id", "0a000000-0000-4000-8000-000000000001")
      .order("id"),
  );

test("the documents example finds the best document first and deletes its documents", async () => {
  const before = await documentsOfAda();
  expect(before.length).toBeGreaterThan(0);
  const { exitCode, stdout, stderr } = await runDocuments();
  expect([exitCode, stderr]).toEqual([0, ""]);
  const lines = stdout.split("\n");
  expect(lines[0]).toBe(
    "Signed in as ada@test-acme.example. A toy model counts words to make the vectors.",
  );
  expect(lines).toContain("Stored 5 documents.");
  const bestAfter = (question: string) => lines[lines.indexOf(question) + 1];
  expect(bestAfter("How long do refunds take?")).toMatch(/^ {2}0\.\d{3} {2}Refunds take 14 days/);
  expect(bestAfter("How do you ship anvils?")).toMatch(/^ {2}0\.\d{3} {2}Anvils ship by freight/);
  expect(bestAfter("Is rust covered by the warranty?")).toMatch(/^ {2}0\.\d{3} {2}The warranty/);
  expect(lines.at(-1)).toBe("Deleted 5 documents.");
  expect(await documentsOfAda()).toEqual(before);
});

const failures: [what: string, env: Record<string, string>, words: string][] = [
  ["a missing key", { SUPABASE_PUBLISHABLE_KEY: "" }, "so SUPABASE_PUBLISHABLE_KEY must be"],
  ["a stack that does not run", { SUPABASE_URL: "http://127.0.0.1:1" }, "does not answer"],
];
test.each(failures)("the documents example reports %s in one line", async (_, env, words) => {
  const { exitCode, all } = await runDocuments(env);
  expect(exitCode).toBe(1);
  expect(all).toContain(words);
  expect(all.split("\n")).toHaveLength(1);
});

test("the toy vectors are as similar as the words of their texts", () => {
  const similarity = (one: string, other: string) => {
    const [a, b] = [embedAsToy(one), embedAsToy(other)];
    expect(a).toHaveLength(EMBEDDING_DIMENSIONS);
    return a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
  };
  expect(similarity("Anvils ship by freight", "anvil freight ship")).toBeCloseTo(1);
  expect(similarity("Anvils ship", "Anvils rust")).toBeCloseTo(0.5);
  expect(similarity("Anvils", "Rust")).toBe(0);
  expect(() => embedAsToy("to be or !")).toThrow(RangeError);
});
