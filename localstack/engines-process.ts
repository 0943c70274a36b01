import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { embeddedAccount } from '../src/aws.ts';
import { createClock, pause, type Clock } from '../src/clock.ts';
import { DependencyError } from '../src/errors.ts';
import type { Logger } from '../src/log.ts';
import { untilStopped } from '../src/stop.ts';
import { inMemory } from './data-dir.ts';
import { answers, freeOr0, portOf, readRunning, writeRunning } from './endpoints.ts';
import { purgeExpired } from './purge.ts';
import { appVariable, localApp, type LocalApp } from './slack/local-app.ts';
import { trackActivity } from './activity.ts';

const healthTimeoutMs = 5_000;
const firstPurgeMs = 60_000;
const purgeEveryMs = 3_600_000;

export type EnginesProcessOptions = {
  readonly dataDir: string;
  readonly log: Logger;
  /** Ports to serve at or to fail; without them those of the last run as far as they are free. */
  readonly sqsPort?: number | undefined;
  readonly dynamodbPort?: number | undefined;
  readonly slackPort?: number | undefined;
  /**
   * Take the closing of standard input for the parent's death: in memory, end with it; with a data directory, end once
   * nobody uses it any more.
   */
  readonly withParent?: boolean | undefined;
};

/**
 * Runs the embedded engines until SIGTERM, SIGINT, or until nobody needs them. Once all answer it names them in
 * `engines.json` of the data directory and prints one line of JSON, `{"sqs": url, "dynamodb": url, "slack": url}`.
 * @throws UsageError if the data directory is held by other engines or a demanded port is taken
 */
export async function runEngines(options: EnginesProcessOptions): Promise<void> {
  const { withParent = false } = options;
  // Listened for before anything starts: what comes meanwhile ends it as cleanly as a later signal.
  const parentGone = withParent ? standardInputCloses() : undefined;
  const stopped = untilStopped({ byNpm: !withParent });
  try {
    await serve(options, stopped, parentGone);
  } finally {
    // Listened to, it would keep this process, also where nothing could be started.
    if (withParent) process.stdin.destroy();
  }
}

async function serve(
  options: EnginesProcessOptions,
  stopped: Promise<string>,
  parentGone: Promise<string> | undefined,
): Promise<void> {
  const { dataDir, log } = options;
  const clock = createClock();
  // Loaded here, for this module is part of every command, and the engines are large.
  const { startEngines } = await import('./engines.ts');
  // Files that the engines make are their owner's alone.
  process.umask(0o077);
  const engines = await startEngines({ dataDir, app: appGiven(), ...(await choosePorts(options)) });
  const { sqs, dynamodb, slack } = engines;
  const ending = new AbortController();
  const activity = trackActivity(dataDir, clock);
  const outlived = parentGone?.then((why) => (dataDir === inMemory ? why : activity.untilAbandoned()));
  try {
    if (!(await answers(engines, healthTimeoutMs))) {
      throw new DependencyError('embedded engines', `no answer at ${sqs}, ${dynamodb} and ${slack}`);
    }
    if (dataDir !== inMemory) writeRunning(dataDir, { sqs, dynamodb, slack, pid: process.pid });
    process.stdout.write(`${JSON.stringify({ sqs, dynamodb, slack })}\n`);
    const purging = purgeHourly(dynamodb, clock, log, ending.signal);
    const why = await Promise.race([stopped, ...(outlived === undefined ? [] : [outlived])]);
    log.debug({ why }, 'the engines stop');
    ending.abort();
    await purging;
  } finally {
    activity.close();
    await engines.stop();
  }
}

/** What the parent that started engines in memory chose for the workspace. */
function appGiven(): LocalApp | undefined {
  const text = process.env[appVariable];
  return text === undefined ? undefined : localApp.parse(JSON.parse(text));
}

async function choosePorts(
  options: EnginesProcessOptions,
): Promise<{ sqsPort: number; dynamodbPort: number; slackPort: number }> {
  const last = options.dataDir === inMemory ? undefined : readRunning(options.dataDir);
  const choose = (demanded: number | undefined, url: string | undefined): number | Promise<number> =>
    demanded ?? (url === undefined ? 0 : freeOr0(portOf(url)));
  return {
    sqsPort: await choose(options.sqsPort, last?.sqs),
    dynamodbPort: await choose(options.dynamodbPort, last?.dynamodb),
    slackPort: await choose(options.slackPort, last?.slack),
  };
}

function standardInputCloses(): Promise<string> {
  return new Promise((resolve) => {
    process.stdin.once('close', () => {
      resolve('standard input closed');
    });
    process.stdin.resume();
  });
}

/** Never rejects: what fails now is tried again an hour later, and readers leave out what is expired. */
async function purgeHourly(endpoint: string, clock: Clock, log: Logger, signal: AbortSignal): Promise<void> {
  const client = new DynamoDBClient({ ...embeddedAccount, endpoint });
  await pause(firstPurgeMs, signal);
  while (!signal.aborted) {
    try {
      const purged = await purgeExpired({
        client: DynamoDBDocumentClient.from(client),
        now: clock.real(),
        signal,
      });
      log.debug({ purged }, 'expired items purged');
    } catch (error) {
      log.warn({ err: error }, 'expired items could not be purged');
    }
    await pause(purgeEveryMs, signal);
  }
  client.destroy();
}
