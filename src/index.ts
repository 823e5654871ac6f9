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
