import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { UsageError } from '../../errors.ts';
import { storedProjections, type StoredProjection } from '../../store/projections/registry.ts';
import { tableOf, type Store } from '../../store/store.ts';
import { audited } from '../audit/audited.ts';
import { exit, type CliContext, type CliConnection } from '../cli-context.ts';
import { printable } from '../../printable.ts';
import { liveLine, progressText } from '../../terminal.ts';
import type { Flags } from './command.ts';
import { driftJson, driftText, type Drift } from './drift.ts';
import { skippedText, type Skipped } from './examine.ts';
import { readScope } from './options.ts';
import { interruptedReplay, replay, type ReplayOptions, type Scope } from './replay.ts';
import { tallyText, type Tally } from './tally.ts';

/** What `ronda replay` does. */
export async function run(
  cli: CliContext,
  connection: CliConnection,
  flags: Flags,
  all: readonly StoredProjection[] = storedProjections,
): Promise<void> {
  const { store } = connection;
  const options =
    flags.resume === true ? await resumed(store, flags, all) : await fresh(store, flags, all, cli);
  if (flags.dryRun === true) {
    await replayed(cli, connection, flags, options);
    return;
  }
  const { projections, scope, prune } = options;
  const details = { projections: projections.map(({ name }) => name), scope: scopeText(scope), prune };
  await audited(cli, store, { act: 'replay', details }, async (note) => {
    const { tally, complete } = await replayed(cli, connection, flags, options);
    const { schedulers, changed, pruned, skipped } = tally;
    note({ schedulers, changed, pruned, skipped, complete });
    return true;
  });
}

/** Which schedulers, in a few words. */
function scopeText(scope: Scope): string {
  if (scope.of === 'schedulers') return scope.ids.join(' ');
  return scope.of === 'all' && scope.service !== undefined ? `service ${scope.service}` : scope.of;
}

async function replayed(
  cli: CliContext,
  { store, clock }: CliConnection,
  { dryRun = false, json = false }: Flags,
  options: Chosen,
): Promise<{ readonly tally: Tally; readonly complete: boolean }> {
  const { stdout, stderr } = cli;
  const began = clock.monotonic();
  const line = liveLine(stderr, clock);
  const isWhole = options.scope.of === 'all';
  const total = isWhole && stderr.isTTY === true ? await eventCount(store) : 0;
  const drifts: Drift[] = [];
  const unknown: string[] = [];
  const skipped: Skipped[] = [];
  const { tally, complete } = await replay(store, {
    ...options,
    write: !dryRun,
    signal: cli.stopAsked(),
    progress: (done) => {
      line.show(() =>
        progressText(isWhole ? 'events' : 'schedulers', done, total, clock.monotonic() - began),
      );
    },
    found: (scheduler_id, { name }, { differences }) => {
      if (!dryRun) return;
      const lines = differences.map((difference) => ({ ...difference, scheduler_id, projection: name }));
      if (json) drifts.push(...lines);
      else for (const drift of lines) stdout.write(driftText(drift));
    },
    skipped: (one) => skipped.push(one),
    unknown: (id) => unknown.push(id),
  }).finally(line.clear);
  const tookMs = clock.monotonic() - began;
  if (json) {
    const outcome = {
      complete,
      dry_run: dryRun,
      took_ms: Math.round(tookMs),
      ...tally,
      skipped_schedulers: skipped,
      unknown,
    };
    stdout.write(`${JSON.stringify({ ...outcome, ...(dryRun ? { drifts: drifts.map(driftJson) } : {}) })}\n`);
  } else stdout.write(tallyText(tally, { dryRun, tookMs }));
  for (const one of skipped) stderr.write(skippedText(one));
  for (const id of unknown) stderr.write(`${printable(id)}: no event and no row of such a scheduler.\n`);
  if (unknown.length + tally.skipped > 0) cli.exitWith(exit.wrong);
  if (!complete) {
    stderr.write(
      isWhole && !dryRun
        ? 'Stopped. "ronda replay --resume" goes on from here.\n'
        : 'Stopped before its end.\n',
    );
    cli.exitWith(exit.stopped);
  }
  return { tally, complete };
}

type Chosen = Pick<ReplayOptions, 'projections' | 'scope' | 'prune' | 'resumed'>;

async function fresh(
  store: Store,
  flags: Flags,
  all: readonly StoredProjection[],
  { stderr }: CliContext,
): Promise<Chosen> {
  const chosen = { ...readScope(flags, all), prune: flags.prune === true };
  if (chosen.scope.of === 'all' && flags.dryRun !== true) {
    const left = await interruptedReplay(store);
    if (left !== undefined)
      stderr.write(
        `A replay was interrupted after ${left.finished.length} of ${left.segments} parts; --resume would have gone on with it.\n`,
      );
  }
  return chosen;
}

async function resumed(store: Store, flags: Flags, all: readonly StoredProjection[]): Promise<Chosen> {
  const more = Object.keys(flags).filter((name) => name !== 'resume' && name !== 'json');
  if (more.length > 0)
    throw new UsageError(
      `--resume goes on with what was begun and takes no other option; given: ${more.map(flagOf).join(', ')}`,
    );
  const left = await interruptedReplay(store);
  if (left === undefined) throw new UsageError('There is no interrupted replay to resume.');
  const projections = all.filter(({ name }) => left.projections.includes(name));
  return { projections, scope: { of: 'all', service: left.service }, prune: left.prune, resumed: left };
}

function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (deadLetter) => `-${deadLetter.toLowerCase()}`)}`;
}

/** How many events there are, as DynamoDB says: it counts them every six hours. */
export async function eventCount(store: Store): Promise<number> {
  const { Table } = await store.client.send(
    new DescribeTableCommand({ TableName: tableOf(store, 'events') }),
  );
  return Table?.ItemCount ?? 0;
}
