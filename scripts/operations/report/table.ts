import { type Html, html } from "./html.ts";

interface Column<Row> {
  title: string;
  /** Whether the cells are numbers, which are right-aligned. */
  numeric?: boolean;
  cell: (row: Row) => Html | string;
}

/** Renders a table whose first column names the rows. It scrolls if it is wider than the page. */
export function table<Row>(caption: string, rows: Row[], columns: Column<Row>[]): Html {
  const classOf = ({ numeric }: Column<Row>) => (numeric ? html` class="number"` : null);
  const head = columns.map(
    (column) => html`<th scope="col"${classOf(column)}>${column.title}</th>`,
  );
  const body = rows.map((row) => {
    const cells = columns.map((column, i) =>
      i === 0
        ? html`<th scope="row"${classOf(column)}>${column.cell(row)}</th>`
        : html`<td${classOf(column)}>${column.cell(row)}</td>`,
    );
    return html`<tr>${cells}</tr>\n`;
  });
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0"><table>
<caption>${caption}</caption>
<thead><tr>${head}</tr></thead>
<tbody>
${body}</tbody>
</table></div>`;
}

/** Renders a long table, collapsed until the reader opens it. */
export function foldedTable<Row>(caption: string, rows: Row[], columns: Column<Row>[]): Html {
  return html`<details><summary>The numbers</summary>${table(caption, rows, columns)}</details>`;
}
