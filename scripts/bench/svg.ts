import { readFileSync } from "node:fs";
import type { Html } from "../operations/report/html.ts";

/** The report's colours, in light and in dark. */
const colors = readFileSync(new URL("../operations/report/colors.css", import.meta.url), "utf8");

/** A chart as a file of its own, with a title for those who do not see it. */
export function standalone({ markup }: Html, title: string): string {
  const style = `<style>\n${colors}svg { font-family: system-ui, sans-serif; }\n</style>`;
  return `${markup.replace(/(<svg[^>]*>)/, `$1<title>${title}</title>${style}`)}\n`;
}
