import type { Cell, CellState } from '../../../night/board.ts';
import type { Status } from '../../../events/order.ts';
import { oneLine } from './escape.ts';

/** The wording that all messages share. */

const emoji = {
  failed: '❌',
  late: '⏰',
  stale: '⚠',
  running: '🟡',
  pending: '⬜',
  completed: '✅',
} as const satisfies Record<CellState | Status, string>;

/** `❌ failed` */
export function stateText(state: CellState | Status): string {
  return `${emoji[state]} ${state}`;
}

/** `⏰ overdue`: of what is late the word of its verdict, since late, overdue and missed ask for different things. */
export function cellText(cell: Pick<Cell, 'state' | 'due'>): string {
  return `${emoji[cell.state]} ${wordOf(cell)}`;
}

/** What a cell is called: its state, and where that is `late` its verdict. */
export function wordOf({ state, due }: Pick<Cell, 'state' | 'due'>): string {
  const verdict = due?.verdict;
  return state === 'late' && (verdict === 'overdue' || verdict === 'missed') ? verdict : state;
}

/** The sign of a state, for colour alone: its word stands beside it wherever it matters. */
export function emojiOf(state: CellState | Status): string {
  return emoji[state];
}

/** `1 job`, `2 jobs` */
export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

type Named = { readonly service_name: string; readonly job_name: string };

/** `billing / close-day`, one line for places that parse nothing: at most 83 UTF-16 units. */
export function jobLabel({ service_name, job_name }: Named): string {
  return `${oneLine(service_name, 30)} / ${oneLine(job_name, 50)}`;
}

/**
 * Who did something, as readers know them: events name people `sari (U0SARI)`, so that an operator can tell two of
 * one name apart, and a bare id where Slack gave no name.
 */
export function personText(by: string): string {
  const name = oneLine(by, 60).replace(/ \([UW][A-Z0-9]{2,20}\)$/, '');
  return /^[UW][A-Z0-9]{2,20}$/.test(name) ? 'somebody in Slack' : name;
}
