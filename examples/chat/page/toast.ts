/** Messages that come and go in a corner of the page, and are read out. */
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

/**
 * Does what somebody asked for and, when it fails, tells them in words that are meant for them. What
 * was aborted is wanted no more, and so no failure.
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
