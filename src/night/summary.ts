import type { CurrentState } from '../../projections/current-state.ts';
import type { HistoryEntry } from '../../projections/history.ts';
import { msOf } from '../events/time.ts';
import { boardOf, compareNames, type BoardInput, type Cell } from './board.ts';
import { addDays } from './local-time.ts';
import { nightOn, type Night } from './night.ts';
import { begunBefore, runsOf, type Runs } from './runs.ts';

export type JobName = {
  readonly scheduler_id: string;
  readonly service_name: string;
  readonly job_name: string;
};

/** What is to be said of a night when it is over. Instants are ms UTC in Ronda's time, durations ms. */
export type Summary = {
  readonly night: Night;
  /** How many schedulers there were, and how many of them stand at completed. */
  readonly schedulers: number;
  readonly completed: number;
  /** Of the runs of this night. */
  readonly firstStart: number | null;
  readonly lastEnd: number | null;
  readonly totalRunTime: number;
  /** The longest first, at most five. */
  readonly longest: readonly (JobName & { readonly duration: number })[];
  /** Every failure of the night, oldest first, and when the job completed after it. */
  readonly failures: readonly (JobName & {
    readonly at: number;
    readonly error: string | null;
    readonly recoveredAt: number | null;
  })[];
  readonly neverStarted: readonly JobName[];
  readonly stillRunning: readonly (JobName & { readonly since: number; readonly stale: boolean })[];
};

export type SummaryInput = Omit<BoardInput, 'rows'> & {
  readonly rows: readonly CurrentState[];
  /** The stored entries of each scheduler since the night began, in any order. */
  readonly histories: ReadonlyMap<string, readonly HistoryEntry[]>;
};

const maxLongest = 5;

/**
 * What is to be said of a night. Entries of other nights are passed over. A job that said nothing but `pending`
 * never started. Of what is equal in time or length, service, job and id decide which comes first.
 */
export function summaryOf({ histories, ...input }: SummaryInput): Summary {
  const { night } = input;
  const board = boardOf(input);
  const rows = new Map(input.rows.map((row) => [row.scheduler_id, row]));
  const nextStart = nightOn(addDays(night.date, 1), night).start;
  const jobs = board.cells.toSorted(compareNames).map((cell) => {
    const row = rows.get(cell.scheduler_id);
    const entries = (histories.get(cell.scheduler_id) ?? []).filter(({ timestamp }) => {
      const at = msOf(timestamp);
      return at >= night.start && at < nextStart;
    });
    return { cell, ...runsOf(entries, row === undefined ? null : begunBefore(row, night)) };
  });
  const durations = jobs.flatMap(({ cell, ends }) =>
    ends.flatMap(({ duration }) => (duration === null ? [] : [{ ...jobNameOf(cell), duration }])),
  );
  return {
    night,
    schedulers: board.cells.length,
    completed: board.counts.completed,
    firstStart: choose(
      jobs.map(({ firstStart }) => firstStart),
      Math.min,
    ),
    lastEnd: choose(
      jobs.map(({ ends }) => ends.at(-1)?.at ?? null),
      Math.max,
    ),
    totalRunTime: durations.reduce((total, { duration }) => total + duration, 0),
    longest: durations.toSorted((a, b) => b.duration - a.duration).slice(0, maxLongest),
    failures: jobs
      .flatMap(({ cell, failures }) => failures.map((failure) => ({ ...jobNameOf(cell), ...failure })))
      .sort((a, b) => a.at - b.at),
    neverStarted: jobs.filter(neverStarted).map(({ cell }) => jobNameOf(cell)),
    stillRunning: jobs.flatMap(({ cell }) =>
      (cell.state === 'running' || cell.state === 'stale') && cell.since !== null
        ? [{ ...jobNameOf(cell), since: cell.since, stale: cell.state === 'stale' }]
        : [],
    ),
  };
}

function neverStarted({ cell, firstStart, ends }: Runs & { readonly cell: Cell }): boolean {
  return cell.state === 'pending' && firstStart === null && ends.length === 0;
}

/** Pair by pair, since there may be more than a call takes arguments. */
function choose(
  instants: readonly (number | null)[],
  better: (a: number, b: number) => number,
): number | null {
  return instants.reduce((a, b) => (a === null ? b : b === null ? a : better(a, b)), null);
}

function jobNameOf({ scheduler_id, service_name, job_name }: Cell): JobName {
  return { scheduler_id, service_name, job_name };
}
