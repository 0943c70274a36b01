import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Clock } from '../clock.ts';
import { DependencyError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { createSqsClient } from '../queue/client.ts';
import { unreachable } from '../job/reports/http-client.ts';
import { fleetNight, leadOf, nightMs } from './fleet.ts';
import type { SimulateOptions } from './options.ts';
import type { Output } from '../terminal.ts';
import { progressOn, summaryJson, summaryText, type Played } from './progress.ts';
import { bodyOf } from './routes.ts';
import { playFleet } from './sender.ts';
import type { Tally } from './tally.ts';

export type SimulateContext = {
  /** Ronda's time. On a real clock the night is compressed; on a fast one it need not be. */
  readonly clock: Clock;
  readonly stdout: Output;
  /** For the progress line, if it is a terminal. */
  readonly stderr: Output;
  readonly log: Logger;
  /** Ends the play early. */
  readonly signal?: AbortSignal;
};

/** 6 h in 90 s. */
const defaultSpeed = 240;

/**
 * Plays one night of a simulated fleet against a Ronda: what `ronda simulate` does.
 *
 * A Ronda on the real clock takes no times ahead of it, so the night is compressed: six hours' worth of reports
 * in 6 h / speed, each with the instant at which it is sent as its timestamp, and durations and pauses shortened
 * alike. (Time-outs are not, so a fast night meets none.)
 * @returns what became of the reports; undefined after a dry run
 * @throws UsageError when the key is not accepted, DependencyError when Ronda or the queue cannot be reached
 */
export async function simulate(
  options: SimulateOptions,
  { clock, stdout, stderr, log, signal }: SimulateContext,
): Promise<Tally | undefined> {
  const { seed, schedulers, speed = clock.isReal ? defaultSpeed : 1 } = options;
  const window = Math.round(nightMs / speed);
  const start = options.start ?? clock.now() + leadOf(window);
  const played: Played = { seed, schedulers, start, window };
  const events = fleetNight(played);
  if (options.dryRun) {
    for (const event of events) {
      const via = options.sqs === undefined ? 'http' : event.via;
      stdout.write(`{"via":"${via}",${bodyOf(event).slice(1)}\n`);
    }
    return undefined;
  }

  const { url, key: apiKey = '' } = options;
  await reachable(url);
  const client = options.sqs === undefined ? undefined : await queueClient(options.sqs);
  const began = clock.real();
  const line = progressOn(stderr, played, clock);
  try {
    const tally = await playFleet({
      events,
      clock,
      url,
      apiKey,
      ...(client === undefined || options.sqs === undefined
        ? {}
        : { sqs: { client, queueUrl: options.sqs } }),
      signal,
      log,
      report: line.show,
    });
    line.clear();
    const tookMs = clock.real() - began;
    stdout.write(
      options.json
        ? `${JSON.stringify(summaryJson(played, tally, tookMs))}\n`
        : summaryText(played, tally, tookMs),
    );
    return tally;
  } finally {
    line.clear();
    client?.destroy();
  }
}

const lookMs = 5_000;

/** A wrong address is told at once, not after the patience that an outage is met with. Any answer will do. */
async function reachable(url: string): Promise<void> {
  try {
    const answer = await fetch(`${url}/health/live`, { signal: AbortSignal.timeout(lookMs) });
    await answer.body?.cancel();
  } catch (error) {
    throw unreachable(`Ronda at ${url} cannot be reached`, error);
  }
}

/** A client for a queue that is there. */
async function queueClient(queueUrl: string): Promise<SQSClient> {
  const client = createSqsClient('send', endpointOf(queueUrl));
  try {
    await client.send(new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['QueueArn'] }));
    return client;
  } catch (error) {
    client.destroy();
    throw new DependencyError(`queue ${queueUrl}`, error);
  }
}

/**
 * On AWS the SDK knows the endpoint and the account; anything else listens where its queue's URL says. Engines
 * name their queues under hosts of `localhost`, which not every resolver knows; they answer to any.
 */
export function endpointOf(queueUrl: string): string | undefined {
  const { protocol, hostname, port, origin } = new URL(queueUrl);
  if (/\.amazonaws\.com(\.cn)?$/.test(hostname)) return undefined;
  return hostname.endsWith('.localhost') ? `${protocol}//localhost:${port}` : origin;
}
