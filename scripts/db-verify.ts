import { teamRules } from "./contract/team.ts";
import { type Check, verify } from "./operations/verify/verify.ts";
import { expectedCatalog } from "./project/catalog.ts";
import { runCommand } from "./project/command.ts";
import { connectTo, databaseUrlOption, resolveDatabaseUrl } from "./project/database-url.ts";

/** Thrown to roll back what the probes write. */
class RollBack extends Error {}

await runCommand({
  name: "db:verify",
  summary: "Compare a database with the migrations, and run probes on it, which are rolled back.",
  options: {
    "no-probes": { type: "boolean", description: "run no probes: only read" },
    json: { type: "boolean", description: "print every check as JSON" },
    "db-url": databaseUrlOption,
  },
  async run(values) {
    const databaseUrl = await resolveDatabaseUrl(values["db-url"]);
    const expected = await expectedCatalog();
    const probes = !values["no-probes"];
    const sql = connectTo(databaseUrl);
    let checks: Check[] = [];
    try {
      await sql
        .begin(probes ? "read write" : "read only", async (transaction) => {
          await transaction`set local lock_timeout = '2s'`;
          await transaction`set local statement_timeout = '60s'`;
          checks = await verify(transaction, expected, { probes, accepted: teamRules.accepted });
          throw new RollBack();
        })
        .catch(ignoreRollBack);
    } finally {
      await sql.end();
    }
    const failures = checks.filter(({ ok }) => !ok);
    console.log(values.json ? JSON.stringify(report(checks), null, 2) : table(checks));
    if (failures.length > 0) process.exitCode = 1;
  },
});

function ignoreRollBack(error: unknown) {
  if (!(error instanceof RollBack)) throw error;
}

function report(checks: Check[]) {
  return { ok: checks.every(({ ok }) => ok), checks };
}

/** Formats one line per group, followed by its failed checks. */
function table(checks: Check[]): string {
  const groups = [...new Set(checks.map(({ group }) => group))];
  const width = Math.max(...groups.map((group) => group.length)) + 2;
  const lines = groups.flatMap((group) => {
    const all = checks.filter((check) => check.group === group);
    const failed = all.filter(({ ok }) => !ok);
    const verdict = failed.length === 0 ? "pass" : "FAIL";
    const count = `${all.length - failed.length} of ${all.length}`;
    return [
      `${verdict}  ${group.padEnd(width)}${count}`,
      ...failed.map(({ name, problem }) => printable(`        ${name}: ${problem}`)),
    ];
  });
  const failures = checks.filter(({ ok }) => !ok).length;
  const sum =
    failures === 0 ? "All checks passed." : `${failures} of ${checks.length} checks failed.`;
  return [...lines, "", sum].join("\n");
}

/** Replaces control characters, with which a name in the database could rewrite the screen. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, (character) => JSON.stringify(character).slice(1, -1));
}
