import type { Gap } from '../../../night/coverage.ts';
import type { BoardCaveats } from '../../../board/night-display.ts';
import { inert } from '../render/escape.ts';
import { timeOf } from '../render/format.ts';
import { enumerated } from '../render/lists.ts';

/** What a reader must know of a board that is incomplete: what is unread, and when there was no coverage. */
export function boardWarnings({ lag, gaps, unreadable, deliveries }: BoardCaveats, zone: string): string[] {
  const shown = ({ from, to }: Gap): string => `monitor was down ${timeOf(from, zone)}-${timeOf(to, zone)}`;
  return [...lagLine(lag, zone), ...gaps.map(shown), ...missing(unreadable), ...deliveries];
}

function missing(ids: readonly string[]): string[] {
  return ids.length === 0
    ? []
    : [
        `missing: ${enumerated(
          ids.map((id) => inert(id, 60)),
          ids.length,
          300,
        )} cannot be read`,
      ];
}

function lagLine(lag: BoardCaveats['lag'], zone: string): string[] {
  if (lag === undefined) return [];
  if (lag.readUpTo === null) return ['nothing is being read at the moment: this may be out of date'];
  const asOf = `data as of ${timeOf(lag.readUpTo, zone)}`;
  return [lag.queued === null ? asOf : `${asOf}, ${lag.queued} events queued`];
}
