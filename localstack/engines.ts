import { join } from 'node:path';
import { createClock } from '../src/clock.ts';
import { UsageError } from '../src/errors.ts';
import { inMemory } from './data-dir.ts';
import { lockDataDir } from './data-lock.ts';
import { startDynamodb } from './dynamodb-engine.ts';
import { localAppOf, newLocalApp, type LocalApp } from './slack/local-app.ts';
import { startWorkspace } from './slack/workspace.ts';
import { startSqs } from './sqs-engine.ts';

export type EnginesOptions = {
  /** Made if absent; `:memory:` keeps nothing. */
  readonly dataDir: string;
  /** 0 picks a free one. */
  readonly sqsPort: number;
  readonly dynamodbPort: number;
  readonly slackPort: number;
  /** Of the workspace, where nothing is kept; a data directory has its own. */
  readonly app?: LocalApp | undefined;
};

export type Engines = {
  /** Endpoint URLs, on loopback alone. */
  readonly sqs: string;
  readonly dynamodb: string;
  /** The workspace that stands in for Slack. */
  readonly slack: string;
  readonly stop: () => Promise<void>;
};

/**
 * Starts all engines in this process and holds the data directory while they run.
 * @throws UsageError if the directory is held by other engines, cannot be written, or a port is taken
 */
export async function startEngines(options: EnginesOptions): Promise<Engines> {
  const { dataDir, sqsPort, dynamodbPort, slackPort } = options;
  const kept = dataDir !== inMemory;
  const undo: (() => void | Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    if (kept) undo.push(lockDataDir(dataDir).release);
    const dynamodb = await startDynamodb(dynamodbPort, kept ? join(dataDir, 'dynamodb') : undefined);
    undo.push(dynamodb.stop);
    const sqs = await startSqs(sqsPort, kept ? join(dataDir, 'sqs') : undefined);
    undo.push(sqs.stop);
    const slack = await startWorkspace({
      ...(kept ? localAppOf(dataDir) : (options.app ?? newLocalApp())),
      port: slackPort,
      dir: kept ? join(dataDir, 'slack') : undefined,
      clock: createClock(),
    });
    undo.push(slack.stop);
    return { sqs: sqs.url, dynamodb: dynamodb.url, slack: slack.url, stop };
  } catch (error) {
    await stop();
    throw portTaken(error) ?? error;
  }
}

function portTaken(error: unknown): UsageError | undefined {
  if (!(error instanceof Error) || !('code' in error) || error.code !== 'EADDRINUSE') return undefined;
  return new UsageError(`a port of the engines is taken: ${error.message}`, { cause: error });
}
