import type { Command } from 'commander';
import { readCoverage } from '../../board/coverage.ts';
import { nightIssue, nightView, readNight } from '../../board/night-report.ts';
import { UsageError } from '../../errors.ts';
import { businessDate } from '../../events/fields.ts';
import { nightOf } from '../../night/night.ts';
import { printable } from '../../printable.ts';
import { boardSourceOf } from '../board-source.ts';
import { exit, type CliContext, type CliConnection } from '../cli-context.ts';
import { nightText } from './text.ts';

type Flags = { readonly board?: string; readonly json?: boolean };

const examples = `
What lies in a time without an ingress or a consumer is not held against a job.
Nights go back 30 days. Late reports count.

Examples:
  $ ronda night
  $ ronda night 2026-11-23 --board eod --json
`;

/** `ronda night`. */
export function addNight(program: Command, cli: CliContext): void {
  program
    .command('night')
    .description('print what was due in a night, and what became of it')
    .argument('[date]', 'the local day on which it starts (default: the latest night)')
    .option('--board <name>', 'of this board (default: the first)')
    .option('--json', 'as GET /nights/{date} answers')
    .addHelpText('after', examples)
    .action((date: string | undefined, flags: Flags) =>
      cli.withConnection((connection) => run(cli, connection, date, flags)),
    );
}

async function run(
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
