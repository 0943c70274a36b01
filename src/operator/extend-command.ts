import type { Command } from 'commander';
import { expiryOf } from '../../projections/retention.ts';
import { UsageError } from '../errors.ts';
import { upcast } from '../events/upcasters.ts';
import { extendExpiry, type ExtendOptions } from '../store/extend-expiry.ts';
import { kept } from '../store/kept.ts';
import type { Store } from '../store/store.ts';
import { tables } from '../store/tables.ts';
import { exit, type Desk, type Workbench } from './desk.ts';
import { inParallel } from './replay/parallel.ts';
import { count } from './replay/tally.ts';

type Flags = { readonly dryRun?: boolean; readonly json?: boolean };

const segments = 4;

export function addExtendRetention(program: Command, desk: Desk): void {
  program
    .command('extend-retention')
    .description('after a retention setting was raised: keep what is stored for as long as it counts now')
    .option('--dry-run', 'count, write nothing')
    .option('--json', 'print one JSON object')
    .action((flags: Flags) => desk.atWork((bench) => run(desk, bench, flags)));
}

async function run({ stdout, stderr, stopAsked, exitWith }: Desk, { store }: Workbench, flags: Flags) {
  if (!store.clock.isReal)
    throw new UsageError('While RONDA_CLOCK_START or RONDA_CLOCK_SPEED is set nothing expires.');
  const signal = stopAsked();
  const found: Record<string, { seen: number; extended: number }> = {};
  for (const { table, expiryOf } of expiring(store)) {
    const sum = { seen: 0, extended: 0 };
    await inParallel(Array(segments).keys(), segments, async (segment) => {
      const of = { segment, of: segments };
      const part = await extendExpiry(store, {
        ...{ table, expiryOf, segment: of, write: flags.dryRun !== true, signal },
      });
      sum.seen += part.seen;
      sum.extended += part.extended;
    });
    found[table.name] = sum;
  }
  if (flags.json === true)
    stdout.write(
      `${JSON.stringify({ complete: !signal.aborted, dry_run: flags.dryRun === true, tables: found })}\n`,
    );
  else
    for (const [name, { seen, extended }] of Object.entries(found)) {
      const what = flags.dryRun === true ? 'would be kept longer' : 'kept longer';
      stdout.write(`${name}: ${count(extended, 'item')} of ${count(seen, 'item')} ${what}.\n`);
    }
  if (!signal.aborted) return;
  stderr.write('Stopped before its end. Running it again goes over all of it.\n');
  exitWith(exit.stopped);
}

/** The events, and what projections leave of each of them. */
function expiring({ retention }: Store): Pick<ExtendOptions, 'table' | 'expiryOf'>[] {
  return [
    {
      table: tables.events,
      expiryOf: (item) => {
        const event = upcast(item);
        return event === undefined ? undefined : expiryOf(event, retention);
      },
    },
    ...kept.flatMap(({ table, expiryOf: own }) => {
      const { sort } = table;
      return own === undefined || sort === undefined
        ? []
        : [{ table: { ...table, sort }, expiryOf: (item: unknown) => own(item, retention) }];
    }),
  ];
}
