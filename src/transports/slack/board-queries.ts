import type { CurrentState } from '../../../projections/current-state.ts';
import { alertBoardsIn, limitsOf, readSnapshot, type BoardSource } from '../../board/read-board.ts';
import type { Clock } from '../../clock.ts';
import { readExpectation, type Expectation } from '../../events/expectation.ts';
import type { KnownCoverage } from '../../night/assess-coverage.ts';
import type { Cell } from '../../night/board.ts';
import type { BoardSpec } from '../../night/boards.ts';
import type { Night } from '../../night/night.ts';
import type { Judgement } from '../../night/verdicts.ts';
import { readHistory } from '../../store/projections/history-rows.ts';
import { readRow, readRows } from '../../store/projections/scheduler-rows.ts';
import type { Store } from '../../store/store.ts';
import { lastRuns } from './listeners/last-runs.ts';
import type { Run } from './render/scheduler-answer.ts';

/** What a person may ask to see, read from the tables. Instants are ms UTC in Ronda's time. */

export type BoardQueries = BoardSource & {
  readonly clock: Clock;
  readonly boards: readonly [BoardSpec, ...BoardSpec[]];
  readonly coverage: () => KnownCoverage;
};

/** A scheduler, the line that a board has for it, and the night of that board. */
export type Found = {
  readonly row: CurrentState;
  readonly cell: Cell;
  readonly night: Night;
  /** Of its slots around now, oldest first; none where nothing is expected of it. */
  readonly judgements: readonly Judgement[];
};

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
  const rows = await withUpstreams(queries.store, state);
  const verdicts = await queries.verdicts.read(
    { at, rows, limits },
    { from: at - dayMs, to: at + dayMs },
    gaps,
  );
  const found = findingsIn(queries, { at, rows, limits, verdicts });
  return found.find(({ cell }) => cell.scheduler_id === schedulerId);
}

/** A scheduler and all that it waits for, directly or not: without their rows an upstream would count as met. */
async function withUpstreams(store: Store, row: CurrentState): Promise<Map<string, CurrentState>> {
  const rows = new Map([[row.scheduler_id, row]]);
  let wanted = upstreamsOf(row);
  while (wanted.length > 0) {
    const read = [...(await readRows(store, wanted)).values()].flatMap(({ state }) => state ?? []);
    for (const one of read) rows.set(one.scheduler_id, one);
    wanted = [...new Set(read.flatMap(upstreamsOf))].filter((id) => !rows.has(id));
  }
  return rows;
}

/** What is expected of a scheduler now, if anything. Pure. */
export function expectationOf({ expectation }: CurrentState): Expectation | undefined {
  return expectation?.value == null ? undefined : readExpectation(expectation.value);
}

function upstreamsOf(row: CurrentState): readonly string[] {
  return expectationOf(row)?.depends_on ?? [];
}

/**
 * The rows with their lines of the boards that have their alerts, also of those that are not due tonight; without those
 * that no board shows.
 */
function findingsIn({ boards }: BoardQueries, snapshot: Parameters<typeof alertBoardsIn>[0]): Found[] {
  const { rows, verdicts } = snapshot;
  const linesIn = (one: typeof snapshot): Found[] =>
    alertBoardsIn(one, boards).flatMap(({ cells, night }) =>
      cells.flatMap((cell) => {
        const row = rows.get(cell.scheduler_id);
        const judgements = verdicts.of(cell.scheduler_id);
        return row === undefined ? [] : [{ row, cell, night, judgements }];
      }),
    );
  const shown = linesIn(snapshot);
  const ids = new Set(shown.map(({ cell }) => cell.scheduler_id));
  // What nothing is expected of has a line in any night.
  const others = [...rows].flatMap(([id, row]) =>
    ids.has(id) ? [] : [[id, { ...row, expectation: null }] as const],
  );
  return [...shown, ...linesIn({ ...snapshot, rows: new Map(others) })];
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
