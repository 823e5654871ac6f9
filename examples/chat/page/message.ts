import {
  type Feedback,
  type FeedbackRating,
  type RatedMessage,
  rateMessage,
  unrateMessage,
} from "supabase-ai-schema";
import { create, createAvatar, createButton, createIcon } from "./dom.ts";
import type { Session } from "./session.ts";
import { attempt } from "./toast.ts";

const AUTHORS = { user: "User", assistant: "Assistant", system: "Instructions" };

/** Creates a message. An answer of the assistant also gets thumbs to rate it. */
export function createMessage(session: Session, message: RatedMessage): HTMLElement {
  const { role, content } = message;
  const body = create("div", { class: "body" }, create("p", { class: "content" }, content));
  if (role === "assistant") body.append(createThumbs(session, message));
  const article = create(
    "article",
    { class: `message ${role}`, "aria-label": AUTHORS[role] },
    body,
  );
  if (role === "assistant") article.prepend(createAvatar("✦"));
  return article;
}

/** Creates the placeholder for an answer. */
export function createTyping(): HTMLElement {
  const dots = [1, 2, 3].map(() => create("span", { class: "dot" }));
  const body = create("div", { class: "body", "aria-label": "Waiting for the answer" }, ...dots);
  return create("div", { class: "message assistant typing" }, createAvatar("✦"), body);
}

/** Creates two thumbs. Each shows its number of ratings; the caller's own rating is pressed. */
function createThumbs(session: Session, { id, feedback }: RatedMessage) {
  const isMine = ({ user_id }: Feedback) => user_id === session.userId;
  const others = feedback.filter((each) => !isMine(each));
  const thumbs = [
    { rating: 1, icon: "up", label: "Thumbs up" },
    { rating: -1, icon: "down", label: "Thumbs down" },
  ] as const;
  const buttons = thumbs.map(({ rating, icon, label }) =>
    createButton(
      { class: "thumb", "aria-label": label },
      () => void attempt(() => choose(rating)),
      createIcon(icon),
      create("span", { class: "votes" }),
    ),
  );

  async function choose(rating: FeedbackRating) {
    const { client, signal } = session;
    if (rating === mine) {
      await unrateMessage(client, id, { signal });
      show(undefined);
    } else show((await rateMessage(client, id, rating, null, { signal })).rating);
  }

  let mine: FeedbackRating | undefined;
  function show(rating: FeedbackRating | undefined) {
    mine = rating;
    for (const [i, each] of thumbs.entries()) {
      const votes = others.filter((other) => other.rating === each.rating).length;
      const total = votes + (mine === each.rating ? 1 : 0);
      buttons[i]?.querySelector(".votes")?.replaceChildren(total > 0 ? String(total) : "");
      buttons[i]?.setAttribute("aria-pressed", String(mine === each.rating));
    }
  }

  show(feedback.find(isMine)?.rating);
  return create("div", { class: "thumbs", role: "group", "aria-label": "Rate" }, ...buttons);
}
