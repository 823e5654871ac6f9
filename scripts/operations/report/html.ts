/** Markup that is safe to insert into a page without escaping. */
export class Html {
  constructor(readonly markup: string) {}
}

type Part = Html | string | number | null | Part[];

/** A template that escapes its values, except for markup. Null becomes an empty string. */
export function html(strings: TemplateStringsArray, ...values: Part[]): Html {
  return new Html(
    strings.reduce((markup, text, i) => markup + toMarkup(values[i - 1] ?? null) + text),
  );
}

function toMarkup(part: Part): string {
  if (part === null) return "";
  if (part instanceof Html) return part.markup;
  if (Array.isArray(part)) return part.map(toMarkup).join("");
  return escapeHtml(String(part));
}

const ENTITIES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] as string);
}
