import type { Command } from 'commander';
import { z } from 'zod';
import { UsageError } from '../../errors.ts';
import { exit, type Desk, type Workbench } from '../desk.ts';
import { eventCount } from '../replay/command.ts';
import { driftJson, driftText } from '../replay/drift.ts';
import { readScope, scopeFlags } from '../replay/options.ts';
import { count } from '../replay/tally.ts';
import { durationText, liveLine, printable, progressText } from '../terminal.ts';
import { verify, type Verified } from './verify.ts';

type Flags = { json?: boolean; settle?: string } & Record<string, unknown>;

const examples = `
Examples:
  $ ronda verify
  $ ronda verify --service billing --settle 1
  $ ronda verify --projection history --json
`;

export function addVerify(program: Command, desk: Desk): void {
  const command = program
    .command('verify')
    .description('compare every row with the events behind it; writes nothing');
  for (const [flags, meaning] of scopeFlags) command.option(flags, meaning);
  command
    .option('--settle <seconds>', 'how long a difference must last (default: visibility time-out + 5)')
    .option('--json', 'print one JSON object')
    .addHelpText('after', examples)
    .action((flags: Flags) => desk.atWork((bench) => run(desk, bench, flags)));
}

async function run(desk: Desk, { store, clock, settings }: Workbench, flags: Flags): Promise<void> {
  const { stdout, stderr } = desk;
  const { projections, scope } = readScope(flags);
  const settleMs = settleOf(flags.settle, settings.RONDA_VISIBILITY_SECONDS + 5) * 1_000;
  const began = clock.real();
  const line = liveLine(stderr, clock);
  const isWhole = scope.of === 'all';
  const total = isWhole && stderr.isTTY === true ? await eventCount(store) : 0;
  const unknown: string[] = [];
  const found = await verify(store, {
    projections,
    scope,
    settleMs,
    signal: desk.stopAsked(),
    progress: (done) => {
      line.show(() => progressText(isWhole ? 'events' : 'schedulers', done, total, clock.real() - began));
    },
    unknown: (id) => unknown.push(id),
  }).finally(line.clear);
  const { drifts, tally, complete } = found;
  const tookMs = Math.round(clock.real() - began);
  stdout.write(flags.json === true ? jsonOf(found, unknown, tookMs) : textOf(found, tookMs));
  for (const id of unknown) stderr.write(`${printable(id)}: no event and no row of such a scheduler.\n`);
  if (drifts.length + unknown.length + tally.newer > 0) desk.exitWith(exit.wrong);
  if (!complete) {
    stderr.write('Stopped before its end.\n');
    desk.exitWith(exit.stopped);
  }
}

function settleOf(given: string | undefined, otherwise: number): number {
  if (given === undefined) return otherwise;
  const { data } = z.coerce.number().min(0).max(3_600).safeParse(given);
  if (data === undefined || given.trim() === '')
    throw new UsageError(`--settle: ${given} must be a number of seconds, 0 to 3600.`);
  return data;
}

function jsonOf({ tally, complete, drifts, carried }: Verified, unknown: string[], took_ms: number): string {
  const { schedulers, events, newer } = tally;
  return `${JSON.stringify({ complete, schedulers, events, newer, took_ms, unknown, drifts: drifts.map(driftJson), carried })}\n`;
}

function textOf({ tally, drifts, carried }: Verified, tookMs: number): string {
  const { schedulers, events, newer } = tally;
  const drifted = new Set(drifts.map(({ scheduler_id }) => scheduler_id)).size;
  return [
    ...drifts.map(driftText),
    ...carried.map(
      ({ scheduler_id, projection, field }) =>
        `carried  ${[scheduler_id, projection, field].map(printable).join('  ')}\n`,
    ),
    `Verified ${count(schedulers, 'scheduler')} from ${count(events, 'event')} in ${durationText(tookMs)}: `,
    drifts.length === 0
      ? 'no drift.\n'
      : `${count(drifts.length, 'difference')} in ${count(drifted, 'scheduler')}. "ronda replay" mends them; rows with no event behind them need --prune.\n`,
    ...(newer > 0 ? [`${count(newer, 'row')} not judged: a newer version of Ronda wrote them.\n`] : []),
  ].join('');
}
