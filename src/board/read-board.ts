import type { CurrentState } from '../../projections/current-state.ts';
import { UnreadableEventError } from '../errors.ts';
import { utc } from '../events/time.ts';
import { inParallel } from '../in-parallel.ts';
import { limitsAt, type KnownCoverage, type StaleLimits } from '../night/assess-coverage.ts';
import { boardOf, type Board } from '../night/board.ts';
import { boardFor, type BoardSpec } from '../night/boards.ts';
import { nightAt, type Night } from '../night/night.ts';
import { staleJobsOf } from '../night/stale.ts';
import type { Verdicts } from '../night/verdicts.ts';
import { stateAsOf } from '../store/projections/as-of.ts';
import { schedulerRows } from '../store/projections/scheduler-rows.ts';
import type { Store } from '../store/store.ts';
import type { VerdictReader } from './read-verdicts.ts';

/** What boards are read from: every reader of one has these. */
export type BoardSource = {
  readonly store: Store;
  readonly stale: { readonly defaultTimeoutMs: number };
  readonly boards: readonly BoardSpec[];
  readonly verdicts: VerdictReader;
};

/** A scheduler that may be missing: its row cannot be read (`row` null), or of a past board one of its events. */
export type Unreadable = { readonly scheduler_id: string; readonly row: CurrentState | null };

/** All schedulers at an instant, and by what they may be called stale. */
export type Snapshot = {
  /** ms UTC, Ronda's time. */
  readonly at: number;
  readonly rows: ReadonlyMap<string, CurrentState>;
  readonly unreadable: readonly Unreadable[];
  readonly limits: StaleLimits & { readonly defaultTimeoutMs: number };
  /** Of the slots a day around the instant. */
  readonly verdicts: Verdicts;
};

export type ReadOptions = {
  /** What `readCoverage` finds, or what the coverage monitor of this process found last. */
  readonly coverage: KnownCoverage;
  /** The instant to show, ms UTC; undefined: now. */
  readonly at?: number | undefined;
  /** Called after each scheduler: how many are read, and of how many (0: not known). What it throws ends the reading. */
  readonly onScheduler?: (done: number, total: number) => Promise<void> | void;
  /** Waited for after each event of a past board; what it throws ends the reading. */
  readonly onEvent?: () => Promise<void> | void;
};

const dayMs = 86_400_000;
/** How many streams are read at a time: a fleet's are not asked for all at once. */
const streamsAtOnce = 16;

/**
 * Every scheduler as it stands, by its row, or as it stood at an instant, by its events up to it, those included
 * that came late. A scheduler is found by its row: `ronda verify` names one whose row is missing.
 *
 * One rule says what is stale, now or then: `limitsAt`.
 */
export async function readSnapshot(source: BoardSource, options: ReadOptions): Promise<Snapshot> {
  const { store } = source;
  const { at, onScheduler } = options;
  const stored = new Map<string, CurrentState | null>();
  for await (const [id, { state }] of schedulerRows.scanStored(store)) {
    stored.set(id, state ?? null);
    if (at === undefined) await onScheduler?.(stored.size, 0);
  }
  const snapshotOf = async (found: typeof stored, shownAt: number): Promise<Snapshot> => {
    const facts = {
      at: shownAt,
      rows: new Map([...found].flatMap(([id, row]) => (row === null ? [] : [[id, row]]))),
      limits: limitsOf(source, options.coverage, shownAt),
    };
    const around = { from: shownAt - dayMs, to: shownAt + dayMs };
    return {
      ...facts,
      unreadable: [...found].flatMap(([scheduler_id, row]) =>
        row === null ? [{ scheduler_id, row: stored.get(scheduler_id) ?? null }] : [],
      ),
      verdicts: await source.verdicts.read(facts, around, options.coverage.gaps),
    };
  };
  if (at === undefined) return await snapshotOf(stored, store.clock.now());
  const then = new Map<string, CurrentState | null>();
  let done = 0;
  await inParallel(stored.keys(), streamsAtOnce, async (id) => {
    const row = await rowThen(store, id, at, options);
    if (row !== undefined) then.set(id, row);
    await onScheduler?.((done += 1), stored.size);
  });
  return await snapshotOf(then, at);
}

/** @returns null when one of its events cannot be read, undefined when there was no such scheduler */
async function rowThen(
  store: Store,
  id: string,
  at: number,
  { onEvent }: ReadOptions,
): Promise<CurrentState | null | undefined> {
  try {
    return await stateAsOf(store, id, utc(at), { onEvent });
  } catch (error) {
    if (!(error instanceof UnreadableEventError)) throw error;
    return null;
  }
}

/** By what may be judged at an instant (ms UTC); before the retention of heartbeats, nothing. */
export function limitsOf(
  { store: { clock, retention }, stale }: Pick<BoardSource, 'store' | 'stale'>,
  coverage: KnownCoverage,
  at: number,
): Snapshot['limits'] {
  return { ...limitsAt(coverage, at, clock.now() - retention.heartbeatMs), ...stale };
}

export type BoardReading = Pick<Snapshot, 'unreadable' | 'rows'> & { readonly board: Board };

/** A board, now or as it stood, and which schedulers may be missing on it. */
export async function readBoard(
  source: BoardSource,
  spec: BoardSpec,
  options: ReadOptions,
): Promise<BoardReading> {
  return boardIn(await readSnapshot(source, options), spec);
}

/**
 * The same, out of what is read already. Pure.
 * @param night another than the one that the snapshot's instant lies in: at its end, say, which begins the next
 */
export function boardIn(snapshot: Snapshot, spec: BoardSpec, night?: Night): BoardReading {
  const { rows, unreadable } = snapshot;
  const { services } = spec;
  // Of what cannot be read nobody knows the service: it may be missing on any board.
  const isOn = ({ row }: Unreadable): boolean => row === null || (services?.includes(serviceOf(row)) ?? true);
  return { board: draw(snapshot, rows.values(), spec, night), rows, unreadable: unreadable.filter(isOn) };
}

/** The boards, with each scheduler on the one that has its alerts. Pure. */
export function alertBoardsIn(
  snapshot: Pick<Snapshot, 'rows' | 'at' | 'limits' | 'verdicts'>,
  boards: readonly BoardSpec[],
): Board[] {
  const byBoard = Map.groupBy(snapshot.rows.values(), (row) => boardFor(boards, serviceOf(row)));
  return [...byBoard].map(([spec, rows]) => draw(snapshot, rows, { ...spec, services: null }));
}

function draw(
  { at, limits, verdicts }: Pick<Snapshot, 'at' | 'limits' | 'verdicts'>,
  rows: Iterable<CurrentState>,
  spec: BoardSpec,
  night = nightAt(at, spec),
): Board {
  const all = [...rows];
  const staleIds = staleJobsOf(all, { ...limits, night });
  return boardOf({ rows: all, night, at, staleIds, services: spec.services, judgementsOf: verdicts.of });
}

/** The service that a scheduler belongs to; empty where nothing says it. */
export function serviceOf(row: CurrentState): string {
  return (row.registration ?? row.status)?.service_name ?? '';
}
