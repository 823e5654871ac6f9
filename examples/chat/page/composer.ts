import { create, createIcon } from "./dom.ts";

/** The message field. Enter sends, Shift+Enter starts a new line. */
export function createComposer(onSend: (content: string) => Promise<void>) {
  const text = create("textarea", {
    rows: 1,
    placeholder: "Write a message",
    "aria-label": "Message",
  });
  const send = create("button", { type: "submit", class: "primary send", "aria-label": "Send" });
  send.append(createIcon("send"));
  const note = create("p", { class: "hint" });
  const box = create("div", { class: "box" }, text, send);
  const form = create("form", { class: "composer" }, box, note);

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const content = text.value.trim();
    if (!content || send.disabled) return;
    send.disabled = true;
    await onSend(content).finally(() => {
      send.disabled = false;
    });
  });
  text.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });

  function setAllowed(isAllowed: boolean, words: string) {
    box.hidden = !isAllowed;
    note.textContent = words;
  }

  return {
    element: form,
    allow: () => setAllowed(true, "The answers are canned: no model is connected."),
    forbid: (why: string) => setAllowed(false, why),
    focus: () => text.focus(),
    /**
     * Clears the field. Call it after sending has succeeded, so that a failed message stays in the
     * field.
     */
    clear() {
      text.value = "";
    },
  };
}
