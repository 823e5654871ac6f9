import { readFile } from "node:fs/promises";
import type { Sql } from "postgres";
import { withoutEachTerm } from "./dropped-terms.ts";

/** One way to drop or weaken an object that protects the schema. */
export interface Mutant {
  /** The kind of change, e.g. `policy dropped`. */
  kind: string;
  /** The changed object, in words. */
  name: string;
  /** The name of the changed object, such as a policy. `table` names its table or view. */
  object: string;
  table: string;
  /** The statement that makes the change. It needs the superuser. */
  statement: string;
}

interface Policy {
  name: string;
  table: string;
  using: string | null;
  check: string | null;
}

/** Returns every mutant of the policies, grants, constraints, triggers and helper functions. */
export async function listMutants(sql: Sql): Promise<Mutant[]> {
  const query = await readFile(new URL("mutants.sql", import.meta.url), "utf8");
  const mutants = await sql.unsafe<Mutant[]>(query);
  const policies = await sql<Policy[]>`
    select policyname as name, tablename as table, qual as using, with_check as check
    from pg_policies where schemaname = 'public' and roles = '{authenticated}'
    order by 2, 1`;
  const functions = await sql<{ name: string; definition: string }[]>`
    select p.proname as name, pg_get_functiondef(p.oid) as definition
    from pg_proc p
    where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace)
      and p.prokind = 'f' and p.prolang <> (select oid from pg_language where lanname = 'c')
    order by 1`;
  return [
    ...mutants.map((mutant) => ({ ...mutant })),
    ...policies.flatMap(weakenings),
    ...functions
      .filter(({ name }) => !RUN_ELSEWHERE.test(name))
      .flatMap(({ name, definition }) =>
        withoutEachTerm(definition).map(({ term, definition: statement }, i) => {
          const words = `${name}: ${i + 1}: ${term}`;
          return { kind: "term dropped", name: words, object: name, table: name, statement };
        }),
      ),
    ...HELPERS.map(([name, before, after]) => {
      // A function of the API has the same name as the private function that does its work.
      const statement = functions
        .find((helper) => helper.name === name && helper.definition.includes(before))
        ?.definition.replace(before, after);
      if (!statement) throw new Error(`no function ${name}() contains: ${before}`);
      const words = `${name}: ${before.trim()}`;
      return { kind: "function weakened", name: words, object: name, table: name, statement };
    }),
  ];
}

/** Returns the mutants of a policy: one that allows everything, and one per dropped term. */
function weakenings({ name, table, using, check }: Policy): Mutant[] {
  const clauses = [
    ["using", using],
    ["with check", check],
  ] as const;
  return clauses.flatMap(([clause, condition]) => {
    if (condition === null) return [];
    const conditions = new Set(["true", ...withoutOneTerm(condition)]);
    return [...conditions].map((weaker) => ({
      kind: "policy weakened",
      name: `${name} on ${table}: ${clause} (${weaker.replace(/\s+/g, " ")})`,
      object: name,
      table,
      statement: `alter policy ${name} on public.${table} ${clause} (${weaker})`,
    }));
  });
}

/** Returns the condition without each term of its `and` or `or`, including nested terms. */
function withoutOneTerm(condition: string): string[] {
  for (const operator of [" AND ", " OR "]) {
    const terms = splitOutside(bare(condition), operator);
    if (terms.length === 1) continue;
    return terms.flatMap((term, i) => {
      const others = terms.filter((_, j) => j !== i);
      const weaker = withoutOneTerm(term).map((part) => [...others, `(${part})`]);
      return [others, ...weaker].map((kept) => kept.join(operator));
    });
  }
  return [];
}

/** Removes the parentheses around the whole condition. */
function bare(condition: string): string {
  const inner = condition.trim();
  if (!inner.startsWith("(")) return inner;
  let depth = 0;
  for (const [i, character] of [...inner].entries()) {
    depth += character === "(" ? 1 : character === ")" ? -1 : 0;
    if (depth === 0) return i === inner.length - 1 ? bare(inner.slice(1, -1)) : inner;
  }
  return inner;
}

/** Splits the text at an operator outside of all parentheses. */
function splitOutside(text: string, operator: string): string[] {
  const terms: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < text.length; i += 1) {
    depth += text[i] === "(" ? 1 : text[i] === ")" ? -1 : 0;
    if (depth > 0 || !text.startsWith(operator, i)) continue;
    terms.push(text.slice(start, i));
    start = i + operator.length;
  }
  return [...terms, text.slice(start)];
}

/** Functions with a part to replace by a weaker one, beside the terms that are dropped. */
const HELPERS: [name: string, before: string, after: string][] = [
  ["is_tenant_admin", "('owner', 'admin')", "('owner', 'admin', 'user')"],
  ["is_tenant_admin", "('owner', 'admin')", "('owner')"],
  ["list_inactive_tenant", "if new.is_active", "if true"],
  ["list_inactive_tenant", "if new.is_active", "if false"],
  ["unlink_memberships_of_account", "u.is_active and u.email", "u.email"],
  ["fill_message_from_session", "coalesce(v_account_id, new.user_id)", "new.user_id"],
  ["nearest_embeddings_of_caller", "current_setting('role') in ('anon', 'authenticated')", "false"],
  ["nearest_embeddings_of_caller", "when p_sees_all then null", "when true then null"],
  ["refuse_delete_of_billed_user", "if exists", "if false and exists"],
  ["find_member", "v_member.role = 'owner' and p_caller.role <> 'owner'", "false"],
  ["set_member_role", "p_role = 'owner' and v_caller.role <> 'owner'", "false"],
  ["transfer_ownership", "v_member.auth_id is null or", ""],
  ["transfer_ownership", "or not v_member.is_active", ""],
  ["keep_an_owner", "old.auth_id::text = current_setting", "current_setting"],
  [
    "keep_an_owner",
    "old.auth_id::text = current_setting('private.deleted_account', true)",
    "false",
  ],
  ["refuse_without_seat", ">= v_seats", "> v_seats"],
  ["refuse_too_many_invitations", "v_sent >= v_limit", "v_sent > v_limit"],
  ["refuse_invitation", "p_invitation.email <> v_address", "false"],
  ["refuse_invitation", "p_invitation.accepted_at is null", "true"],
  ["refuse_invitation", "p_invitation.revoked_at is null", "true"],
  ["refuse_invitation", "p_invitation.expires_at > now()", "true"],
  ["refuse_invitation", "v_inviter.is_active and", ""],
  ["refuse_invitation", "and v_inviter.role in ('owner', 'admin')", ""],
  ["refuse_invitation", "v_address is null", "false"],
  ["join_tenant", "v_member.left_at is null or", ""],
  ["join_tenant", "or v_member.left_at >= p_invitation.last_sent_at", ""],
  ["create_token", "set token_hash = excluded.token_hash", "set token_hash = t.token_hash"],
  ["create_tenant", ">= v_settings.tenants_per_account", "> v_settings.tenants_per_account"],
  ["create_tenant", "v_settings.self_service_tenants is not true", "false"],
  ["record_change", ", 'is_default'", ""],
  ["current_request", "v_address ~ '^[0-9a-fA-F:.]{2,45}$'", "true"],
];

/**
 * Functions that the tests of the schema do not run: the parts of the search that choose candidates,
 * whose results `test/recall` proves, and what needs pg_cron.
 */
const RUN_ELSEWHERE =
  /^(nearest_embeddings|nearest_embeddings_by_\w+|estimate_embeddings|copy_cron_log)$/;
