import { styleText } from "node:util";
import { systems } from "./contract/index.ts";
import { CommandError, runCommand, UsageError } from "./project/command.ts";
import { withConnection } from "./project/database-url.ts";
import { pushMigrations } from "./project/supabase-cli.ts";
import { MutantStack } from "./proofs/mutant-stack.ts";
import { listMutants, type Mutant } from "./proofs/mutants.ts";
import { createHostedDatabase, type HostedDatabase } from "./stack/server/hosted-database.ts";
import { nativeServer } from "./stack/server/native-postgres.ts";

/** The tests of memberships, invitations, own tenants and the audit log. */
const PEOPLE = ["assistant/members", "assistant/invitations", "own-tenants", "audit-log"];

/** A placeholder for the access matrix tests of the system that has the mutant's table. */
const CELLS = "cells of the matrix";
const TRIGGERS = ["timestamps", "session-defaults", "account-linking", "sessions", "chats"];

/**
 * The tests that most likely notice a mutant, by its kind. `files` has parts of the paths of test
 * files. `named` runs only the tests whose name contains the table or the object. SECOND runs next,
 * for mutants that these tests miss and for all other kinds.
 */
const FIRST: Record<string, { files: string[]; named?: "table" | "object" }> = {
  "policy dropped": { files: [CELLS], named: "table" },
  "policy weakened": { files: [CELLS], named: "table" },
  "row level security off": { files: [CELLS], named: "table" },
  "view with its owner's rights": { files: [CELLS], named: "table" },
  "check without effect": { files: ["constraints"], named: "object" },
  "constraint dropped": { files: ["constraints"], named: "object" },
  "trigger dropped": { files: TRIGGERS },
  "trigger disabled": { files: TRIGGERS },
  "function weakened": {
    files: ["test/access", "deactivation", "deletion", "account-linking", "summaries", ...PEOPLE],
  },
};

/** The tests of a function without one of its terms, by the name of the function. */
const AREAS: [functions: RegExp, files: string[]][] = [
  [/member(_\w+)?$|^(keep_an_owner|leave_tenant|transfer|refuse_without|lock_tenant|end_)/, PEOPLE],
  [/invitation|token|^(join_tenant|confirmed_address)/, PEOPLE],
  [/^(create|delete)_tenant$|^(free_slug|record_change|current_request)|audit_log$/, PEOPLE],
  [
    /^(archive|copy_cron|count|delete_(?!by)|move|record|run|schedule)/,
    ["operations/maintenance", "operations/same-ids", "operations/tenant-deletion"],
  ],
  [/^(un)?link_|^lock_/, ["account-linking"]],
  [/inactive_tenant$/, ["deactivation"]],
  [/^(current|owns|is_tenant)_/, ["access/assistant", "deactivation", "inserts"]],
  [/^(fill_tenant|fill_message_from_conversation)/, ["session-defaults", "inserts", "same-ids"]],
  [/conversation_timestamp$/, ["assistant/timestamps", "same-ids"]],
  [/summary|is_populated/, ["summaries", "usage", "maintenance"]],
  [/billed_user$/, ["deletion"]],
  [/session|history/, ["test/director", "same-ids"]],
  [/^(append|clear|delete_by|match|store|get_usage|refuse_archived)/, ["test/integration"]],
];

/** Quick tests that cover every object. */
const SECOND = ["test/catalog", "test/access/catalog"];

/** All tests of the schema. */
const ALL = ["test/"];

interface Verdict {
  mutant: Mutant;
  /** The test that noticed the mutant; undefined when the mutant survived. */
  noticedBy: string | undefined;
}

await runCommand({
  name: "test:mutations",
  summary: `Drop or weaken each policy, grant, check and trigger, one at a time: a test must fail.

Runs on native Postgres, same as npm run test:native. All mutants take about an hour.`,
  options: {
    only: {
      type: "string",
      value: "TEXT",
      description: "only mutants with this text in their kind or name",
    },
    from: {
      type: "string",
      value: "N",
      description: "resume an interrupted run at its Nth mutant",
    },
    "one-of-each-kind": {
      type: "boolean",
      description: "a quick check: the first mutant of each kind",
    },
    jobs: { type: "string", value: "N", description: "how many mutants at a time (default: 2)" },
    list: { type: "boolean", description: "list the mutants, and run nothing" },
  },
  async run(values) {
    const jobs = Number(values.jobs ?? 2);
    const from = Number(values.from ?? 1);
    for (const number of [jobs, from]) {
      if (!Number.isInteger(number) || number < 1) {
        throw new UsageError("--jobs and --from must be whole numbers of at least 1");
      }
    }
    const serverUrl = await nativeServer(console.log);
    const original = await createHostedDatabase(serverUrl);
    try {
      await pushMigrations({ databaseUrl: original.owner });
      const all = await withConnection(original.owner, listMutants);
      const mutants = all
        .filter(
          ({ kind, name }, i) =>
            `${kind}: ${name}`.includes(values.only ?? "") &&
            (!values["one-of-each-kind"] || all.findIndex((other) => other.kind === kind) === i),
        )
        .slice(from - 1);
      if (values.list) return mutants.forEach(print);
      const verdicts = await tryAll(mutants, original, jobs);
      summarize(verdicts);
    } finally {
      await original.drop();
    }
  },
});

