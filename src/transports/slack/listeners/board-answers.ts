import { dueSoon } from '../../../board/due-soon.ts';
import { boardIn, readBoard, readSnapshot, type BoardReading } from '../../../board/read-board.ts';
import { partOf, type Cell } from '../../../night/board.ts';
import type { BoardSpec } from '../../../night/boards.ts';
import type { Content } from '../content.ts';
import { renderBoardAnswer } from '../render/board.ts';
import { renderNothingThere, renderProblem } from '../render/eod.ts';
import { momentOf } from '../render/format.ts';
import type { Command } from './command.ts';
import { instantOfNight } from './instants.ts';
import { missingLine, warnings, type ListenerContext } from './listener-context.ts';

/** Boards, and parts of them, for the one who asked. */

type AskedOfBoard = {
  /** When it was asked, ms UTC, Ronda's time. */
  readonly now: number;
  readonly spec: BoardSpec;
};

/** The board of a channel as it is now. */
export async function boardNow(listener: ListenerContext, { spec }: AskedOfBoard): Promise<Content> {
  return boardAnswer(listener, spec, await readNow(listener, spec));
}

/** A part of it. @param what names the part */
export async function partOfBoard(
  listener: ListenerContext,
  { spec }: AskedOfBoard,
  what: string,
  isIn: (cell: Cell) => boolean,
): Promise<Content> {
  const whole = await readNow(listener, spec);
  const board = partOf(whole.board, isIn);
  if (board.cells.length === 0) return renderNothingThere(what);
  return boardAnswer(listener, spec, { ...whole, board }, [`only: ${what}`]);
}

const dueSoonMs = 3_600_000;

/** What is due within the next hour, in whatever night. */
export async function boardDue(listener: ListenerContext, { spec, now }: AskedOfBoard): Promise<Content> {
  const snapshot = await readSnapshot(listener, { coverage: listener.coverage() });
  const board = dueSoon(snapshot, spec, now + dueSoonMs);
  if (board.cells.length === 0) return renderNothingThere('due in the next hour');
  const { unreadable } = boardIn(snapshot, spec);
  return boardAnswer(listener, spec, { board, unreadable }, ['only: due in the next hour']);
}

/** Reads the board as it is now. */
export function readNow(listener: ListenerContext, spec: BoardSpec): Promise<BoardReading> {
  return readBoard(listener, spec, { coverage: listener.coverage() });
}

function boardAnswer(
  listener: ListenerContext,
  { name, zone }: BoardSpec,
  { board, unreadable }: Pick<BoardReading, 'board' | 'unreadable'>,
  first: readonly string[] = [],
): Content {
  const context = [...first, ...warnings(listener, zone), ...missingLine(unreadable)];
  return renderBoardAnswer(board, { name, zone, table: listener.table, context });
}

/** The board as it stood at a time that a person named. */
export async function boardThen(
  listener: ListenerContext,
  { time, date }: Extract<Command, { do: 'board-at' }>,
  { spec, now }: AskedOfBoard,
): Promise<Content> {
  const { name, zone } = spec;
  const at = instantOfNight(time, date, now, spec);
  if (at > now) {
    return renderProblem(
      `it is ${momentOf(now, now, zone)}, and ${momentOf(at, now, zone)} has not come yet. ` +
        'For an earlier night give the date, too: “at 2026-11-23 02:15”.',
    );
  }
  const { board, unreadable } = await readBoard(listener, spec, { coverage: listener.coverage(), at });
  const context = [
    `as it stood then, by what was known at ${momentOf(now, at, zone)}`,
    ...missingLine(unreadable),
  ];
  for (const { scheduler_id } of unreadable)
    listener.log.warn({ scheduler_id }, 'a past board is not whole: an event of it cannot be read');
  return renderBoardAnswer(board, { name, zone, table: listener.table, context });
}
