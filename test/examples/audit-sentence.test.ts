import type { AuditLogEntry } from "supabase-ai-schema";
import { expect, test } from "vitest";
import { type Names, sentenceFor } from "../../examples/chat/page/audit-sentence.ts";

const names: Names = {
  me: "account-ada",
  accounts: new Map([
    ["account-ada", "Ada"],
    ["account-ben", "Ben"],
  ]),
  members: new Map([
    ["ada", "Ada"],
    ["ben", "Ben"],
  ]),
  invitations: new Map([
    ["by-address", "cleo@test.example"],
    ["by-link", null],
  ]),
};

const entry = (values: Partial<AuditLogEntry>): AuditLogEntry => ({
  id: "1",
  tenant_id: "acme",
  at: "2026-01-01T00:00:00Z",
  actor_id: "account-ada",
  actor_role: "owner",
  action: "update",
  relation: "users",
  row_id: "ben",
  before: {},
  after: {},
  request: {},
  ...values,
});

const ben = { actor_id: "account-ben", actor_role: "user" };
const backend = { actor_id: null, actor_role: "service_role" };
const stranger = { actor_id: "account-x", actor_role: "authenticated" };
const link = { relation: "invitations", row_id: "by-link" };
const address = { relation: "invitations", row_id: "by-address" };
const insert = { action: "insert" };
const remove = { action: "delete" };

const cases: [sentence: string, values: Partial<AuditLogEntry>][] = [
  ["Ben joined as user.", { ...insert, ...ben, after: { auth_id: "account-ben", role: "user" } }],
  ["The backend added Ben as admin.", { ...insert, ...backend, after: { role: "admin" } }],
  [
    "You added Zoe as user.",
    { ...insert, row_id: "zoe", after: { name: "Zoe", role: "user", auth_id: null } },
  ],
  [
    "You changed the role of Ben from user to admin.",
    { before: { role: "user" }, after: { role: "admin" } },
  ],
  ["You deactivated Ben.", { before: { is_active: true }, after: { is_active: false } }],
  ["You activated Ben.", { before: { is_active: false }, after: { is_active: true } }],
  [
    "Ben left.",
    {
      ...ben,
      before: { auth_id: "account-ben", is_active: true, left_at: null },
      after: { auth_id: null, is_active: false, left_at: "2026-01-01" },
    },
  ],
  [
    "You removed Ben.",
    {
      before: { auth_id: "account-ben", is_active: true, left_at: null },
      after: { auth_id: null, is_active: false, left_at: "2026-01-01" },
    },
  ],
  [
    "Ben joined again.",
    {
      ...ben,
      before: { auth_id: null, role: "user", left_at: "2026-01-01" },
      after: { auth_id: "account-ben", role: "admin", left_at: null },
    },
  ],
  [
    "The backend linked the account of Ben.",
    { ...backend, before: { auth_id: null }, after: { auth_id: "account-ben" } },
  ],
  [
    "Ben changed the name and preferences of Ben.",
    { ...ben, after: { name: "B", preferences: {} } },
  ],
  ["You deleted the membership of Ben.", { ...remove, before: { name: "Ben" } }],
  [
    "You invited cleo@test.example as user.",
    { ...insert, ...address, after: { email: "cleo@test.example", role: "user", max_uses: 1 } },
  ],
  [
    "You made an invitation link for 3 admins.",
    { ...insert, ...link, after: { email: null, role: "admin", max_uses: 3 } },
  ],
  ["Ben accepted an invitation link.", { ...ben, ...link, after: { uses: 1 } }],
  [
    "You sent the invitation for cleo@test.example again.",
    { ...address, after: { sent_count: 2, last_sent_at: "2026-01-01" } },
  ],
  ["You revoked an invitation link.", { ...link, after: { revoked_at: "2026-01-01" } }],
  [
    "cleo@test.example declined the invitation for cleo@test.example.",
    { ...stranger, ...address, after: { revoked_at: "2026-01-01" } },
  ],
  ["You created the organisation.", { ...insert, relation: "tenants", after: { name: "Acme" } }],
  [
    "You changed the name and system prompt of the organisation.",
    { relation: "tenants", after: { name: "Acme", system_prompt: "Be brief." } },
  ],
  [
    "The backend deactivated the organisation.",
    { ...backend, relation: "tenants", after: { is_active: false } },
  ],
  [
    "You asked to delete the organisation.",
    { relation: "tenants", after: { is_active: false, delete_after: "2026-01-01" } },
  ],
  [
    "Somebody added the brand Anvils.",
    { ...stranger, ...insert, relation: "brands", after: { name: "Anvils" } },
  ],
  ["You deleted the brand Anvils.", { ...remove, relation: "brands", before: { name: "Anvils" } }],
  [
    "The backend made the change “refund” in bills.",
    { ...backend, action: "refund", relation: "bills" },
  ],
];

test.each(cases)("the audit log says: %s", (sentence, values) => {
  expect(sentenceFor(entry(values), names)).toBe(sentence);
});
