import type { Html } from "../lib/report/html.ts";

/** The colours of the report's page, for a picture that stands alone, in light and in dark. */
const STYLE = `<style>
svg { --ink: #1f2328; --muted: #5c636b; --rule: #dcdfe2; --blue: #2f6fc4; --green: #1d8560;
  --orange: #c0620f; --alert: #b3261e; font-family: system-ui, sans-serif }
@media (prefers-color-scheme: dark) {
  svg { --ink: #e7e9eb; --muted: #a2aab2; --rule: #3a4046; --blue: #7cb0f2; --green: #5cc79d;
    --orange: #f0a35e; --alert: #ff9d94 }
}
</style>`;

/** A chart as a file of its own, with a title for those who do not see it. */
export function standalone({ markup }: Html, title: string): string {
  return `${markup.replace(/(<svg[^>]*>)/, `$1<title>${title}</title>${STYLE}`)}\n`;
}
