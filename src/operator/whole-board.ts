import type { CurrentState } from '../../projections/current-state.ts';
import { readCoverage } from '../board/coverage.ts';
import { UnreadableEventError } from '../errors.ts';
import { msOf } from '../events/time.ts';
import { boardOf, compareCells, type Cell } from '../night/board.ts';
import { boardFor, type BoardSpec } from '../night/boards.ts';
import type { StaleLimits } from '../night/assess-coverage.ts';
import { nightAt } from '../night/night.ts';
import { staleJobsOf } from '../night/stale.ts';
import { stateAsOf } from '../store/projections/as-of.ts';
import { schedulerRows } from '../store/projections/scheduler-rows.ts';
import type { Store } from '../store/store.ts';
import { inParallel } from '../in-parallel.ts';

export type WholeBoard = {
  readonly cells: readonly Cell[];
  readonly rows: ReadonlyMap<string, CurrentState>;
  /** Schedulers whose rows cannot be read: `ronda replay` makes them anew. Of a past board there are none. */
  readonly unreadable: readonly string[];
};

export type WholeBoardOptions = {
  readonly boards: readonly BoardSpec[];
  readonly defaultTimeoutMs: number;
  /** UTC; undefined: now. */
  readonly asOf: string | undefined;
  readonly signal: AbortSignal;
  /** Called with how many schedulers are read, and of how many; 0: not known. */
  readonly progress: (done: number, total: number) => void;
};

/** How many streams are read at a time. */
const streamsAtOnce = 16;

/**
 * Every scheduler's line of the board that has its alerts, now or as it stood. A scheduler is found by its row, so
 * one whose row is missing is not: `ronda verify` names those.
 *
 * Stale on a past board is what was stale then by the events that are known now; of the present one only as far as
 * Ronda surely had coverage.
 */
export async function wholeBoard(store: Store, options: WholeBoardOptions): Promise<WholeBoard> {
  const { boards, defaultTimeoutMs, asOf } = options;
  const { rows, unreadable } =
    asOf === undefined ? await rowsNow(store, options) : await rowsAsOf(store, asOf, options);
  const at = asOf === undefined ? store.clock.now() : msOf(asOf);
  const limits = asOf === undefined ? (await readCoverage(store)).limits : limitsThen(store, at);
  const byBoard = Map.groupBy(rows.values(), (row) =>
    boardFor(boards, (row.registration ?? row.status)?.service_name ?? ''),
  );
  const cells = [...byBoard].flatMap(([spec, own]) => {
    const night = nightAt(at, spec);
    const staleIds = staleJobsOf(own, { ...limits, defaultTimeoutMs, night });
    return boardOf({ rows: own, night, at, staleIds, services: null }).cells;
  });
  return { cells: cells.sort(compareCells), rows, unreadable };
}

type Found = Pick<WholeBoard, 'rows' | 'unreadable'>;

async function rowsNow(store: Store, { signal, progress }: WholeBoardOptions): Promise<Found> {
  const rows = new Map<string, CurrentState>();
  const unreadable: string[] = [];
  for await (const [id, { state }] of schedulerRows.scanStored(store)) {
    if (signal.aborted) break;
    if (state === undefined) unreadable.push(id);
    else rows.set(id, state);
    progress(rows.size, 0);
  }
  return { rows, unreadable };
}

async function rowsAsOf(store: Store, asOf: string, { signal, progress }: WholeBoardOptions): Promise<Found> {
  const ids: string[] = [];
  for await (const [id] of schedulerRows.scanStored(store)) ids.push(id);
  const rows = new Map<string, CurrentState>();
  const unreadable: string[] = [];
  let done = 0;
  await inParallel(ids, streamsAtOnce, async (id) => {
    if (signal.aborted) return;
    const state = await stateAsOf(store, id, asOf).catch((error: unknown) => {
      if (!(error instanceof UnreadableEventError)) throw error;
      unreadable.push(id);
      return undefined;
    });
    if (state !== undefined) rows.set(id, state);
    done += 1;
    progress(done, ids.length);
  });
  return { rows, unreadable };
}

function limitsThen({ clock, retention }: Store, at: number): StaleLimits {
  const isKept = at > clock.now() - retention.heartbeatMs;
  return { judgedAt: isKept ? at : null, coveredSince: 0 };
}
