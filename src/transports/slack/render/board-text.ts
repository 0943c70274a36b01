import { cellStates, type Board } from '../../../night/board.ts';
import { maxText } from './blocks.ts';
import { inert, oneLine } from './escape.ts';
import { longDate, shortDate, zonedTimeOf } from './format.ts';
import { enumerated } from './lists.ts';
import { emojiOf } from './labels.ts';

/** What is said around the rows of a board, wherever it is shown. Zones are IANA names. */

export const emptyBoard =
  'No schedulers yet. To see the first one here, register it (POST /api/v1/schedulers/register) or send its ' +
  'status to the queue.';

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

/** `❌ 2 failed · ⚠ 1 stale · …`: every state, so that the line always reads alike. */
export function countsText({ counts }: Board): string {
  return cellStates.map((state) => `${emojiOf(state)} ${counts[state]} ${state}`).join(' · ');
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
  const numbers = cellStates.map((state) => `${counts[state]} ${state}`).join(', ');
  const named = (['failed', 'stale'] as const).flatMap((state) => {
    const those = cells.filter((cell) => cell.state === state);
    const names = those
      .slice(0, maxNames)
      .map((cell) => `${inert(cell.service_name, 40)} / ${inert(cell.job_name, 60)}`);
    const title = state === 'failed' ? 'Failed' : 'Stale';
    return names.length === 0 ? [] : [`${title}: ${enumerated(names, those.length, maxText / 3)}.`];
  });
  return [`${nightText(night.date, name)}, ${zonedTimeOf(at, zone)}: ${numbers}.`, ...named].join(' ');
}

const maxName = 40;
const maxNames = 20;
const maxWarnings = 7;
const maxWarning = 200;
