import { membership, type CurrentState } from '../../../projections/current-state.ts';
import { readCoverage } from '../../board/coverage.ts';
import { alertBoardsIn, readSnapshot } from '../../board/read-board.ts';
import { UsageError } from '../../errors.ts';
import { msOf } from '../../events/time.ts';
import { compareCells } from '../../night/board.ts';
import { isForgotten, stateAsOf } from '../../store/projections/as-of.ts';
import { readRow } from '../../store/projections/scheduler-rows.ts';
import type { Store } from '../../store/store.ts';
import { boardSourceOf } from '../board-source.ts';
import { exit, type CliContext, type CliConnection } from '../cli-context.ts';
import { instantOf } from '../moment.ts';
import { cellJson, cellsText, stateJson, stateText } from './text.ts';
import type { StateOptions } from './options.ts';
import { printable } from '../../printable.ts';
import { liveLine, progressText } from '../../terminal.ts';

/** What `ronda state` does. */
export async function run(cli: CliContext, connection: CliConnection, options: StateOptions): Promise<void> {
  const { store, clock } = connection;
  const asOf = options.asOf === undefined ? undefined : instantOf(options.asOf, clock.now());
  if (asOf !== undefined && isForgotten(store, asOf))
    throw new UsageError(
      `--as-of: ${asOf} lies before the retention of statuses, so nothing true can be said of it`,
    );
  if (options.ID === undefined) await printBoard(cli, connection, options, asOf);
  else await printState(cli, store, options.ID, options, asOf);
}

async function printState(
  { stdout, stderr, exitWith }: CliContext,
  store: Store,
  id: string,
  { json }: StateOptions,
  asOf: string | undefined,
): Promise<void> {
  const state = asOf === undefined ? await stateNow(store, id) : await stateAsOf(store, id, asOf);
  if (typeof state === 'object') {
    stdout.write(json ? `${stateJson(state)}\n` : stateText(state));
    return;
  }
  const problem =
    state === 'unreadable'
      ? `The row of ${id} cannot be read. "ronda replay --scheduler ${id}" makes it anew.\n`
      : asOf === undefined
        ? `Scheduler ${id} not found.\n`
        : `There was no scheduler ${id} at ${asOf}.\n`;
  stderr.write(problem);
  exitWith(exit.wrong);
}

async function stateNow(store: Store, id: string): Promise<CurrentState | 'unreadable' | undefined> {
  const row = await readRow(store, id);
  if (row === undefined) return undefined;
  if (row.state === undefined) return 'unreadable';
  return membership(row.state) === 'removed' ? undefined : row.state;
}

async function printBoard(
  cli: CliContext,
  { store, clock, settings }: CliConnection,
  { json }: StateOptions,
  asOf: string | undefined,
): Promise<void> {
  const { stdout, stderr } = cli;
  const signal = cli.stopAsked();
  const line = liveLine(stderr, clock);
  const began = clock.monotonic();
  const source = boardSourceOf(store, settings);
  const read = await readSnapshot(source, {
    coverage: await readCoverage(store),
    at: asOf === undefined ? undefined : msOf(asOf),
    onScheduler: (done, total) => {
      signal.throwIfAborted();
      line.show(() => progressText('schedulers', done, total, clock.monotonic() - began));
    },
  })
    .catch((error: unknown) => {
      if (!signal.aborted) throw error;
    })
    .finally(line.clear);
  // Part of a board would look like a whole one.
  if (read === undefined) {
    stderr.write('Stopped before its end.\n');
    cli.exitWith(exit.stopped);
    return;
  }
  const { rows, unreadable } = read;
  const cells = alertBoardsIn(read, source.boards).flatMap((board) => board.cells);
  cells.sort(compareCells);
  if (!json) stdout.write(cellsText(cells));
  else
    for (const cell of cells) {
      const row = rows.get(cell.scheduler_id);
      if (row !== undefined) stdout.write(`${cellJson(cell, row)}\n`);
    }
  for (const { scheduler_id: id } of unreadable)
    stderr.write(
      `${asOf === undefined ? 'The row' : 'An event'} of ${printable(id)} cannot be read and is left out: "ronda verify" says more.\n`,
    );
  if (unreadable.length > 0) cli.exitWith(exit.wrong);
}
