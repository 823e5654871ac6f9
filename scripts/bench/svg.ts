import { readFileSync } from "node:fs";
import type { Html } from "../operations/report/html.ts";

/** The colours of the report, for light and dark mode. */
const colors = readFileSync(new URL("../operations/report/colors.css", import.meta.url), "utf8");

/** Returns a chart as a standalone file, with a title for screen readers. */
export function standalone({ markup }: Html, title: string): string {
  const style = `<style>\n${colors}svg { font-family: system-ui, sans-serif; }\n</style>`;
  return `${markup.replace(/(<svg[^>]*>)/, `$1<title>${title}</title>${style}`)}\n`;
}
