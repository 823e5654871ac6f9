/** Returns a table row. */
export function tableRow(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

/** Returns the head of a table and the separator line below it. */
export function tableHead(titles: readonly string[]): string[] {
  return [tableRow(titles), tableRow(titles.map(() => "---"))];
}

/** Escapes text that would end a table cell. */
export function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}

/** Returns code for a table cell, or an empty string for empty text. */
export function code(text: string): string {
  return text === "" ? "" : `\`${cell(text.replaceAll("`", "'"))}\``;
}
