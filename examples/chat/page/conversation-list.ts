/** The tenant's conversations, page by page, with a search. */
import { type Conversation, type ConversationCursor, listConversations } from "supabase-ai-schema";
import { create, createButton, createIcon } from "./dom.ts";
import { titleOf, when } from "./format.ts";
import { onlyLatest } from "./latest.ts";
import type { Session } from "./session.ts";
import { attempt } from "./toast.ts";

const PAGE = 10;

interface Handlers {
  onOpen: (id: string) => void;
  onNew: () => void;
}

export function createConversationList(session: Session, { onOpen, onNew }: Handlers) {
  const latest = onlyLatest(session.signal);
  let next: ConversationCursor | null = null;
  let open: string | null = null;

  const search = create("input", {
    type: "search",
    placeholder: "Search",
    "aria-label": "Search conversations",
  });
  const archived = create("input", { type: "checkbox" });
  const rows = create("ul", { class: "conversations", "aria-label": "Conversations" });
  const none = create("p", { class: "hint none", role: "status" });
  const more = createButton({ class: "more" }, () => void attempt(() => load(next)), "More");

  /** Each keystroke starts a new search and aborts the previous one. */
  async function load(after: ConversationCursor | null) {
    const page = await latest((signal) =>
      listConversations(session.client, {
        after,
        limit: PAGE,
        search: search.value.trim(),
        archived: archived.checked,
        signal,
      }),
    );
    next = page.next;
    const added = page.conversations.map(createRow);
    if (after) rows.append(...added);
    else rows.replaceChildren(...added);
    more.hidden = next === null;
    none.textContent = rows.childElementCount === 0 ? "No conversations." : "";
  }

  function createRow(conversation: Conversation) {
    const { id, user_id, updated_at } = conversation;
    const author = user_id === session.userId ? "You" : session.nameOf(user_id);
    const button = createButton(
      { class: "row", "data-id": id, "aria-current": id === open ? "true" : undefined },
      () => onOpen(id),
      create("span", { class: "title" }, titleOf(conversation)),
      create("span", { class: "hint" }, `${author} · ${when(updated_at)}`),
    );
    return create("li", {}, button);
  }

  const refresh = () => load(null);
  search.addEventListener("input", () => void attempt(refresh));
  archived.addEventListener("change", () => void attempt(refresh));
  more.hidden = true;

  return {
    element: create(
      "div",
      { class: "list" },
      createButton({ class: "primary new" }, onNew, createIcon("plus"), "New conversation"),
      search,
      create("label", { class: "hint switch" }, archived, "Archived"),
      create("div", { class: "scroll" }, rows, none, more),
    ),
    /** Reads the first page again. */
    refresh,
    /** Marks the open conversation. */
    mark(id: string | null) {
      open = id;
      for (const button of Array.from(rows.querySelectorAll("button"))) {
        if (button.dataset.id === id) button.setAttribute("aria-current", "true");
        else button.removeAttribute("aria-current");
      }
    },
  };
}
