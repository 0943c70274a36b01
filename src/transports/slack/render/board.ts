import { createHash } from 'node:crypto';
import { cellStates, type Board, type Cell } from '../../../night/board.ts';
import type { Block, Content } from '../content.ts';
import { context, header, section, withIds } from './blocks.ts';
import {
  boardText,
  boardTitle,
  countsText,
  footnotes,
  nightText,
  noRowsText,
  notDueText,
} from './board-text.ts';
import { longDate, zonedTimeOf } from './format.ts';
import { isUnderway, rowOf } from './rows.ts';
import { linesOf, tableOf, rowsThatFit, weigh, type TableKind, type WeighedRow } from './tables.ts';
import { count } from './labels.ts';

export type BoardOptions = {
  /** Of the board; all but `eod` show it. */
  readonly name: string;
  /** What a reader must know to read the board right, such as `data as of 02:14, 312 events queued`. */
  readonly context: readonly string[];
  readonly table: TableKind;
  /** IANA zone. */
  readonly zone: string;
};

export type BoardContents = {
  /** The counts, and as much of the table as fits. */
  readonly main: Content;
  /** The other rows, in order: for the thread. */
  readonly parts: readonly Content[];
};

/**
 * A board as messages that Slack takes whatever is in it: every scheduler on exactly one row, in the board's order,
 * so that what failed, is late or went stale comes first.
 */
export function renderBoard(board: Board, options: BoardOptions): BoardContents {
  const rows = weighedRows(board, options.zone);
  const { main, end } = mainOf(board, options, rows, 'in the thread');
  return { main, parts: partsOf(board, options, rows, end) };
}

/** One message with as much of a board as it carries, for the one who asked: it has no thread for the rest. */
export function renderBoardAnswer(board: Board, options: BoardOptions): Content {
  const rows = weighedRows(board, options.zone);
  return mainOf(board, options, rows, 'on the board and in its thread').main;
}

/**
 * What a part of a board says while the board has become too small for it. It stays, since a part that comes back
 * would otherwise be a new reply, which notifies everybody who follows the thread.
 */
export function renderEmptyPart({ night, at }: Pick<Board, 'night' | 'at'>, name: string): Content {
  const text = 'No rows here at present: all are above.';
  return {
    text: `${nightText(night.date, name)}: ${text}`,
    blocks: withIds([section(text)], 'board', at),
  };
}

/**
 * Changes when, and only when, a reader would see other states, times or notes: not when only the picture's time
 * and the durations of what still runs move on.
 */
export function boardHash(board: Board): string {
  const { night, cells, notDue } = board;
  const seen = cells.map((cell) =>
    rowOf(isUnderway(cell) ? { ...cell, duration: null } : cell, night.start, night.zone),
  );
  return createHash('sha256')
    .update(JSON.stringify([night.date, night.zone, seen, ...(notDue === 0 ? [] : [notDue])]))
    .digest('hex');
}

/** What stands around the rows of one message. */
type Frame = { readonly above: readonly Block[]; readonly below: readonly Block[] };

function weighedRows({ cells, night }: Board, zone: string): WeighedRow[] {
  return cells.map((cell) => weigh(rowOf(cell, night.start, zone)));
}

/** All rows if one message carries them, else those that need a person, as many as fit, and counts of the rest. */
function mainOf(board: Board, options: BoardOptions, rows: readonly WeighedRow[], where: string) {
  const total = rows.length;
  const whole = mainFrame(board, options, undefined);
  if (fill(board, rows, 0, whole) === total)
    return { main: mainContent(board, options, whole, rows), end: total };
  const urgent = board.cells.filter(needsPerson).length;
  // As much text as there can be: what fits between this fits between the real one.
  const room = mainFrame(board, options, restText(board, 0, where));
  const end = urgent === 0 ? 0 : fill(board, rows.slice(0, urgent), 0, room);
  const frame = mainFrame(board, options, restText(board, end, where));
  return { main: mainContent(board, options, frame, rows.slice(0, end)), end };
}

function needsPerson({ state }: Cell): boolean {
  return state === 'failed' || state === 'late' || state === 'stale';
}

/** `The other 188 of 200 are in the thread: 20 running, 68 pending, 100 completed.` */
function restText({ cells }: Board, end: number, where: string): string {
  const rest = cells.slice(end);
  const counts = cellStates.flatMap((state) => {
    const those = rest.filter((cell) => cell.state === state).length;
    return those === 0 ? [] : [`${those} ${state}`];
  });
  const which = end === 0 ? `All ${rest.length}` : `The other ${rest.length} of ${cells.length}`;
  return `${which} are ${where}: ${counts.join(', ')}.`;
}

function mainFrame(board: Board, { name, zone, context: warnings }: BoardOptions, rest?: string): Frame {
  const empty = board.cells.length === 0 ? [section(noRowsText(board))] : [];
  return {
    above: [header(boardTitle(board, name, zone)), section(countsText(board)), ...empty],
    below: [
      ...(rest === undefined ? [] : [section(rest)]),
      ...context([...notDueText(board), ...footnotes(board.at, warnings, zone)]),
    ],
  };
}

function mainContent(
  board: Board,
  options: BoardOptions,
  frame: Frame,
  rows: readonly WeighedRow[],
): Content {
  return contentOf(board, options, frame, rows, boardText(board, options.name, options.zone));
}

function partsOf(board: Board, options: BoardOptions, rows: readonly WeighedRow[], from: number): Content[] {
  const { night, at } = board;
  const total = rows.length;
  const frame = (title: string): Frame => ({
    above: [header(`Rows ${title} of ${total} · ${longDate(night.date)}`)],
    below: context([`updated ${zonedTimeOf(at, options.zone)}`]),
  });
  const parts: Content[] = [];
  for (let start = from; start < total;) {
    const end = start + fill(board, rows, start, frame(`${total}-${total}`));
    const title = `${start + 1}-${end}`;
    const text = `${nightText(night.date, options.name)}, rows ${title} of ${total}`;
    parts.push(contentOf(board, options, frame(title), rows.slice(start, end), text));
    start = end;
  }
  return parts;
}

/** How many rows go into a message; one always does, for names and notes are cut far below a message's limit. */
function fill(board: Board, rows: readonly WeighedRow[], start: number, { above, below }: Frame): number {
  const fitting = rowsThatFit(rows, start, identified(board, [...above, ...below]));
  return Math.max(fitting, Math.min(1, rows.length - start));
}

function contentOf(
  board: Board,
  options: BoardOptions,
  { above, below }: Frame,
  weighed: readonly WeighedRow[],
  text: string,
): Content {
  const rows = weighed.map(({ row }) => row);
  const plainBlocks = identified(board, [...above, ...linesOf(rows), ...below]);
  if (rows.length === 0) return { text, blocks: plainBlocks };
  const caption = `${count(rows.length, 'job')} of the night of ${longDate(board.night.date)}`;
  const table = tableOf(rows, options.table, caption);
  return { text, blocks: identified(board, [...above, table, ...below]), plainBlocks };
}

function identified(board: Board, blocks: readonly Block[]): Block[] {
  return withIds(blocks, 'board', board.at);
}
