/** Short names for the row types, and the values of columns with a check. */
import { checks } from "./checks.js";
import type { FunctionResult, Tables } from "./database.js";

/** The values of `users.role`: owner and admin manage the tenant. */
export const userRoles = checks.users.role;
/** A member's role: one of {@link userRoles}. */
export type UserRole = (typeof userRoles)[number];

/** The values of `messages.role`. */
export const messageRoles = checks.messages.role;
/** The author of a message: one of {@link messageRoles}. */
export type MessageRole = (typeof messageRoles)[number];

/** The values of `feedback.rating`: -1 (thumbs down) and 1 (thumbs up). */
export const feedbackRatings = checks.feedback.rating;
/** A rating of a message: 1 (thumbs up) or -1 (thumbs down). */
export type FeedbackRating = (typeof feedbackRatings)[number];

/** The values of `conversation_sessions.state`, in the order of progress. */
export const sessionStates = checks.conversation_sessions.state;
/** The state of a session: one of {@link sessionStates}. The last two are final. */
export type SessionState = (typeof sessionStates)[number];

/** The values of `conversation_messages.role`. */
export const sessionMessageRoles = checks.conversation_messages.role;
/** The author of a message in a session: one of {@link sessionMessageRoles}. */
export type SessionMessageRole = (typeof sessionMessageRoles)[number];

/** A customer of the assistant platform, with settings and limits. */
export type Tenant = Tables<"tenants">;
/** A membership: a row of `users`, which may exist before the person signs up. */
export type Membership = Tables<"users">;
/** A tenant of the caller, with their role in it. */
export type MyTenant = FunctionResult<"list_my_tenants">[number];
/** The values of `invitations.role`. */
export const invitationRoles = checks.invitations.role;
/** The role to which a person is invited: one of {@link invitationRoles}. */
export type InvitationRole = (typeof invitationRoles)[number];
/** An invitation to a tenant, without its token. */
export type Invitation = Tables<"invitations">;
/** The id and the token of a new invitation. */
export type NewInvitation = FunctionResult<"create_invitation">[number];
/** What an invited person sees: the tenant, the role, and who invited. */
export type InvitationPreview = FunctionResult<"preview_invitation">[number];
/** One change to a tenant, its members, invitations or brands. */
export type AuditLogEntry = Tables<"audit_log">;
/** A conversation of a member, which all members of the tenant can read. */
export type Conversation = Tables<"conversations">;
/** A message of a conversation. `latency_ms` and `token_count` are null when not measured. */
export type Message = Tables<"messages">;
/** A member's rating of a message. */
export type Feedback = Tables<"feedback">;
/** The ratings of one message: counts, mean, and time of the newest rating. */
export type FeedbackSummary = FunctionResult<"get_message_feedback_summary">[number];

/** A brand of a tenant. A session works for one brand. */
export type Brand = Tables<"brands">;
/** A session: the work on one task for a brand, from the idea to delivery. */
export type ConversationSession = Tables<"conversation_sessions">;
/** A message of a session. */
export type ConversationMessage = Tables<"conversation_messages">;

/** A chat of an account: one row with all its messages. */
export type AiConversation = Tables<"ai_conversations">;
/** The number of messages of a chat, and its totals. `total_cost` is in US dollars. */
export type AiConversationTotals = FunctionResult<"append_to_ai_conversation">[number];
/** A document with its vector. PostgREST returns the vector as text. */
export type Embedding = Tables<"embeddings">;
/** One call to a model. */
export type AiUsage = Tables<"ai_usage">;

/** Usage of one member on one day (UTC). Cost is in US dollars. */
export type UsageMetrics = Tables<"usage_metrics">;
/** Usage of one member in one month (UTC). Cost is in US dollars. */
export type MonthlyUsage = FunctionResult<"get_monthly_usage_summary">[number];

/**
 * Statistics of a session's messages: the result of {@link getSessionStats}. Cost is in US dollars,
 * latency in milliseconds.
 */
export type SessionStats = FunctionResult<"get_session_message_stats">[number];

/** A document that {@link searchDocuments} found, with its cosine similarity (-1 to 1). */
export type FoundDocument = FunctionResult<"match_embeddings">[number];

/**
 * Totals of the calls of one operation type and model. Cost is in US dollars, latencies are in
 * milliseconds.
 */
export type UsageStats = FunctionResult<"get_usage_stats">[number];
