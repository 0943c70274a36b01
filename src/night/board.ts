import { membership, type CurrentState } from '../../projections/current-state.ts';
import { readExpectation } from '../events/expectation.ts';
import { compareText } from '../events/order.ts';
import { msOf } from '../events/time.ts';
import type { Night } from './night.ts';
import { latestRunTime } from './runs.ts';
import type { Judgement, Verdict } from './verdicts.ts';

/** What a board says of a scheduler, in the order of what needs a person. */
export const cellStates = ['failed', 'late', 'stale', 'running', 'pending', 'completed'] as const;
export type CellState = (typeof cellStates)[number];

/** One scheduler's line of a board. Instants are ms UTC in Ronda's time, durations ms. */
export type Cell = {
  readonly scheduler_id: string;
  readonly service_name: string;
  readonly job_name: string;
  readonly state: CellState;
  /** When the state began: of a running or stale job its start, of an ended one its end. */
  readonly since: number | null;
  /** How long the run took, or has taken so far. */
  readonly duration: number | null;
  /** Of a failed one. */
  readonly error: string | null;
  /** The last sign of life of a running or stale one. */
  readonly heartbeat: number | null;
  readonly registered: boolean;
  /** Who acknowledged the failure that the cell shows. */
  readonly acknowledgedBy: string | null;
  /** Until when its alerts are snoozed, if that lies ahead, and by whom. */
  readonly snoozed: { readonly until: number; readonly by: string } | null;
  /** Of one that is due tonight: the slot that it shows, the latest that has come. */
  readonly due: Due | null;
};

/** What a cell shows of its slot. */
export type Due = Pick<
  Judgement,
  'verdict' | 'flags' | 'startBy' | 'finishBy' | 'waitingFor' | 'excuse' | 'beganAt'
> & {
  readonly at: number;
  /** Whether its job does, or did tonight, what no slot of tonight is for: a run of another day, say. */
  readonly otherRun: boolean;
};

export type Board = {
  readonly night: Night;
  /** The instant that it shows. */
  readonly at: number;
  /** Sorted by state, then service, job and id. */
  readonly cells: readonly Cell[];
  readonly counts: Readonly<Record<CellState, number>>;
  /** How many schedulers with an expectation are left out, since nothing is due of them tonight. */
  readonly notDue: number;
};

type CellName = Pick<Cell, 'scheduler_id' | 'service_name' | 'job_name'>;

export type BoardInput = {
  readonly rows: Iterable<CurrentState>;
  readonly night: Night;
  /** Now, or the instant that the rows were folded up to. */
  readonly at: number;
  /** Which schedulers are stale, whatever their status. */
  readonly staleIds: { readonly has: (scheduler_id: string) => boolean };
  /** Only those of these services; null: all. */
  readonly services: readonly string[] | null;
  /**
   * Of each scheduler that something is expected of, what became of its slots around the night, oldest first; absent:
   * expectations are left aside.
   */
  readonly judgementsOf?: (scheduler_id: string) => readonly Judgement[];
};

/**
 * The board of a night. What was removed is not in it, nor what is known by no registration and no status.
 * A status from after `at` counts: services' clocks may run some minutes ahead.
 */
export function boardOf(input: BoardInput): Board {
  const { rows, night, at, staleIds, services, judgementsOf } = input;
  const wanted = services === null ? null : new Set(services);
  const cells: Cell[] = [];
  const counts = noCounts();
  let notDue = 0;
  for (const row of rows) {
    const name = cellNameOf(row);
    if (name === null || wanted?.has(name.service_name) === false) continue;
    const isStale = staleIds.has(row.scheduler_id);
    const plain = { ...name, ...cellOf(row, night, at, isStale) };
    const tonight = judgementsOf?.(row.scheduler_id).filter(({ slot }) => slot.date === night.date) ?? [];
    const judged = tonight.findLast(({ slot }) => slot.at <= at) ?? tonight[0];
    const isExpected = judgementsOf !== undefined && hasExpectation(row);
    if (judged === undefined && isExpected && plain.state === 'pending') {
      notDue += 1;
      continue;
    }
    const cell = judged === undefined ? plain : dueCell(plain, judged, at, isStale);
    cells.push(cell);
    counts[cell.state] += 1;
  }
  return { night, at, cells: cells.sort(compareCells), counts, notDue };
}

