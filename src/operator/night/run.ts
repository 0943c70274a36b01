import { readCoverage } from '../../board/coverage.ts';
import { nightIssue, nightView, readNight } from '../../board/night-report.ts';
import { UsageError } from '../../errors.ts';
import { businessDate } from '../../events/fields.ts';
import { nightOf } from '../../night/night.ts';
import { printable } from '../../printable.ts';
import { boardSourceOf } from '../board-source.ts';
import { exit, type CliContext, type CliConnection } from '../cli-context.ts';
import type { Flags } from './command.ts';
import { nightText } from './text.ts';

/** What `ronda night` does. */
export async function run(
  { stdout, stderr, exitWith }: CliContext,
  { store, settings }: CliConnection,
  given: string | undefined,
  { board, json = false }: Flags,
): Promise<void> {
  const source = boardSourceOf(store, settings);
  const names = source.boards.map(({ name }) => name).join(', ');
  const spec = board === undefined ? source.boards[0] : source.boards.find(({ name }) => name === board);
  if (spec === undefined)
    throw new UsageError(`--board: there is no board ${String(board)}, there are ${names}`);
  const date = given ?? nightOf(store.clock.now(), spec);
  const { error } = businessDate.safeParse(date);
  const issue = error?.issues[0]?.message ?? nightIssue(date, spec, store);
  if (issue !== undefined) throw new UsageError(`DATE: ${issue}`);

  const view = nightView(await readNight(source, spec, date, await readCoverage(store)));
  stdout.write(json ? `${JSON.stringify(view)}\n` : nightText(view));
  for (const id of view.unreadable ?? [])
    stderr.write(`The row of ${printable(id)} cannot be read and is left out: "ronda verify" says more.\n`);
  if (view.unreadable !== undefined) exitWith(exit.wrong);
}
