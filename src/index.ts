export {
  type FeedbackRating,
  feedbackRatings,
  type JsonObject,
  type MessageRole,
  messageRoles,
  type TenantBranding,
  type TenantFeatures,
  type UserPreferences,
  type UserRole,
  userRoles,
} from "./assistant.js";
export type { Database, Tables, TablesInsert, TablesUpdate } from "./database.js";
export type { Json } from "./database.types.js";
export {
  appendMessage,
  type BrandGuidelines,
  cancelSession,
  completeSession,
  type DelegationPlan,
  getSessionCost,
  getSessionStats,
  listMessages,
  type MessageCursor,
  openSession,
  type Question,
  type SessionMessageRole,
  type SessionState,
  type SessionStats,
  sessionMessageRoles,
  sessionStates,
} from "./director.js";
export { DatabaseError } from "./errors.js";
export {
  appendToChat,
  type ChatMessage,
  clearDocuments,
  deleteDocuments,
  EMBEDDING_DIMENSIONS,
  type FoundDocument,
  getDocument,
  getUsageStats,
  type NewDocument,
  type StoredDocument,
  searchDocuments,
  storeDocuments,
  type UsageStats,
} from "./integration.js";