/** Whether something is expected of it that this program understands. */
function hasExpectation({ expectation }: CurrentState): boolean {
  return expectation?.value != null && readExpectation(expectation.value) !== undefined;
}

function noCounts(): Record<CellState, number> {
  return { failed: 0, late: 0, stale: 0, running: 0, pending: 0, completed: 0 };
}

/** What a board calls a verdict. */
export const stateOfVerdict = {
  ...{ completed: 'completed', failed: 'failed', running: 'running', overdue: 'late' },
  ...{ late: 'late', missed: 'late', waiting: 'pending', excused: 'pending', unknown: 'pending' },
} as const satisfies Record<Verdict, CellState>;

/** A cell that shows the verdict of a slot, whatever its job's latest status is. */
function dueCell(plain: Cell, judged: Judgement, at: number, isStale: boolean): Cell {
  const { slot, run, verdict, heard, flags, startBy, finishBy, waitingFor, excuse, beganAt } = judged;
  const goesOn = run !== null && run.endedAt === null;
  // What nobody knows yet is shown as it was known last.
  const shown = stateOfVerdict[heard];
  const state = shown === 'running' && isStale ? 'stale' : shown;
  return {
    ...plain,
    state,
    since: run === null ? (state === 'late' ? slot.at : null) : (run.endedAt ?? run.startedAt),
    duration: run === null ? null : goesOn ? Math.max(0, at - run.startedAt) : run.duration,
    error: run?.error ?? null,
    heartbeat: goesOn ? plain.heartbeat : null,
    acknowledgedBy: state === 'failed' ? plain.acknowledgedBy : null,
    due: {
      ...{ at: slot.at, verdict, flags, startBy, finishBy, waitingFor, excuse, beganAt },
      otherRun: run === null && plain.state !== 'pending',
    },
  };
}

/** The part of a board with some of its cells; its counts are theirs. Pure. */
export function partOf(board: Board, isIn: (cell: Cell) => boolean): Board {
  const cells = board.cells.filter(isIn);
  const counts = noCounts();
  for (const { state } of cells) counts[state] += 1;
  return { ...board, cells, counts, notDue: 0 };
}

/** What a scheduler is called: by its registration, or where there never was one by its latest status. */
function cellNameOf(row: CurrentState): CellName | null {
  const named = row.registration ?? row.status;
  if (named === null || membership(row) === 'removed') return null;
  const { service_name, job_name } = named;
  return { scheduler_id: row.scheduler_id, service_name, job_name };
}

function cellOf(row: CurrentState, night: Night, at: number, stale: boolean): Omit<Cell, keyof CellName> {
  const { status, snooze } = row;
  const cell = {
    state: 'pending',
    since: null,
    duration: null,
    error: null,
    heartbeat: null,
    registered: membership(row) === 'registered',
    due: null,
    acknowledgedBy: null,
    snoozed: snooze !== null && msOf(snooze.until) > at ? { until: msOf(snooze.until), by: snooze.by } : null,
  } as const;
  if (status === null || status.status === 'pending') return cell;
  const since = msOf(status.at);
  if (status.status === 'running') {
    const heartbeat = row.heartbeat === null ? null : msOf(row.heartbeat.at);
    return {
      ...cell,
      state: stale ? 'stale' : 'running',
      since,
      duration: Math.max(0, at - since),
      heartbeat,
    };
  }
  // Yesterday's end says nothing of tonight.
  if (since < night.start) return cell;
  const ended = { ...cell, state: status.status, since, duration: latestRunTime(row) };
  if (status.status === 'completed') return ended;
  const acknowledged = row.acknowledgement?.failure_event_id === status.id;
  return {
    ...ended,
    error: status.error_message,
    acknowledgedBy: acknowledged ? (row.acknowledgement?.by ?? null) : null,
  };
}

/** By state, then names: the order of a board. */
export function compareCells(a: Cell, b: Cell): number {
  return cellStates.indexOf(a.state) - cellStates.indexOf(b.state) || compareNames(a, b);
}

/** By service, job and id. */
export function compareNames(a: CellName, b: CellName): number {
  return (
    compareText(a.service_name, b.service_name) ||
    compareText(a.job_name, b.job_name) ||
    compareText(a.scheduler_id, b.scheduler_id)
  );
}
