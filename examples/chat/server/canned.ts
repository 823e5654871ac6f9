/** Stands in for a model: returns fixed answers, with the numbers that a model would report. */
import type { Message } from "supabase-ai-schema";

export interface CannedAnswer {
  content: string;
  model: string;
  latencyMs: number;
  promptTokens: number;
  completionTokens: number;
  costUsd: number;
}

export const CANNED = [
  "Start with the smallest step that would teach you something, and put a date on it.",
  "In short: yes. The longer answer depends on who reads it, and by when they need it.",
  "Three things matter here: what you promise, to whom, and how you will know that it worked.",
] as const;

/** Price in US dollars per token. */
const PRICE = 0.000005;

/** Returns the next fixed answer. The number of earlier answers chooses it. */
export function answerTo(messages: Pick<Message, "role" | "content">[]): CannedAnswer {
  const turn = messages.filter(({ role }) => role === "assistant").length;
  const content = CANNED[turn % CANNED.length] as string;
  const promptTokens = messages.reduce((sum, message) => sum + tokensIn(message.content), 0);
  const completionTokens = tokensIn(content);
  return {
    content,
    model: "canned",
    latencyMs: 0,
    promptTokens,
    completionTokens,
    costUsd: (promptTokens + completionTokens) * PRICE,
  };
}

/** Estimates four characters per token, a usual value for English. */
function tokensIn(text: string): number {
  return Math.ceil(text.length / 4);
}
