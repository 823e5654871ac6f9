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
} from "./assistant.ts";
export type { Database, Tables, TablesInsert, TablesUpdate } from "./database.ts";
export type { Json } from "./database.types.ts";
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
} from "./director.ts";
export { DatabaseError } from "./errors.ts";
