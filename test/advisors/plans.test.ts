import { beforeAll, describe, expect, inject, test } from "vitest";
import { asOwner } from "../support/clients.ts";
import { whatIf } from "../support/what-if.ts";
import { explain, type PlanMode } from "./explain.ts";
import { type HotStatement, hotStatements, type Known, pagesById } from "./hot-statements.ts";

let known: Known;

beforeAll(async () => {
  const { id, tenant_id, account } = inject("filledMember");
  const [row] = await asOwner()<Omit<Known, "tenant" | "user" | "account">[]>`
    select
      question.conversation_id as conversation, question.id as question, answer.id as answer,
      s.id as session, s.brand_id as brand,
      (select c.id from ai_conversations c where c.user_id = ${account} limit 1) as chat,
      (select e.id from embeddings e where e.user_id = ${account} limit 1) as document
    from feedback f
    join messages answer on answer.id = f.message_id
    join messages question
      on question.conversation_id = answer.conversation_id and question.role = 'user'
    join conversation_sessions s on s.user_id = ${account} and s.completed_at is null
    where f.user_id = ${id}
    limit 1`;
  if (!row) throw new Error("the member has no rows");
  known = { ...row, tenant: tenant_id, user: id, account };
});

const explainAlone = (mode: PlanMode, statement: HotStatement, change = "") =>
  whatIf(async (sql) => {
    if (change) await sql.unsafe(change).simple();
    return explain(sql, known, mode, statement);
  });

const cases = Object.entries<HotStatement>(hotStatements);

describe.each([
  ["planned for its values", "force_custom_plan"],
  ["planned once for all values", "force_generic_plan"],
] as const)(
  "a statement finds its rows by the key, evaluated once, if it is %s:",
  (_words, mode) => {
    test.each(cases)("%s", async (_name, statement) => {
      const { accepted = [], indexes = [] } = statement;
      const { plan, ...found } = await explainAlone(mode, statement);
      expect(found.objections, JSON.stringify(plan, null, 2)).toEqual(accepted);
      expect(found.indexes).toEqual(expect.arrayContaining(indexes));
    });
  },
);

const week = hotStatements["a week of the tenant's messages"];

/** Returns SQL that replaces the select policy on messages by one with this condition. */
const policy = (condition: string) => `
  drop policy messages_select_member on public.messages;
  create policy messages_select_member on public.messages for select to authenticated
    using (${condition})`;

interface Control {
  objection: string;
  to: string;
  statement: HotStatement;
  change?: string;
}

