import type { CurrentState } from '../../projections/current-state.ts';
import type { HistoryEntry } from '../../projections/history.ts';
import { msOf } from '../events/time.ts';
import { boardOf, compareNames, type BoardInput, type Cell, type Due } from './board.ts';
import { addDays } from './local-time.ts';
import { nightOn, type Night } from './night.ts';
import { begunBefore, runsOf, type Runs } from './runs.ts';
import type { Flag, Judgement } from './verdicts.ts';

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
  /** What became of the slots of the night's date; null where nothing was expected of anybody. */
  readonly slots: SlotCounts | null;
  /** Those that are late, missed or overdue as the night ends, by their last slot. */
  readonly late: readonly (JobName & { readonly due: Due; readonly since: number | null })[];
  /** Those that have not begun since others have not completed. */
  readonly waiting: readonly (JobName & { readonly waitingFor: readonly string[] })[];
  /** Those that completed too fast, too slowly, or with a result that is not what is expected. */
  readonly doubtful: readonly (JobName & { readonly due: Due; readonly since: number | null })[];
  /** How many need not have completed: excused, or due after the night. */
  readonly notOwed: number;
  /** Of how many nobody knows yet what became of them. */
  readonly unknown: number;
};

/** How many slots there were, and what became of them: all others sum to `expected`. */
export type SlotCounts = Readonly<
  Record<
    | 'expected'
    | 'inTime'
    /** Not begun in time, or begun or ended too late. */
    | 'late'
    | 'overdue'
    | 'failed'
    | 'missed'
    | 'excused'
    | 'unknown'
    | 'running'
    | 'waiting',
    number
  >
>;

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
    ...expectedOf(jobs.map(({ cell }) => cell)),
    slots: slotCounts(input),
    stillRunning: jobs.flatMap(({ cell }) =>
      (cell.state === 'running' || cell.state === 'stale') && cell.since !== null
        ? [{ ...jobNameOf(cell), since: cell.since, stale: cell.state === 'stale' }]
        : [],
    ),
  };
}

export type OpenFailure = Summary['failures'][number] & { readonly times: number };

/** The jobs that failed and did not recover, by their last failure, the oldest first. Pure. */
export function openFailures(failures: Summary['failures']): OpenFailure[] {
  const byJob = Map.groupBy(
    failures.filter(({ recoveredAt }) => recoveredAt === null),
    ({ scheduler_id, service_name, job_name }) => JSON.stringify([scheduler_id, service_name, job_name]),
  );
  return [...byJob.values()].flatMap((own) => {
    const last = own.at(-1);
    return last === undefined ? [] : [{ ...last, times: own.length }];
  });
}

function neverStarted({ cell, firstStart, ends }: Runs & { readonly cell: Cell }): boolean {
  // Of what is due its verdict says that.
  return cell.due === null && cell.state === 'pending' && firstStart === null && ends.length === 0;
}

type ExpectedPart = Pick<Summary, 'late' | 'waiting' | 'doubtful' | 'notOwed' | 'unknown'>;

/** What is to be said of the cells that show a slot. */
function expectedOf(cells: readonly Cell[]): ExpectedPart {
  const due = cells.flatMap((cell) => (cell.due === null ? [] : [{ ...cell, due: cell.due }]));
  const told = (isIn: (one: Cell & { readonly due: Due }) => boolean) =>
    due.filter(isIn).map((cell) => ({ ...jobNameOf(cell), due: cell.due, since: cell.since }));
  const unbegun = due.filter(({ state }) => state === 'pending');
  const isWaiting = ({ due: { verdict, waitingFor } }: { readonly due: Due }): boolean =>
    verdict === 'waiting' && waitingFor.length > 0;
  const isUnknown = ({ due }: { readonly due: Due }): boolean => due.verdict === 'unknown';
  return {
    late: told(({ state }) => state === 'late'),
    waiting: unbegun
      .filter(isWaiting)
      .map((cell) => ({ ...jobNameOf(cell), waitingFor: cell.due.waitingFor })),
    doubtful: told(
      ({ state, due }) => state === 'completed' && due.flags.some((flag) => resultFlags.has(flag)),
    ),
    notOwed: unbegun.filter((one) => !isWaiting(one) && !isUnknown(one)).length,
    unknown: unbegun.filter(isUnknown).length,
  };
}

const resultFlags: ReadonlySet<Flag> = new Set(['too_short', 'too_long', 'unmet']);

/** Counts the slots of the night's date, also of jobs that were removed since. */
function slotCounts({
  rows,
  night,
  services,
  judgementsOf,
}: Omit<SummaryInput, 'histories'>): SlotCounts | null {
  if (judgementsOf === undefined) return null;
  const judgements = rows
    .filter((row) => services?.includes((row.registration ?? row.status)?.service_name ?? '') ?? true)
    .flatMap((row) => judgementsOf(row.scheduler_id))
    .filter(({ slot }) => slot.date === night.date);
  if (judgements.length === 0) return null;
  const counts = {
    ...{ expected: judgements.length, inTime: 0, late: 0, overdue: 0, failed: 0, missed: 0 },
    ...{ excused: 0, unknown: 0, running: 0, waiting: 0 },
  };
  for (const judgement of judgements) counts[countedAs(judgement)] += 1;
  return counts;
}

function countedAs({ verdict, flags }: Judgement): Exclude<keyof SlotCounts, 'expected'> {
  if (verdict !== 'completed') return verdict;
  return flags.includes('began_late') || flags.includes('ended_late') ? 'late' : 'inTime';
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
