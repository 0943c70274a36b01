import { z } from 'zod';
import type { Examination } from '../../store/projections/rebuild.ts';
import { durationText } from '../../duration.ts';

/** What a replay did so far. Rows are of all projections. */
export const tally = z.object({
  schedulers: z.number(),
  events: z.number(),
  changed: z.number(),
  unchanged: z.number(),
  /** Rows with no event behind them: left, and removed. */
  orphaned: z.number(),
  pruned: z.number(),
  /** Fields that come from events past their retention. */
  carried: z.number(),
  /** Conflicts with writers, after which all was read again. */
  conflicts: z.number(),
  /** Rows that a newer version of the program owns, and that were left alone. */
  newer: z.number(),
  /** Rows that could not be looked at, or made anew, for themselves. */
  skipped: z.number().default(0),
});
export type Tally = z.infer<typeof tally>;

export const emptyTally: Tally = {
  schedulers: 0,
  events: 0,
  changed: 0,
  unchanged: 0,
  orphaned: 0,
  pruned: 0,
  carried: 0,
  conflicts: 0,
  newer: 0,
  skipped: 0,
};

/** Adds what was found about the rows of one projection; its events are counted by whoever read them first. */
export function addRows(to: Tally, found: Examination): void {
  to.changed += found.changed;
  to.unchanged += found.unchanged;
  to.orphaned += found.orphaned;
  to.pruned += found.pruned;
  to.carried += found.carried.length;
  to.conflicts += found.conflicts;
}

/** Two tallies added up. */
export function sum(a: Tally, b: Tally): Tally {
  return {
    schedulers: a.schedulers + b.schedulers,
    events: a.events + b.events,
    changed: a.changed + b.changed,
    unchanged: a.unchanged + b.unchanged,
    orphaned: a.orphaned + b.orphaned,
    pruned: a.pruned + b.pruned,
    carried: a.carried + b.carried,
    conflicts: a.conflicts + b.conflicts,
    newer: a.newer + b.newer,
    skipped: a.skipped + b.skipped,
  };
}

const grouped = new Intl.NumberFormat('en-GB');

/** `1 row`, `1,204 rows`. */
export function count(n: number, what: string): string {
  return `${grouped.format(n)} ${what}${n === 1 ? '' : 's'}`;
}

/** The closing lines, for people. */
export function tallyText(t: Tally, { dryRun, tookMs }: { dryRun: boolean; tookMs: number }): string {
  return [
    `${dryRun ? 'Compared' : 'Replayed'} ${count(t.schedulers, 'scheduler')} from ${count(t.events, 'event')} in ${durationText(tookMs)}.`,
    `${count(t.changed, 'row')} ${dryRun ? 'would change' : 'changed'}, ${count(t.unchanged, 'row')} unchanged, ${count(t.conflicts, 'conflict')} retried.`,
    ...(t.pruned > 0 ? [`${count(t.pruned, 'row')} with no event behind them removed.`] : []),
    ...(t.orphaned > 0
      ? [`${count(t.orphaned, 'row')} with no event behind them left: --prune removes them.`]
      : []),
    ...(t.carried > 0 ? [`${count(t.carried, 'field')} carried over from events past their retention.`] : []),
    ...(t.newer > 0 ? [`${count(t.newer, 'row')} of a newer version of Ronda left alone.`] : []),
    ...(t.skipped > 0
      ? [`${count(t.skipped, 'row')} skipped: "ronda replay --scheduler ID" tries again.`]
      : []),
    '',
  ].join('\n');
}
