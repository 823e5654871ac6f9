/** One conversation: its messages and the message field. */
import {
  archiveConversation,
  getConversation,
  createConversation as insertConversation,
  type Message,
  type MessageCursor,
  sendMessage,
  unarchiveConversation,
} from "supabase-ai-schema";
import { createComposer } from "./composer.ts";
import { createHeading } from "./conversation-heading.ts";
import { create, createButton } from "./dom.ts";
import { titleOf } from "./format.ts";
import { onlyLatest } from "./latest.ts";
import { createMessage, createTyping } from "./message.ts";
import { askForReply } from "./reply.ts";
import type { Session } from "./session.ts";
import { attempt, toast } from "./toast.ts";

const PAGE = 50;
const TITLE_LENGTH = 60;

interface Handlers {
  /** Called when another conversation opens. The id is null for a new conversation. */
  onShow: (id: string | null) => void;
  /** Called when the conversation's place in the list has changed. */
  onChange: () => void;
  /** Called when an answer has used tokens. */
  onUsage: () => void;
}

export function createConversation(session: Session, { onShow, onChange, onUsage }: Handlers) {
  const { client, signal } = session;
  const latest = onlyLatest(signal);
  let id: string | null = null;
  let before: MessageCursor | null = null;

  const heading = createHeading({
    onArchive: (isArchived) => void attempt(() => archive(isArchived)),
  });
  const log = create("div", { class: "log", role: "log", "aria-label": "Messages" });
  const older = createButton({ class: "more" }, () => void attempt(loadOlder), "Older messages");
  const composer = createComposer((content) => attempt(() => send(content)));

  const render = (message: Message) => createMessage(session, { feedback: [], ...message });

  function show(conversationId: string | null, title: string) {
    id = conversationId;
    heading.setTitle(title);
    onShow(id);
  }

  function startNew() {
    // Aborts the request that opens another conversation.
    void latest(async () => {});
    before = null;
    older.hidden = true;
    log.replaceChildren(create("p", { class: "empty" }, `What is on your mind, ${session.name}?`));
    heading.setArchived(undefined);
    composer.allow();
    show(null, "New conversation");
    composer.focus();
  }

  async function open(conversationId: string) {
    const found = await latest((signal) =>
      getConversation(client, conversationId, { limit: PAGE, signal }),
    );
    if (!found) {
      startNew();
      toast("This conversation does not exist.", "error");
      return;
    }
    const isMine = found.user_id === session.userId;
    before = found.next;
    older.hidden = before === null;
    log.replaceChildren(...found.messages.map((message) => createMessage(session, message)));
    heading.setArchived(isMine ? found.is_archived : undefined);
    if (isMine) composer.allow();
    else
      composer.forbid(
        `Only ${session.nameOf(found.user_id)} can write here. You can rate the answers.`,
      );
    show(found.id, titleOf(found));
    log.scrollTop = log.scrollHeight;
  }

  async function loadOlder() {
    const current = id;
    if (!current) return;
    const found = await latest((signal) =>
      getConversation(client, current, { before, limit: PAGE, signal }),
    );
    before = found?.next ?? null;
    older.hidden = before === null;
    log.prepend(...(found?.messages ?? []).map((message) => createMessage(session, message)));
  }

  /** The first message creates the conversation and becomes its title. */
  async function send(content: string) {
    let current = id;
    if (!current) {
      const title = content.slice(0, TITLE_LENGTH);
      const started = await insertConversation(client, { title }, { signal });
      current = started.id;
      log.replaceChildren();
      heading.setArchived(false);
      show(current, title);
    }
    append(current, render(await sendMessage(client, current, { content }, { signal })));
    composer.clear();
    onChange();
    const typing = createTyping();
    append(current, typing);
    try {
      append(current, render(await askForReply(session, current)));
      onChange();
      onUsage();
    } finally {
      typing.remove();
    }
  }

  /** Appends an element, unless another conversation has been opened since. */
  function append(conversationId: string, element: HTMLElement) {
    if (id !== conversationId) return;
    log.append(element);
    log.scrollTop = log.scrollHeight;
  }

  async function archive(isArchived: boolean) {
    if (!id) return;
    const move = isArchived ? archiveConversation : unarchiveConversation;
    await move(client, id, { signal });
    startNew();
    onChange();
    toast(isArchived ? "Moved to the archive." : "Moved out of the archive.");
  }

  older.hidden = true;
  return {
    element: create(
      "main",
      { class: "conversation" },
      heading.element,
      create("div", { class: "older" }, older),
      log,
      composer.element,
    ),
    open,
    startNew,
    /** Returns the open conversation and its number of messages, for the isolation panel. */
    shown: () => ({ conversationId: id, messages: log.querySelectorAll("article").length }),
  };
}
