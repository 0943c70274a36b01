import type { types } from '@slack/bolt';
import type { Block } from '../content.ts';
import { bytesOf, maxBlocksBytes, section } from './blocks.ts';
import { sectionsOf } from './lists.ts';
import { lineOf, type Row } from './rows.ts';

/** Rows of a board in the two forms that Slack may be given: a table, or sections of lines where it refuses one. */

export type TableKind = 'table' | 'data_table';

const head: Row = {
  status: 'Status',
  job: 'Job',
  time: 'Time',
  note: 'Note',
  service: 'Service',
};
/** `table` takes 100 rows, header included. */
const maxRows = 99;
/** Slack takes 10,000 characters over all cells of a message. */
const maxCellCharacters = 9_500;
/** A line is far shorter than a section, so that sections fill up and a message never needs as many. */
const maxSections = 6;

/** @param rows at least one, at most as many as `rowsThatFit` allows */
export function tableOf(rows: readonly Row[], kind: TableKind, caption: string): Block {
  const cells = [head, ...rows].map(cellsOf);
  switch (kind) {
    case 'table':
      return { type: 'table', rows: cells, column_settings: columns };
    case 'data_table':
      // The job is what names a row: a screen reader then says it first.
      return { type: 'data_table', caption, page_size: 25, row_header_column_index: 1, rows: cells };
  }
}

/** Rows without a table, a line each, in as few sections as they fit in. @param rows as `tableOf` */
export function linesOf(rows: readonly Row[]): Block[] {
  return sectionsOf(rows.map(lineOf));
}

export type WeighedRow = {
  readonly row: Row;
  readonly cellCharacters: number;
  readonly tableBytes: number;
  readonly lineBytes: number;
};

/** A row with its size in either form: what `rowsThatFit` adds up. */
export function weigh(row: Row): WeighedRow {
  const cells = cellsOf(row);
  return {
    row,
    cellCharacters: charactersOf(cells),
    tableBytes: bytesOf(cells) + 1,
    lineBytes: bytesOf(lineOf(row)),
  };
}

/**
 * How many of the rows from `start` on one message carries, in either form, and still is taken by Slack: as many
 * as there is room for by their real size.
 * @param frame the blocks of the message around the rows, as large as they can become
 */
export function rowsThatFit(rows: readonly WeighedRow[], start: number, frame: readonly Block[]): number {
  const room = maxBlocksBytes - bytesOf(frame);
  let cells = charactersOf(cellsOf(head));
  let table = emptyTableBytes;
  let lines = emptyLinesBytes;
  let end = start;
  for (const { cellCharacters, tableBytes, lineBytes } of rows.slice(start, start + maxRows)) {
    cells += cellCharacters;
    table += tableBytes;
    lines += lineBytes;
    if (cells > maxCellCharacters || table > room || lines > room) break;
    end += 1;
  }
  return end - start;
}

const columns = [
  { align: 'left' },
  { align: 'left' },
  { align: 'left' },
  { align: 'left', is_wrapped: true },
  { align: 'left' },
] satisfies types.TableBlock['column_settings'];

/** Room for a block's id and the commas around it. */
const idBytes = 80;
const emptyTableBytes = Math.max(
  ...(['table', 'data_table'] as const).map((kind) => bytesOf(tableOf([], kind, 'x'.repeat(300))) + idBytes),
);
const emptyLinesBytes = maxSections * (bytesOf(section('')) + idBytes);

function cellsOf({ status, job, time, note, service }: Row): types.RawTextElement[] {
  // A cell of `raw_text` has at least one character.
  return [status, job, time, note, service].map((text) => ({
    type: 'raw_text',
    text: text === '' ? '–' : text,
  }));
}

function charactersOf(cells: readonly types.RawTextElement[]): number {
  return cells.reduce((total, { text }) => total + text.length, 0);
}
