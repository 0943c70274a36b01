import { cellStates, type Board, type CellState } from '../../../night/board.ts';
import { maxText } from './blocks.ts';
import { inert, oneLine } from './escape.ts';
import { longDate, shortDate, zonedTimeOf } from './format.ts';
import { enumerated } from './lists.ts';
import { count, emojiOf } from './labels.ts';

/** What is said around the rows of a board, wherever it is shown. Zones are IANA names. */

const emptyBoard =
  'No schedulers yet. To see the first one here, register it (POST /api/v1/schedulers/register) or send its ' +
  'status to the queue.';

/** What stands in place of rows where there are none. */
export function noRowsText(board: Board): string {
  return board.notDue === 0 ? emptyBoard : 'Nothing is due tonight.';
}

/** `Night watch · Monday 23 November 2026 (Asia/Jakarta)`; a board that is not the one called `eod` says its name. */
export function boardTitle(board: Pick<Board, 'night'>, name: string, zone: string): string {
  return `${titleOf('Night watch', name)} · ${longDate(board.night.date)} (${zone})`;
}

/** `Night watch`, or with the name of a board other than `eod`: `Night watch payments`. */
export function titleOf(what: string, name: string): string {
  return name === 'eod' ? what : `${what} ${oneLine(name, maxName)}`;
}

/** `Night of 23 November 2026`, for the top-level text; a board other than `eod` says its name first. */
export function nightText(date: string, name: string): string {
  const night = `ight of ${shortDate(date)}`;
  return name === 'eod' ? `N${night}` : `${inert(name, maxName)}: n${night}`;
}

/** `❌ 2 failed · ⏰ 1 late · ⚠ 1 stale · …`: every state, so that the line always reads alike. */
export function countsText(board: Board): string {
  return statesOn(board)
    .map((state) => `${emojiOf(state)} ${board.counts[state]} ${state}`)
    .join(' · ');
}

/** The states that a board may have: late is none of them where nothing is expected of anybody. */
function statesOn({ counts, cells, notDue }: Board): CellState[] {
  const isExpected = counts.late > 0 || notDue > 0 || cells.some(({ due }) => due !== null);
  return cellStates.filter((state) => state !== 'late' || isExpected);
}

/** `12 jobs are not due tonight`: they have no line of their own. */
export function notDueText({ notDue }: Pick<Board, 'notDue'>): string[] {
  return notDue === 0 ? [] : [`${count(notDue, 'job')} ${notDue === 1 ? 'is' : 'are'} not due tonight`];
}

/** `updated 02:00 WIB`, then what else there is to know: at most eight lines. */
export function footnotes(at: number, warnings: readonly string[], zone: string): string[] {
  const shown = warnings.length <= maxWarnings ? warnings : warnings.slice(0, maxWarnings - 1);
  const more = warnings.length - shown.length;
  return [
    `updated ${zonedTimeOf(at, zone)}`,
    ...shown.map((warning) => oneLine(warning, maxWarning)),
    ...(more === 0 ? [] : [`and ${more} more warnings`]),
  ];
}

/** The essential in one text: the counts, and the names of what needs a person. */
export function boardText(board: Board, name: string, zone: string): string {
  const { night, at, cells, counts } = board;
  const numbers = statesOn(board).map((state) => `${counts[state]} ${state}`);
  const named = (['failed', 'late', 'stale'] as const).flatMap((state) => {
    const those = cells.filter((cell) => cell.state === state);
    const names = those
      .slice(0, maxNames)
      .map((cell) => `${inert(cell.service_name, 40)} / ${inert(cell.job_name, 60)}`);
    return names.length === 0
      ? []
      : [`${titles[state]}: ${enumerated(names, those.length, maxNamesLength)}.`];
  });
  const summary = [...numbers, ...notDueText(board)].join(', ');
  return [`${nightText(night.date, name)}, ${zonedTimeOf(at, zone)}: ${summary}.`, ...named].join(' ');
}

const titles = { failed: 'Failed', late: 'Late', stale: 'Stale' } as const;
/** Of the names of one state: three of them, and what stands before, stay below the text's limit. */
const maxNamesLength = Math.floor(maxText / 4);
const maxName = 40;
const maxNames = 20;
const maxWarnings = 7;
const maxWarning = 200;
