import { Html, html } from "./html.ts";
import type { Section } from "./sections.ts";

interface CardText {
  title: string;
  about: string;
}

/** Renders a card: a heading, a description, and the section or the reason why it has no rows. */
export function card<Row>(
  { title, about }: CardText,
  section: Section<Row>,
  body: (rows: Row[]) => Html | Html[],
): Html {
  return html`<section class="card">
<h2>${title}</h2>
<p class="about">${about}</p>
${contentOf(section, body)}
</section>
`;
}

/** Renders the content of a section, for a card that shows two sections. */
export function contentOf<Row>(section: Section<Row>, body: (rows: Row[]) => Html | Html[]): Html {
  if ("missing" in section) return note(`Not available: ${section.missing}.`);
  if ("error" in section) return html`<p class="error">Cannot be read: ${section.error}</p>`;
  const content = body(section.rows);
  return content instanceof Html ? content : html`${content}`;
}

export function note(text: string): Html {
  return html`<p class="note">${text}</p>`;
}

/** Renders a drawing, with a label for screen readers. */
export function figure(label: string, drawing: Html): Html {
  return html`<figure role="img" aria-label="${label}">${drawing}</figure>`;
}
