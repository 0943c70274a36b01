import type { CurrentState } from '../../../projections/current-state.ts';
import { alertBoardsIn, limitsOf, readSnapshot, type BoardSource } from '../../board/read-board.ts';
import type { Clock } from '../../clock.ts';
import type { KnownCoverage } from '../../night/assess-coverage.ts';
import type { Cell } from '../../night/board.ts';
import type { BoardSpec } from '../../night/boards.ts';
import type { Night } from '../../night/night.ts';
import { readHistory } from '../../store/projections/history-rows.ts';
import { readRow } from '../../store/projections/scheduler-rows.ts';
import type { Store } from '../../store/store.ts';
import { lastRuns } from './listeners/last-runs.ts';
import type { Run } from './render/eod.ts';

/** What a person may ask to see, read from the tables. Instants are ms UTC in Ronda's time. */

export type BoardQueries = BoardSource & {
  readonly clock: Clock;
  readonly boards: readonly [BoardSpec, ...BoardSpec[]];
  readonly coverage: () => KnownCoverage;
};

/** A scheduler, the line that a board has for it, and the night of that board. */
export type Found = { readonly row: CurrentState; readonly cell: Cell; readonly night: Night };

/** The board that a channel shows; in any other channel the first one. */
export function boardOfChannel({ boards }: Pick<BoardQueries, 'boards'>, channel: string): BoardSpec {
  return boards.find((board) => board.channel === channel) ?? boards[0];
}

/** Every scheduler that is on any board, as it stands now. */
export async function readSchedulers(queries: BoardQueries): Promise<Found[]> {
  return findingsIn(queries, await readSnapshot(queries, { coverage: queries.coverage() }));
}

/** One scheduler, read consistently; undefined when it is unknown or removed. */
export async function readScheduler(queries: BoardQueries, schedulerId: string): Promise<Found | undefined> {
  const state = (await readRow(queries.store, schedulerId))?.state;
  if (state === undefined) return undefined;
  const at = queries.clock.now();
  const coverage = queries.coverage();
  const { gaps } = coverage;
  const limits = limitsOf(queries, coverage, at);
  const rows = new Map([[schedulerId, state]]);
  const verdicts = await queries.verdicts.read(
    { at, rows, limits },
    { from: at - dayMs, to: at + dayMs },
    gaps,
  );
  return findingsIn(queries, { at, rows, limits, verdicts })[0];
}

/** The rows with their lines of the boards that have their alerts; without those that no board shows. */
function findingsIn({ boards }: BoardQueries, snapshot: Parameters<typeof alertBoardsIn>[0]): Found[] {
  return alertBoardsIn(snapshot, boards).flatMap(({ cells, night }) =>
    cells.flatMap((cell) => {
      const row = snapshot.rows.get(cell.scheduler_id);
      return row === undefined ? [] : [{ row, cell, night }];
    }),
  );
}

const dayMs = 86_400_000;
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
