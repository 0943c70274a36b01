import type { Gap } from '../../../night/coverage.ts';
import type { BoardCaveats } from '../../../board/night-display.ts';
import { timeOf } from '../render/format.ts';

/** What a reader must know of a board that is incomplete: what is unread, and when there was no coverage. */
export function boardWarnings({ lag, gaps, deliveries }: BoardCaveats, zone: string): string[] {
  const shown = ({ from, to }: Gap): string => `monitor was down ${timeOf(from, zone)}-${timeOf(to, zone)}`;
  return [...lagLine(lag, zone), ...gaps.map(shown), ...deliveries];
}

function lagLine(lag: BoardCaveats['lag'], zone: string): string[] {
  if (lag === undefined) return [];
  if (lag.readUpTo === null) return ['nothing is being read at the moment: this may be out of date'];
  const asOf = `data as of ${timeOf(lag.readUpTo, zone)}`;
  return [lag.queued === null ? asOf : `${asOf}, ${lag.queued} events queued`];
}
