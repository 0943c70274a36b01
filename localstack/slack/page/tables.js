import { make } from './dom.js';

/**
 * The two kinds of table. Both scroll sideways inside their own frame, which the keyboard can reach.
 * @typedef {import('./page.d.ts').Surroundings} Surroundings
 * @typedef {Extract<import('./page.d.ts').KitBlock, { type: 'table' }>} Table
 * @typedef {Extract<import('./page.d.ts').KitBlock, { type: 'data_table' }>} DataTable
 * @typedef {Table['rows'][number]} Row
 */

/**
 * @param {Table} block
 * @param {Surroundings} around
 * @returns {HTMLElement}
 */
export function table(block, around) {
  /** @returns {string} */
  const look = (/** @type {number} */ column) => {
    const { align = 'left', is_wrapped = false } = block.column_settings?.[column] ?? {};
    return `${align}${is_wrapped ? ' wrapped' : ''}`;
  };
  return framed(block.rows, look, 'Table', around);
}

/**
 * Shows all rows at once, in the order in which they came: pages and sorting are for Slack's own clients.
 * @param {DataTable} block
 * @param {Surroundings} around
 * @returns {HTMLElement}
 */
export function dataTable({ rows, caption, row_header_column_index }, around) {
  const title = make(around.document, 'caption', {}, [caption]);
  return framed(rows, () => 'left', caption, around, title, row_header_column_index);
}

/**
 * @param {readonly Row[]} rows the first is the head
 * @param {(column: number) => string} look
 * @param {string} label
 * @param {Surroundings} around
 * @param {HTMLElement} [caption]
 * @param {number} [headColumn] the column that names a row
 */
function framed([header = [], ...rows], look, label, around, caption, headColumn) {
  const { document } = around;
  const heads = header.map(({ text }, column) =>
    make(document, 'th', { scope: 'col', class: look(column) }, [text]),
  );
  const body = rows.map((row) => bodyRow(row, look, around, headColumn));
  const content = make(document, 'table', {}, [
    caption,
    make(document, 'thead', {}, [make(document, 'tr', {}, heads)]),
    make(document, 'tbody', {}, body),
  ]);
  const attributes = { class: 'frame', role: 'region', 'aria-label': label, tabindex: 0 };
  return make(document, 'div', attributes, [content]);
}

/**
 * @param {Row} row
 * @param {(column: number) => string} look
 * @param {Surroundings} around
 * @param {number} [headColumn] the column that names the row
 */
function bodyRow(row, look, around, headColumn) {
  const { document } = around;
  const cells = row.map((cell, column) => {
    const { text } = cell;
    // A cell that is not wrapped may be cut by its column: the tooltip has it whole.
    const attributes = { class: look(column), title: text.length > 24 ? text : undefined };
    return column === headColumn
      ? make(document, 'th', { ...attributes, scope: 'row' }, [text])
      : make(document, 'td', attributes, [text]);
  });
  return make(document, 'tr', {}, cells);
}
