import type { CurrentState } from '../../../projections/current-state.ts';
import type { Clock } from '../../clock.ts';
import { UnreadableEventError } from '../../errors.ts';
import { utc } from '../../events/time.ts';
import { boardOf, type Board, type Cell } from '../../night/board.ts';
import { boardFor, type BoardSpec } from '../../night/boards.ts';
import type { StaleLimits } from '../../night/assess-coverage.ts';
import { nightAt, type Night } from '../../night/night.ts';
import { staleJobsOf } from '../../night/stale.ts';
import { readHistory } from '../../store/projections/history-rows.ts';
import { foldStream } from '../../store/projections/project.ts';
import { readRow, scanRows } from '../../store/projections/scheduler-rows.ts';
import type { Store } from '../../store/store.ts';
import { lastRuns } from './listeners/last-runs.ts';
import type { Run } from './render/eod.ts';

/** What a person may ask to see, read from the tables. Instants are ms UTC in Ronda's time. */

export type BoardQueries = {
  readonly store: Store;
  readonly clock: Clock;
  readonly boards: readonly [BoardSpec, ...BoardSpec[]];
  readonly stale: { readonly defaultTimeoutMs: number };
  readonly coverage: () => StaleLimits;
};

/** A scheduler, the line that a board has for it, and the night of that board. */
export type Found = { readonly row: CurrentState; readonly cell: Cell; readonly night: Night };

/** The board that a channel shows; in any other channel the first one. */
export function boardOfChannel({ boards }: Pick<BoardQueries, 'boards'>, channel: string): BoardSpec {
  return boards.find((board) => board.channel === channel) ?? boards[0];
}

/** The board now. */
export async function readBoard(queries: BoardQueries, spec: BoardSpec): Promise<Board> {
  const rows = await readAllRows(queries.store);
  const at = queries.clock.now();
  return pictureOf(queries, rows, { spec, at, limits: queries.coverage() });
}

/** How many streams are read at a time: a fleet's are not asked for all at once. */
const streamsAtOnce = 16;

/** A board, and the schedulers as they are now that may be missing on it, since their events cannot be read. */
export type PastBoard = { readonly board: Board; readonly unreadable: readonly CurrentState[] };

/**
 * The board as it stood at an instant, out of each scheduler's events up to it. What was stale then by its events
 * shows so, as far as its heartbeats are still kept.
 */
export async function readBoardAt(queries: BoardQueries, spec: BoardSpec, at: number): Promise<PastBoard> {
  const { store, clock } = queries;
  const unreadable: CurrentState[] = [];
  const folded = await mapAtMost(streamsAtOnce, await readAllRows(store), async (row) => {
    try {
      return (await foldStream(store, row.scheduler_id, { until: utc(at) }))[0];
    } catch (error) {
      if (!(error instanceof UnreadableEventError)) throw error;
      if (spec.services?.includes(serviceOf(row)) !== false) unreadable.push(row);
      return undefined;
    }
  });
  const rows = folded.filter((row) => row !== undefined);
  const { judgedAt, coveredSince, unapplied } = queries.coverage();
  const isKept = at > clock.now() - store.retention.heartbeatMs;
  const limits = {
    judgedAt: judgedAt === null || !isKept ? null : Math.min(judgedAt, at),
    // What went stale before the last start of coverage was judged before it.
    coveredSince: coveredSince <= at ? coveredSince : 0,
    unapplied,
  };
  return { board: pictureOf(queries, rows, { spec, at, limits }), unreadable };
}

function serviceOf(row: CurrentState): string {
  return (row.registration ?? row.status)?.service_name ?? '';
}

/** Every scheduler that is on any board, as it stands now. */
export async function readSchedulers(queries: BoardQueries): Promise<Found[]> {
  return findingsOf(queries, await readAllRows(queries.store));
}

/** One scheduler, read consistently; undefined when it is unknown or removed. */
export async function readScheduler(queries: BoardQueries, schedulerId: string): Promise<Found | undefined> {
  const stored = await readRow(queries.store, schedulerId);
  return stored?.state === undefined ? undefined : findingsOf(queries, [stored.state])[0];
}

/** The rows with their lines of the boards that have their alerts; without those that no board shows. */
function findingsOf(queries: BoardQueries, rows: readonly CurrentState[]): Found[] {
  const { boards, clock, coverage } = queries;
  const view = { at: clock.now(), limits: coverage() };
  const byId = new Map(rows.map((row) => [row.scheduler_id, row]));
  const byBoard = Map.groupBy(rows, (row) => boardFor(boards, serviceOf(row)));
  return [...byBoard].flatMap(([spec, own]) => {
    const { cells, night } = pictureOf(queries, own, { ...view, spec: { ...spec, services: null } });
    return cells.flatMap((cell) => {
      const row = byId.get(cell.scheduler_id);
      return row === undefined ? [] : [{ row, cell, night }];
    });
  });
}

/** Of this many entries of a history the last runs are made. */
const entriesRead = 60;

/** What a scheduler did last, newest first. */
export async function readLastRuns(store: Store, schedulerId: string, max: number): Promise<Run[]> {
  const entries = [];
  for await (const entry of readHistory(store, schedulerId, {})) {
    entries.push(entry);
    if (entries.length === entriesRead) break;
  }
  return lastRuns(entries, max);
}

type View = { readonly spec: BoardSpec; readonly at: number; readonly limits: StaleLimits };

function pictureOf(queries: BoardQueries, rows: readonly CurrentState[], { spec, at, limits }: View): Board {
  const night = nightAt(at, spec);
  const { defaultTimeoutMs } = queries.stale;
  const staleIds = staleJobsOf(rows, { ...limits, defaultTimeoutMs, night });
  return boardOf({ rows, night, at, staleIds, services: spec.services });
}

async function readAllRows(store: Store): Promise<CurrentState[]> {
  const rows: CurrentState[] = [];
  for await (const row of scanRows(store)) rows.push(row);
  return rows;
}

/** The results in the order of the items, with at most so many calls under way. */
async function mapAtMost<T, U>(
  limit: number,
  items: readonly T[],
  work: (item: T) => Promise<U>,
): Promise<U[]> {
  const results: U[] = [];
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return results;
}
