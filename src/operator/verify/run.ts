import { z } from 'zod';
import { durationText } from '../../duration.ts';
import { UsageError } from '../../errors.ts';
import { redeliveryBackoff } from '../../queue/redelivery.ts';
import { hasMessages } from '../../queue/depth.ts';
import { storedProjections, type StoredProjection } from '../../store/projections/registry.ts';
import { exit, type CliContext, type CliConnection } from '../cli-context.ts';
import { eventCount } from '../replay/run.ts';
import { driftJson, driftText } from '../replay/drift.ts';
import { skippedText, type Skipped } from '../replay/examine.ts';
import { readScope } from '../replay/options.ts';
import { count } from '../replay/tally.ts';
import { printable } from '../../printable.ts';
import { liveLine, progressText } from '../../terminal.ts';
import type { Flags } from './command.ts';
import { verify, type Verified } from './verify.ts';

/** Beside the visibility time-out: a consumer that took a message up before it ran out may still be at it. Seconds. */
const settleMarginSeconds = 5;

/** What `ronda verify` does. */
export async function run(
  cli: CliContext,
  { store, sqs, queues, clock, settings }: CliConnection,
  flags: Flags,
  all: readonly StoredProjection[] = storedProjections,
): Promise<void> {
  const { stdout, stderr } = cli;
  const { projections, scope } = readScope(flags, all);
  const settled = settings.RONDA_VISIBILITY_SECONDS + settleMarginSeconds;
  const settleMs = settleOf(flags.settle, settled) * 1_000;
  const began = clock.monotonic();
  const line = liveLine(stderr, clock);
  const isWhole = scope.of === 'all';
  const total = isWhole && stderr.isTTY === true ? await eventCount(store) : 0;
  const unknown: string[] = [];
  const skipped: Skipped[] = [];
  const found = await verify(store, {
    projections,
    scope,
    settleMs,
    // Who says how long has said it all.
    ...(flags.settle === undefined
      ? {
          inFlight: {
            ask: () => hasMessages(sqs.send, queues.events.url),
            longestMs: redeliveryBackoff.maxMs + settleMs,
          },
        }
      : {}),
    signal: cli.stopAsked(),
    progress: (done) => {
      line.show(() =>
        progressText(isWhole ? 'events' : 'schedulers', done, total, clock.monotonic() - began),
      );
    },
    skipped: (one) => skipped.push(one),
    unknown: (id) => unknown.push(id),
  }).finally(line.clear);
  const { drifts, tally, complete } = found;
  const tookMs = Math.round(clock.monotonic() - began);
  stdout.write(flags.json === true ? jsonOf(found, skipped, unknown, tookMs) : textOf(found, tookMs));
  for (const one of skipped) stderr.write(skippedText(one));
  for (const id of unknown) stderr.write(`${printable(id)}: no event and no row of such a scheduler.\n`);
  if (drifts.length + unknown.length + tally.newer + tally.skipped > 0) cli.exitWith(exit.wrong);
  if (!complete) {
    stderr.write('Stopped before its end.\n');
    cli.exitWith(exit.stopped);
  }
}

function settleOf(given: string | undefined, otherwise: number): number {
  if (given === undefined) return otherwise;
  const { data } = z.coerce.number().min(0).max(3_600).safeParse(given);
  if (data === undefined || given.trim() === '')
    throw new UsageError(`--settle: ${given} must be a number of seconds, 0 to 3600.`);
  return data;
}

function jsonOf(
  { tally, complete, drifts, carried }: Verified,
  skipped_schedulers: readonly Skipped[],
  unknown: readonly string[],
  took_ms: number,
): string {
  const { schedulers, events, newer, skipped } = tally;
  const counts = { complete, schedulers, events, newer, skipped, took_ms };
  return `${JSON.stringify({ ...counts, unknown, skipped_schedulers, drifts: drifts.map(driftJson), carried })}\n`;
}

function textOf({ tally, drifts, carried }: Verified, tookMs: number): string {
  const { schedulers, events, newer, skipped } = tally;
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
      : `${count(drifts.length, 'difference')} in ${count(drifted, 'scheduler')}. "ronda replay" rebuilds them; rows with no event behind them need --prune.\n`,
    ...(newer > 0 ? [`${count(newer, 'row')} not judged: a newer version of Ronda wrote them.\n`] : []),
    ...(skipped > 0 ? [`${count(skipped, 'row')} not judged: they could not be looked at.\n`] : []),
  ].join('');
}