const controls: Control[] = [
  {
    objection: "has a subplan for each row",
    to: "a policy that looks up the row's parent",
    change: policy("exists (select from public.conversations c where c.id = conversation_id)"),
    statement: week,
  },
  {
    objection: "has a subplan for each row",
    to: "a policy with a list of parents",
    change: policy("conversation_id in (select c.id from public.conversations c)"),
    statement: week,
  },
  {
    objection: "does not look up messages by tenant_id = InitPlan",
    to: "a policy that finds the tenant without a subselect",
    change: policy("tenant_id = private.current_tenant_id()"),
    statement: week,
  },
  {
    objection: "calls private.is_tenant_admin() for each row",
    to: "a policy that checks the role without a subselect",
    change: policy(`
      tenant_id = (select private.current_tenant_id())
      and (role = 'user' or private.is_tenant_admin())`),
    statement: week,
  },
  {
    objection: "calls current_setting() for each row",
    to: "a policy that reads the account without a subselect",
    change: `
      drop policy ai_usage_select_self on public.ai_usage;
      create policy ai_usage_select_self on public.ai_usage for select to authenticated
        using (user_id = auth.uid() or model = '')`,
    statement: hotStatements["the caller's calls to models"],
  },
  {
    objection: "reads all of messages",
    to: "a table without the index",
    // Also drop the indexes with the tenant in second place. Otherwise the planner can choose to
    // read all of such an index instead of all of the table.
    change: `
      drop index public.idx_messages_tenant_created, public.idx_messages_tenant_id,
        public.idx_messages_created, public.idx_messages_conversation_created;
      alter table public.messages drop constraint messages_pkey cascade`,
    statement: week,
  },
  {
    objection: "does not look up messages by tenant_id = InitPlan",
    to: "an index without the key",
    change: "drop index public.idx_messages_tenant_created, public.idx_messages_tenant_id",
    statement: week,
  },
  {
    objection: "does not look up conversations by id = ?",
    to: "conversations without statistics on the tenants of users",
    // With this index, the planner would have a better way even without the statistics.
    change: `
      drop statistics public.conversations_user_tenant;
      drop index public.idx_conversations_tenant_id`,
    statement: hotStatements["the archiving of the caller's conversation"],
  },
  {
    objection: "does not look up feedback by message_id = ?",
    to: "ratings without statistics on the tenants of users",
    change: "drop statistics public.feedback_user_tenant",
    statement: hotStatements["the withdrawal of a rating"],
  },
  {
    objection: "reads all of messages_pkey",
    to: "an index that is read from its start",
    statement: {
      text: "select id from public.messages order by id, tenant_id limit 5",
      role: "postgres",
      seeks: { messages: [] },
    },
  },
  {
    objection: "reads all of messages_pkey",
    to: "a page in the order of the ids, without the index of the tenant's ids",
    change: "drop index public.idx_messages_tenant_id",
    statement: pagesById["the first rows of messages by id"] ?? expect.fail(),
  },
  {
    objection: "reads all of idx_embeddings_user_created",
    to: "an index that is searched by its last column",
    statement: {
      text: "select content from public.embeddings where id = $1 order by user_id limit 1",
      values: ({ document }) => [document],
      role: "postgres",
      seeks: { embeddings: ["id = ?"] },
    },
  },
  {
    objection: "does not look up embeddings by user_id = ?",
    to: "a search for the rows of one owner or of no owner",
    change: "set local enable_seqscan = off",
    statement: {
      text: "select id from public.embeddings where user_id = $1 or user_id is null",
      values: ({ account }) => [account],
      role: "postgres",
      seeks: { embeddings: ["user_id = ?"] },
    },
  },
  {
    objection: "evaluates InitPlan 1 again",
    to: "a subselect that depends on the outer row",
    statement: {
      text: `select m.id
        from public.conversations c
        cross join lateral (
          select m.id from public.messages m where m.conversation_id = (select c.id) limit 1
        ) m
        where c.user_id = $1`,
      values: ({ user }) => [user],
      role: "postgres",
    },
  },
  {
    objection: "no rows of feedback",
    to: "a query that finds nothing in its table",
    statement: {
      ...hotStatements["the tenant's ratings of a message"],
      values: ({ question }) => [question],
    },
  },
  {
    objection: "no rows",
    to: "a function that finds nothing",
    statement: {
      ...hotStatements["the history of a session"],
      values: ({ conversation }) => [conversation],
    },
  },
  {
    objection: "scans users",
    to: "a policy's function without its index",
    change:
      "drop index public.idx_users_account; alter table public.users drop constraint users_auth_id_tenant_id_key",
    statement: week,
  },
  {
    objection: "scans feedback",
    to: "a foreign key without its index",
    change: `
      alter table public.feedback drop constraint feedback_message_id_user_id_key;
      drop index public.idx_feedback_message, public.idx_feedback_tenant_id`,
    statement: hotStatements["the deletion of the caller's message"],
  },
  {
    objection: "reads most of conversation_messages_pkey",
    to: "a function that reads an index from its start",
    change: `
      create or replace function public.get_session_cost(p_session_id uuid) returns numeric
      language sql security definer set enable_seqscan = off as $$
        select count(*)
        from (select from public.conversation_messages m order by m.id, m.user_id) ordered
      $$`,
    statement: hotStatements["the cost of a session"],
  },
];

describe("explain() objects:", () => {
  test.each(controls)("$objection, to $to", async ({ objection, statement, change }) => {
    const { objections, plan } = await explainAlone("force_custom_plan", statement, change);
    expect(objections, JSON.stringify(plan, null, 2)).toContain(objection);
  });

  test("to a text that occurs in no statement of a function, or in several", async () => {
    const explained = (containing: string) =>
      explainAlone("force_custom_plan", {
        text: {
          function: "public.get_conversation_history(uuid, integer)",
          containing,
          variables: {},
        },
      });
    await expect(explained("delete")).rejects.toThrow("has 0 statements");
    await expect(explained("")).rejects.toThrow(/has [2-9] statements/);
  });
});
