import { expiryOf } from '../../../projections/retention.ts';
import { UsageError } from '../../errors.ts';
import { upcast } from '../../events/event.ts';
import { extendExpiry, type ExtendOptions } from '../../store/events/extend-expiry.ts';
import { storedProjections } from '../../store/projections/registry.ts';
import type { Store } from '../../store/store.ts';
import { tables } from '../../store/tables.ts';
import { audited } from '../audit/audited.ts';
import { exit, type CliContext, type CliConnection } from '../cli-context.ts';
import { inParallel } from '../../in-parallel.ts';
import type { Flags } from './command.ts';
import { count } from '../replay/tally.ts';

const segments = 4;

/** What `ronda extend-retention` does. */
export async function run(cli: CliContext, { store }: CliConnection, flags: Flags): Promise<void> {
  if (!store.clock.isReal)
    throw new UsageError('While RONDA_CLOCK_START or RONDA_CLOCK_SPEED is set nothing expires.');
  if (flags.dryRun === true) {
    await extend(cli, store, flags);
    return;
  }
  await audited(cli, store, { act: 'extend-retention', details: { ...store.retention } }, async (note) => {
    const { extended, complete } = await extend(cli, store, flags);
    note({ extended, complete });
    return extended > 0;
  });
}

type Extended = { readonly extended: number; readonly complete: boolean };

async function extend(
  { stdout, stderr, stopAsked, exitWith }: CliContext,
  store: Store,
  flags: Flags,
): Promise<Extended> {
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
  if (signal.aborted) {
    stderr.write('Stopped before its end. Running it again goes over all of it.\n');
    exitWith(exit.stopped);
  }
  const extended = Object.values(found).reduce((sum, table) => sum + table.extended, 0);
  return { extended, complete: !signal.aborted };
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
    ...storedProjections.flatMap(({ table, expiryOf: own }) => {
      const { sort, expires } = table;
      return own === undefined || sort === undefined || !expires
        ? []
        : [{ table: { ...table, sort }, expiryOf: (item: unknown) => own(item, retention) }];
    }),
  ];
}
