/** Short messages in a corner of the page, which screen readers announce. */
import { AuthError } from "@supabase/supabase-js";
import { DatabaseError } from "supabase-ai-schema";
import { create, createButton, createIcon } from "./dom.ts";

const VISIBLE_MS = 8000;

const corner = () => document.querySelector("#toasts") as HTMLElement;

export function toast(message: string, kind: "error" | "note" = "note"): void {
  const close = createButton(
    { class: "quiet", "aria-label": "Dismiss" },
    () => box.remove(),
    createIcon("close"),
  );
  const role = kind === "error" ? "alert" : "status";
  const box = create("div", { class: `toast ${kind}`, role }, create("p", {}, message), close);
  corner().append(box);
  setTimeout(() => box.remove(), VISIBLE_MS);
}

export const clearToasts = (): void => corner().replaceChildren();

/**
 * Runs an action and shows its error in a toast. An aborted request shows nothing, because the page
 * no longer needs its result.
 */
export async function attempt(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof Error && error.name === "AbortError") return;
    toast(wordsFor(error), "error");
    if (!(error instanceof DatabaseError || error instanceof AuthError)) throw error;
  }
}

function wordsFor(error: unknown): string {
  if (error instanceof DatabaseError) return error.displayMessage;
  if (error instanceof AuthError) return `Signing in failed: ${error.message}`;
  return "Something went wrong. Please try again.";
}
