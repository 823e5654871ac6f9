/**
 * What the assistant platform's columns hold where the database says more than a type generator can
 * see: the values that a check allows, and the shapes of JSON columns.
 */
import type { Json } from "./database.types.js";

/** The values of `users.role`: owner and admin manage the tenant, user chats. */
export const userRoles = ["owner", "admin", "user"] as const;
export type UserRole = (typeof userRoles)[number];

/** The values of `messages.role`. */
export const messageRoles = ["user", "assistant", "system"] as const;
export type MessageRole = (typeof messageRoles)[number];

/** The values of `feedback.rating`: thumbs down, thumbs up. */
export const feedbackRatings = [-1, 1] as const;
export type FeedbackRating = (typeof feedbackRatings)[number];

/** A JSON object, which is what every `metadata` column holds. */
export type JsonObject = { [key: string]: Json | undefined };

/** `tenants.features`: switches by name; one that is missing is off. */
export type TenantFeatures = {
  streaming?: boolean;
  file_upload?: boolean;
  [feature: string]: boolean | undefined;
};

/** `tenants.branding`: how the tenant's frontend looks. */
export type TenantBranding = {
  /** A CSS colour. */
  primary_color?: string;
  logo_url?: string;
  [key: string]: Json | undefined;
};

/** `users.preferences`: what a person has chosen for themselves. */
export type UserPreferences = {
  theme?: "light" | "dark" | "system";
  /** A BCP 47 tag, e.g. `de-AT`. */
  locale?: string;
  [key: string]: Json | undefined;
};

/** The columns whose generated type is wider than what the database accepts. */
export type AssistantColumns = {
  tenants: { features: TenantFeatures; branding: TenantBranding };
  users: { role: UserRole; preferences: UserPreferences };
  conversations: { metadata: JsonObject };
  messages: { role: MessageRole; metadata: JsonObject };
  feedback: { rating: FeedbackRating };
};
