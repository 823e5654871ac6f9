/** A row of a table. */
export function tableRow(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

/** The head of a table, with the line below it. */
export function tableHead(titles: readonly string[]): string[] {
  return [tableRow(titles), tableRow(titles.map(() => "---"))];
}

/** Text that does not end its cell of a table. */
export function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}

/** Code in a cell of a table; nothing for none. */
export function code(text: string): string {
  return text === "" ? "" : `\`${cell(text.replaceAll("`", "'"))}\``;
}
