import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { createClock, pause } from '../clock.ts';
import { clockOf, readSettings, type Settings } from '../config.ts';
import { UsageError } from '../errors.ts';
import { utc } from '../events/time.ts';
import type { Logger } from '../log.ts';
import { nightAt, nightOn } from '../night/night.ts';
import { fleetNight, leadOf, nightMs } from './fleet.ts';
import { progressOn, summaryJson, summaryText } from './progress.ts';
import { playFleet } from './sender.ts';
import type { Output } from '../terminal.ts';
import { createSqsClient } from '../queue/client.ts';
import type { QueueUrls } from '../queue/topology.ts';
import { roleNames, type RoleName } from '../store/role-names.ts';

/** What the demo needs of a Ronda that was started on engines of its own. */
type Started = {
  readonly url: string;
  readonly queues: QueueUrls;
  readonly engines: { readonly sqs: string } | undefined;
  readonly workspace: string | undefined;
  readonly stop: () => Promise<void>;
};

export type DemoOptions = {
  readonly start: (options: {
    readonly settings: Settings;
    readonly roles: readonly RoleName[];
    readonly bootstrapKey: string;
    readonly log: Logger;
    readonly env: Readonly<Record<string, string | undefined>>;
  }) => Promise<Started>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly seed: number;
  readonly log: Logger;
  readonly stdout: Output;
  /** For the progress line, if it is a terminal. */
  readonly stderr: Output;
  /** Ends the demo. */
  readonly signal: AbortSignal;
  /** Whether the demo ends with the night; otherwise it stays, to be looked at, until the signal. */
  readonly endWithNight: boolean;
  /** For machines: one JSON object a line in place of texts. */
  readonly json: boolean;
};

/** Six hours in 90 s. */
const speed = 240;
/**
 * How long the start of everything may take before the fleet's first report is due: what registers later than its job is
 * due is not expected tonight. Real ms.
 */
const startMs = 9_000;
const summaryTimeoutMs = 150_000;

/**
 * Ronda on this machine with a fleet of forty schedulers that live through tonight in 90 s, some of them badly.
 * Nothing is kept.
 * @throws UsageError when it cannot start, or when nobody summed the night up
 */
export async function runDemo(options: DemoOptions): Promise<void> {
  const { start, env, seed, log, stdout, stderr, signal, json } = options;
  const print = (text: string, fact: object): void => {
    stdout.write(json ? `${JSON.stringify(fact)}\n` : text);
  };
  const key = `demo-${randomBytes(16).toString('hex')}`;
  const clockReal = createClock();
  const zone = { zone: 'Asia/Jakarta', window: '00:00-06:00' };
  const tomorrow = utc(Date.parse(`${nightAt(clockReal.now(), zone).date}T00:00:00Z`) + 86_400_000).slice(
    0,
    10,
  );
  const night = nightOn(tomorrow, zone);
  const settings = readSettings({
    PORT: '0',
    LOG_LEVEL: 'warn',
    ...env,
    RONDA_BACKEND: 'embedded',
    RONDA_DATA_DIR: ':memory:',
    RONDA_BOOTSTRAP_API_KEY: key,
    RATE_LIMIT_PER_MINUTE: '0',
    SLACK_BOT_TOKEN: '',
    SLACK_APP_TOKEN: '',
    RONDA_BOARDS: '',
    EOD_TIMEZONE: zone.zone,
    EOD_WINDOW: zone.window,
    RONDA_CLOCK_START: utc(night.start - leadOf(nightMs)),
    RONDA_CLOCK_SPEED: String(speed),
    RONDA_CLOCK_ORIGIN: utc(clockReal.real() + startMs),
  });
  const clock = clockOf(settings);
  const ronda = await start({ settings, roles: roleNames, env, bootstrapKey: key, log });
  const { engines, workspace } = ronda;
  if (engines === undefined || workspace === undefined)
    throw new UsageError('The demo needs its own engines.');
  const client = createSqsClient('send', engines.sqs);
  const played = { seed, schedulers: 40, start: night.start, window: nightMs };
  const progress = progressOn(stderr, played, clock);
  const began = clock.real();
  try {
    print(`\n  Watch the night here:  ${workspace}\n\n  It lasts 90 s. Ctrl-C ends it.\n\n`, { workspace });
    const tally = await playFleet({
      events: fleetNight(played),
      clock,
      url: ronda.url,
      apiKey: key,
      sqs: { client, queueUrl: ronda.queues.events.url },
      signal,
      log,
      report: progress.show,
    });
    await untilSummed(workspace, (night.end - clock.now()) / speed + summaryTimeoutMs, signal);
    progress.clear();
    if (signal.aborted) return;
    const tookMs = clock.real() - began;
    print(
      `${summaryText(played, tally, tookMs)}\n  Summed up: ${workspace}\n`,
      summaryJson(played, tally, tookMs),
    );
    if (options.endWithNight) return;
    if (!json) stdout.write('  The page stays until Ctrl-C.\n');
    await new Promise((resolve) => {
      signal.addEventListener('abort', resolve, { once: true });
    });
  } finally {
    progress.clear();
    client.destroy();
    await ronda.stop();
  }
}

const shown = z.object({
  messages: z.array(
    z.object({ metadata: z.object({ event_payload: z.object({ key: z.string().optional() }) }).optional() }),
  ),
});
const lookEveryMs = 500;

/** Waits for the summary to stand in the channel. */
async function untilSummed(workspace: string, timeoutMs: number, signal: AbortSignal): Promise<void> {
  for (let waited = 0; waited < timeoutMs && !signal.aborted; waited += lookEveryMs) {
    const { messages } = shown.parse(await (await fetch(`${workspace}/ui/state`)).json());
    if (messages.some(({ metadata }) => metadata?.event_payload.key?.includes('/summary/') === true)) return;
    await pause(lookEveryMs, signal);
  }
  if (!signal.aborted) throw new UsageError('The night was not summed up: see the log (LOG_LEVEL=debug).');
}
