/** The rows of the tables and functions, and the values of their checked columns, by the names of the field. */
import { checks } from "./checks.js";
import type { FunctionResult, Tables } from "./database.js";

/** The values of `users.role`: owner and admin manage the tenant, user chats. */
export const userRoles = checks.users.role;
/** What a person is in their tenant: one of {@link userRoles}. */
export type UserRole = (typeof userRoles)[number];

/** The values of `messages.role`. */
export const messageRoles = checks.messages.role;
/** Who speaks: one of {@link messageRoles}. */
export type MessageRole = (typeof messageRoles)[number];

/** The values of `feedback.rating`: thumbs down, thumbs up. */
export const feedbackRatings = checks.feedback.rating;
/** Thumbs up, 1, or thumbs down, -1. */
export type FeedbackRating = (typeof feedbackRatings)[number];

/** The values of `conversation_sessions.state`, in the order of the work. */
export const sessionStates = checks.conversation_sessions.state;
/** How far a session is: one of {@link sessionStates}. The last two are final. */
export type SessionState = (typeof sessionStates)[number];

/** The values of `conversation_messages.role`. */
export const sessionMessageRoles = checks.conversation_messages.role;
/** Who speaks in a session: one of {@link sessionMessageRoles}. */
export type SessionMessageRole = (typeof sessionMessageRoles)[number];

/** A customer of the platform, with its settings and limits. */
export type Tenant = Tables<"tenants">;
/** A person in a tenant: a row of `users`, which may be there before they have signed up. */
export type Membership = Tables<"users">;
/** A conversation of a person, which the tenant's members may read. */
export type Conversation = Tables<"conversations">;
/** What was said in a conversation; `latency_ms` and `token_count` where somebody measured. */
export type Message = Tables<"messages">;
/** What one member thinks of one message. */
export type Feedback = Tables<"feedback">;
/** What members of the tenant think of a message: how many rated it, how, and when last. */
export type FeedbackSummary = FunctionResult<"get_message_feedback_summary">[number];

/** Whom the work of a session is for: a brand of a tenant. */
export type Brand = Tables<"brands">;
/** Work on something for a brand, from the idea to the delivery. */
export type ConversationSession = Tables<"conversation_sessions">;
/** What person, director and tools say in a session. */
export type ConversationMessage = Tables<"conversation_messages">;

/** A chat with all its messages, as one document. */
export type AiConversation = Tables<"ai_conversations">;
/** A text with its vector, as the table holds it. */
export type Embedding = Tables<"embeddings">;
/** What one call to a model took. */
export type AiUsage = Tables<"ai_usage">;

/** What a person used on a day (UTC); cost in US dollars. */
export type UsageMetrics = Tables<"usage_metrics">;
/** What a person used in a month (UTC); cost in US dollars. */
export type MonthlyUsage = FunctionResult<"get_monthly_usage_summary">[number];

/** What `get_session_message_stats` returns. */
export type SessionStats = FunctionResult<"get_session_message_stats">[number];

/** A document found by {@link searchDocuments}. */
export type FoundDocument = FunctionResult<"match_embeddings">[number];

/** What one kind of call to one model took; cost in US dollars, latencies in milliseconds. */
export type UsageStats = FunctionResult<"get_usage_stats">[number];
