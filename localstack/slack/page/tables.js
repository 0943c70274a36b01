import { make } from './dom.js';

/**
 * The two kinds of table. Both scroll sideways inside their own frame, which the keyboard can reach.
 * @typedef {import('./page.d.ts').Surroundings} Surroundings
 * @typedef {import('./page.d.ts').TableView} TableView
 * @typedef {Extract<import('./page.d.ts').KitBlock, { type: 'table' }>} Table
 * @typedef {Extract<import('./page.d.ts').KitBlock, { type: 'data_table' }>} DataTable
 * @typedef {Table['rows'][number]} Row
 */

/** Slack's own default: https://docs.slack.dev/reference/block-kit/blocks/data-table-block */
const defaultPageSize = 5;

/**
 * @param {Table} block
 * @param {Surroundings} around
 * @returns {HTMLElement}
 */
export function table(block, around) {
  const { document } = around;
  const [header = [], ...rows] = block.rows;
  /** @returns {string} */
  const look = (/** @type {number} */ column) => {
    const { align = 'left', is_wrapped = false } = block.column_settings?.[column] ?? {};
    return `${align}${is_wrapped ? ' wrapped' : ''}`;
  };
  const heads = header.map((cell, column) =>
    make(document, 'th', { scope: 'col', class: look(column) }, [cell.text]),
  );
  const body = rows.map((row) => bodyRow(row, look, around));
  return frame(
    make(document, 'table', {}, [
      make(document, 'thead', {}, [make(document, 'tr', {}, heads)]),
      make(document, 'tbody', {}, body),
    ]),
    'Table',
    around,
  );
}

/**
 * @param {DataTable} block
 * @param {Surroundings} around
 * @param {TableView} view where the reader is; kept up to date
 * @returns {HTMLElement}
 */
export function dataTable(block, around, view) {
  const { document } = around;
  const [header = [], ...rows] = block.rows;
  const size = block.page_size ?? defaultPageSize;
  const pages = Math.max(1, Math.ceil(rows.length / size));
  const body = make(document, 'tbody');
  const place = make(document, 'span', { class: 'page', role: 'status' });
  const back = make(document, 'button', { type: 'button', click: () => turn(-1), 'data-focus': 'back' }, [
    '‹ Back',
  ]);
  const on = make(document, 'button', { type: 'button', click: () => turn(1), 'data-focus': 'next' }, [
    'Next ›',
  ]);
  const heads = header.map((cell, column) => {
    const attributes = { type: 'button', click: () => sortBy(column), 'data-focus': `sort-${column}` };
    return make(document, 'th', { scope: 'col' }, [make(document, 'button', attributes, [cell.text])]);
  });

  const show = () => {
    // An edit may have left fewer pages, or fewer columns, than the reader had.
    view.page = Math.min(view.page, pages - 1);
    const sorted = sortRows(rows, view);
    const first = view.page * size;
    const shown = sorted.slice(first, first + size);
    body.replaceChildren(
      ...shown.map((row) => bodyRow(row, () => 'left', around, block.row_header_column_index)),
    );
    heads.forEach((head, column) => {
      const order = view.descending ? 'descending' : 'ascending';
      head.setAttribute('aria-sort', view.column === column ? order : 'none');
    });
    place.textContent = `${first + 1}–${first + shown.length} of ${rows.length}`;
    back.disabled = view.page === 0;
    on.disabled = view.page === pages - 1;
  };
  const turn = (/** @type {number} */ by) => {
    view.page += by;
    show();
  };
  const sortBy = (/** @type {number} */ column) => {
    view.descending = view.column === column && !view.descending;
    view.column = column;
    view.page = 0;
    show();
  };

  show();
  const framed = frame(
    make(document, 'table', {}, [
      make(document, 'caption', {}, [block.caption]),
      make(document, 'thead', {}, [make(document, 'tr', {}, heads)]),
      body,
    ]),
    block.caption,
    around,
  );
  const pager = make(document, 'div', { class: 'pager' }, [back, place, on]);
  return make(document, 'div', { class: 'data-table' }, pages > 1 ? [framed, pager] : [framed]);
}

/**
 * @param {readonly Row[]} rows
 * @param {TableView} view
 * @returns {readonly Row[]} the rows themselves, or a sorted copy; equal ones keep their order
 */
function sortRows(rows, { column, descending }) {
  if (column === undefined) return rows;
  const sign = descending ? -1 : 1;
  const textOf = (/** @type {Row} */ row) => row[column]?.text ?? '';
  return rows.toSorted(
    (left, right) => sign * textOf(left).localeCompare(textOf(right), 'en', { numeric: true }),
  );
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

/**
 * @param {HTMLElement} content
 * @param {string} label
 * @param {Surroundings} around
 */
function frame(content, label, { document }) {
  return make(document, 'div', { class: 'frame', role: 'region', 'aria-label': label, tabindex: 0 }, [
    content,
  ]);
}
