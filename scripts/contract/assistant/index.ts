import type { System } from "../table.ts";
import { conversations } from "./conversations.ts";
import { feedback, get_message_feedback_summary, message_feedback_summary } from "./feedback.ts";
import { messages } from "./messages.ts";
import { choose_tenant, inactive_tenants, list_my_tenants, tenants } from "./tenants.ts";
import {
  current_day_usage,
  get_monthly_usage_summary,
  increment_usage_metrics,
  monthly_usage_summary,
  usage_metrics,
} from "./usage-metrics.ts";
import { users } from "./users.ts";

export const assistant = {
  title: "Assistant platform",
  tables: { tenants, users, conversations, messages, feedback, usage_metrics },
  views: { message_feedback_summary, current_day_usage, monthly_usage_summary },
  functions: {
    choose_tenant,
    list_my_tenants,
    get_message_feedback_summary,
    get_monthly_usage_summary,
    increment_usage_metrics,
  },
  triggerFunctions: {
    update_conversation_timestamp: { access: "PGRST202", isDefiner: true },
    update_updated_at_column: { access: "PGRST202" },
  },
  privateFunctions: {
    current_membership: { isDefiner: true, isCallable: true },
    current_tenant_id: { isCallable: true },
    current_user_id: { isCallable: true },
    fill_message_from_conversation: { isDefiner: true },
    fill_tenant_from_message: { isDefiner: true },
    fill_tenant_from_user: { isDefiner: true },
    is_tenant_admin: { isCallable: true },
    refuse_delete_of_billed_user: { isDefiner: true },
    link_account_to_memberships: { isDefiner: true },
    link_changed_membership: { isDefiner: true },
    link_new_memberships: { isDefiner: true },
    list_inactive_tenant: { isDefiner: true },
    message_feedback_summary_of_caller: { isDefiner: true, isCallable: true },
    monthly_usage_summary_of_caller: { isDefiner: true, isCallable: true },
    owns_conversation: { isDefiner: true, isCallable: true },
    unlink_memberships_of_account: { isDefiner: true },
    tenants_of_caller: { isDefiner: true, isCallable: true },
    choose_tenant_of_caller: { isDefiner: true, isCallable: true },
    uuid_v7: { isCallable: true },
  },
  privateTables: { inactive_tenants },
} satisfies System;
