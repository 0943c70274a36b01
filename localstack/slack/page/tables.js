import { make } from './dom.js';
import { richTextNodes, richTextOf } from './rich-text.js';

/**
 * The two kinds of table. Both scroll sideways inside their own frame, which the keyboard can reach.
 * @typedef {import('./page.d.ts').Surroundings} Surroundings
 * @typedef {import('./page.d.ts').TableView} TableView
 * @typedef {Extract<import('./page.d.ts').KitBlock, { type: 'table' }>} Table
 * @typedef {Extract<import('./page.d.ts').KitBlock, { type: 'data_table' }>} DataTable
 * @typedef {Table['rows'][number]} Row
 * @typedef {Row[number]} Cell
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
    make(document, 'th', { scope: 'col', class: look(column) }, cellNodes(cell, around)),
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
    return make(document, 'th', { scope: 'col' }, [
      make(document, 'button', attributes, cellNodes(cell, around)),
    ]);
  });

  const show = () => {
    // An edit may have left fewer pages, or fewer columns, than the reader had.
    view.page = Math.min(view.page, pages - 1);
    const sorted = sortRows(rows, view, around);
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
 * @param {Surroundings} around
 * @returns {readonly Row[]} the rows themselves, or a sorted copy; equal ones keep their order
 */
function sortRows(rows, { column, descending }, around) {
  if (column === undefined) return rows;
  const sign = descending ? -1 : 1;
  return rows.toSorted((left, right) => sign * compareCells(left[column], right[column], around));
}

/**
 * @param {Cell | undefined} left
 * @param {Cell | undefined} right
 * @param {Surroundings} around
 */
function compareCells(left, right, around) {
  if (left?.type === 'raw_number' && right?.type === 'raw_number') return left.value - right.value;
  return textOf(left, around).localeCompare(textOf(right, around), 'en', { numeric: true });
}

/** @returns {string} */
function textOf(/** @type {Cell | undefined} */ cell, /** @type {Surroundings} */ around) {
  if (cell === undefined) return '';
  return cell.type === 'rich_text' ? richTextOf(cell, around) : cell.text;
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
    const text = textOf(cell, around);
    // A cell that is not wrapped may be cut by its column: the tooltip has it whole.
    const attributes = { class: look(column), title: text.length > 24 ? text : undefined };
    const children = cellNodes(cell, around);
    return column === headColumn
      ? make(document, 'th', { ...attributes, scope: 'row' }, children)
      : make(document, 'td', attributes, children);
  });
  return make(document, 'tr', {}, cells);
}

/** Raw cells are inert: neither marks nor shortcodes mean anything in them. @returns {Node[]} */
function cellNodes(/** @type {Cell} */ cell, /** @type {Surroundings} */ around) {
  if (cell.type === 'rich_text') return richTextNodes(cell, around);
  return [around.document.createTextNode(cell.text)];
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
