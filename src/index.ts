export { appendToAiConversation } from "./ai-conversations.js";
export { listAuditLog } from "./audit-log.js";
export {
  archiveConversation,
  type ConversationWithMessages,
  createConversation,
  getConversation,
  listConversations,
  type RatedMessage,
  sendMessage,
  unarchiveConversation,
} from "./conversations.js";
export {
  clearDocuments,
  deleteDocuments,
  getDocument,
  type NewDocument,
  publishDocuments,
  type StoredDocument,
  searchDocuments,
  storeDocuments,
} from "./documents.js";
export { listFeedbackSummaries, rateMessage, unrateMessage } from "./feedback.js";
export {
  acceptInvitation,
  createInvitation,
  createInvitationLink,
  declineInvitation,
  listInvitations,
  previewInvitation,
  resendInvitation,
  revokeInvitation,
} from "./invitations.js";
export {
  activateMember,
  deactivateMember,
  leaveTenant,
  listMembers,
  removeMember,
  setMemberRole,
  transferOwnership,
} from "./members.js";
export { getModelUsage } from "./model-usage.js";
export { DatabaseError } from "./request/errors.js";
export { callFunction } from "./request/functions.js";
export type {
  AuditCursor,
  ConversationCursor,
  FeedbackCursor,
  InvitationCursor,
  MessageCursor,
  MonthlyUsageCursor,
  UsageCursor,
} from "./request/pages.js";
export type { RequestOptions } from "./request/request.js";
export {
  type AuditedRequest,
  type BrandGuidelines,
  type ChatMessage,
  type DelegationPlan,
  EMBEDDING_DIMENSIONS,
  type JsonObject,
  type Question,
  type TenantBranding,
  type TenantFeatures,
  type UserPreferences,
} from "./schema/columns.js";
export type {
  Database,
  Enums,
  FunctionArgs,
  FunctionName,
  FunctionResult,
  ServiceDatabase,
  ServiceInsert,
  ServiceUpdate,
  Tables,
  TablesInsert,
  TablesUpdate,
  UniqueKey,
} from "./schema/database.js";
export type { Json } from "./schema/database.types.js";
export {
  type AiConversation,
  type AiConversationTotals,
  type AiUsage,
  type AuditLogEntry,
  type Brand,
  type Conversation,
  type ConversationMessage,
  type ConversationSession,
  type Embedding,
  type Feedback,
  type FeedbackRating,
  type FeedbackSummary,
  type FoundDocument,
  feedbackRatings,
  type Invitation,
  type InvitationPreview,
  type InvitationRole,
  invitationRoles,
  type Membership,
  type Message,
  type MessageRole,
  type MonthlyUsage,
  type MyTenant,
  messageRoles,
  type NewInvitation,
  type SessionMessageRole,
  type SessionState,
  type SessionStats,
  sessionMessageRoles,
  sessionStates,
  type Tenant,
  type UsageMetrics,
  type UsageStats,
  type UserRole,
  userRoles,
} from "./schema/rows.js";
export {
  appendSessionMessage,
  cancelSession,
  completeSession,
  createSession,
  getSessionCost,
  getSessionHistory,
  getSessionStats,
  listSessionMessages,
} from "./sessions.js";
export {
  chooseTenant,
  createTenant,
  deleteTenant,
  listMyTenants,
  tenantClient,
} from "./tenants.js";
export { incrementUsage, listDailyUsage, listMonthlyUsage, listTodaysUsage } from "./usage.js";
