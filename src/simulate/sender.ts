import type { SQSClient } from '@aws-sdk/client-sqs';
import pLimit from 'p-limit';
import { backoffMs } from '../backoff.ts';
import { pause, type Clock } from '../clock.ts';
import { silent, type Logger } from '../log.ts';
import type { FleetEvent } from './fleet.ts';
import { httpRoute, queueRoute, type Route } from './routes.ts';
import { emptyTally, kindOf, withRefusal, withRetry, withSent, type Tally } from './tally.ts';

export type PlayOptions = {
  /** In time order. */
  readonly events: readonly FleetEvent[];
  /** Ronda's time: an event is sent when `now()` reaches its own. */
  readonly clock: Clock;
  /** Ronda's base URL, without `/api/v1`. */
  readonly url: string;
  readonly apiKey: string;
  /** Where schedulers that send over SQS send; without it they use HTTP like the others. */
  readonly sqs?: { readonly client: SQSClient; readonly queueUrl: string } | undefined;
  /** Ends the play: what is not sent then stays unsent. */
  readonly signal?: AbortSignal | undefined;
  readonly log?: Logger;
  /** Called at every change. */
  readonly report?: (tally: Tally) => void;
  /** How many events may be under way at once. */
  readonly concurrency?: number;
  /** How long what we send to may be away before the play is given up, real ms. */
  readonly maxOutageMs?: number;
};

/** A server that asks to be asked again at once gets no more than this either. */
const backOff = { firstMs: 200, maxMs: 5_000 };

/**
 * Plays a fleet's events: each is sent when the clock reaches its time, with that time as its timestamp; what
 * is past already is sent at once. The events of one scheduler keep their order, whatever has to be retried: a
 * 429 after its Retry-After, an outage with growing pauses. A refused event is counted, and the play goes on.
 * @returns what became of the events; `unsent` is above 0 only if the signal ended the play
 * @throws UsageError when the key is not accepted, DependencyError when an outage outlasts `maxOutageMs`
 */
export async function playFleet(options: PlayOptions): Promise<Tally> {
  const { events, clock, url, apiKey, sqs, report, concurrency = 16, log = silent } = options;
  const failed = new AbortController();
  const signal = AbortSignal.any([failed.signal, ...(options.signal === undefined ? [] : [options.signal])]);
  const http = httpRoute(url, apiKey, clock);
  const queue = sqs === undefined ? http : queueRoute(sqs.client, sqs.queueUrl);
  const deliver = delivery(options, signal);
  const limit = pLimit(concurrency);
  let tally = emptyTally(events.length);

  const send = async (event: FleetEvent): Promise<void> => {
    const end = await limit(() =>
      deliver(event.via === 'sqs' ? queue : http, event, () => {
        tally = withRetry(tally);
        report?.(tally);
      }),
    );
    if (end.outcome === 'stopped') return;
    if (end.outcome === 'refused') log.debug({ reason: end.reason }, 'event refused');
    tally = end.outcome === 'refused' ? withRefusal(tally, end.reason) : withSent(tally, kindOf(event));
    report?.(tally);
  };

  const queues = new Map<string, Promise<void>>();
  for (const event of events) {
    await reach(event.at, clock, signal);
    if (signal.aborted) break;
    const id = event.report.scheduler_id;
    const queued = (queues.get(id) ?? Promise.resolve()).then(() => send(event));
    // The first failure ends all queues; each is awaited below, so that none is lost.
    queued.catch(() => {
      failed.abort();
    });
    queues.set(id, queued);
  }
  const ends = await Promise.allSettled(queues.values());
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return tally;
}

type End =
  { readonly outcome: 'accepted' | 'stopped' } | { readonly outcome: 'refused'; readonly reason: string };

/** Tries until an event is accepted or refused. All share one rate limit, and wait for it together. */
function delivery({ clock, maxOutageMs = 60_000, log = silent }: PlayOptions, signal: AbortSignal) {
  let heldUntil = -Infinity;
  const stopped = (): boolean => signal.aborted;
  return async (route: Route, event: FleetEvent, onRetry: () => void): Promise<End> => {
    let awaySince: number | undefined;
    let failures = 0;
    for (let tries = 1; ; tries += 1) {
      while (clock.monotonic() < heldUntil && !stopped()) await pause(heldUntil - clock.monotonic(), signal);
      if (stopped()) return { outcome: 'stopped' };
      if (tries > 1) onRetry();
      const attempt = await route(event, signal);
      switch (attempt.outcome) {
        case 'accepted':
        case 'refused':
          return attempt;
        case 'limited':
          if (heldUntil < clock.monotonic())
            log.info({ waitMs: attempt.waitMs }, 'over the rate limit, waiting');
          heldUntil = Math.max(
            heldUntil,
            clock.monotonic() + Math.max(attempt.waitMs, backoffMs(backOff, 1)),
          );
          awaySince = undefined;
          failures = 0;
          break;
        case 'away':
          if (stopped()) return { outcome: 'stopped' };
          awaySince ??= clock.monotonic();
          if (clock.monotonic() - awaySince >= maxOutageMs) throw attempt.cause;
          log.debug({ err: attempt.cause, tries }, 'away, trying again');
          failures += 1;
          await pause(Math.max(attempt.waitMs ?? 0, backoffMs(backOff, failures)), signal);
      }
    }
  };
}

/** Looked again at least so often, should the clock be set. Real ms. */
const longestLookMs = 1_000;
const shortestLookMs = 2;

/** Resolves when Ronda's time reaches an instant, or at the signal. */
async function reach(at: number, clock: Clock, signal: AbortSignal): Promise<void> {
  while (clock.now() < at && !signal.aborted) {
    const real = clock.real();
    const speed = (clock.fromReal(real + 1_000) - clock.fromReal(real)) / 1_000;
    const ms = speed > 0 ? (at - clock.now()) / speed : shortestLookMs;
    await pause(Math.min(Math.max(ms, shortestLookMs), longestLookMs), signal);
  }
}