function print({ kind, name }: Mutant) {
  console.log(`${kind}: ${name}`);
}

async function tryAll(mutants: Mutant[], original: HostedDatabase, jobs: number) {
  const stacks: MutantStack[] = [];
  try {
    // Start one after the other, because that takes less time than two at once.
    for (let job = 0; job < jobs; job += 1) {
      stacks.push(await MutantStack.start(original, job === 0 ? ALL : ["test/catalog"]));
    }
    const waiting = [...mutants];
    const verdicts: Verdict[] = [];
    await Promise.all(
      stacks.map(async (stack) => {
        for (let mutant = waiting.shift(); mutant; mutant = waiting.shift()) {
          verdicts.push(await tryOut(mutant, stack));
          report(verdicts, mutants.length);
        }
        // Without a mutant, the tests must pass. Otherwise, leftovers of one mutant could have made
        // the tests of the next one fail.
        await stack.take();
        await stack.assertPasses(["test/catalog", "test/assistant"]);
      }),
    );
    return verdicts;
  } finally {
    await Promise.all(stacks.map((stack) => stack.stop()));
  }
}

async function tryOut(mutant: Mutant, stack: MutantStack): Promise<Verdict> {
  await stack.take(mutant);
  const files = AREAS.find(([functions]) => functions.test(mutant.object))?.[1];
  const first = mutant.kind === "term dropped" && files ? { files } : FIRST[mutant.kind];
  const name = first?.named === "table" ? mutant.table : mutant.object;
  const noticedBy =
    (first && (await stack.run(first.files.map(filesOf(mutant)), first.named && name))) ??
    (await stack.run(SECOND)) ??
    (await noticedByAny(stack));
  return { mutant, noticedBy };
}

/**
 * Runs all tests. The file that fails must fail again alone: among all others, a test can also fail
 * by chance, and the mutant would count as noticed.
 */
async function noticedByAny(stack: MutantStack): Promise<string | undefined> {
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    const [file] = (await stack.run(ALL))?.split(": ") ?? [];
    if (file === undefined) return undefined;
    const again = await stack.run([file]);
    if (again) return again;
  }
  return undefined;
}

function filesOf({ table }: Mutant) {
  const [system] =
    Object.entries(systems).find(([, { tables, views }]) => table in tables || table in views) ??
    [];
  return (files: string) => (files === CELLS ? `test/access/${system ?? ""}` : files);
}

function report(verdicts: Verdict[], total: number) {
  const { mutant, noticedBy } = verdicts.at(-1) as Verdict;
  const sign = noticedBy ? styleText("green", "noticed ") : styleText("red", "SURVIVED");
  console.log(`${verdicts.length}/${total} ${sign} ${mutant.kind}: ${mutant.name}`);
  if (noticedBy) console.log(`    ${noticedBy}`);
}

function summarize(verdicts: Verdict[]) {
  const kinds = [...new Set(verdicts.map(({ mutant }) => mutant.kind))].sort();
  console.log();
  for (const kind of kinds) {
    const ofKind = verdicts.filter(({ mutant }) => mutant.kind === kind);
    const noticed = ofKind.filter(({ noticedBy }) => noticedBy).length;
    console.log(`${kind}: ${noticed} of ${ofKind.length} noticed`);
  }
  const survivors = verdicts.filter(({ noticedBy }) => !noticedBy);
  if (survivors.length === 0) return console.log(`All ${verdicts.length} mutants were noticed.`);
  const names = survivors.map(({ mutant }) => `  ${mutant.kind}: ${mutant.name}`);
  throw new CommandError(
    [`${survivors.length} of ${verdicts.length} mutants survived:`, ...names].join("\n"),
  );
}
