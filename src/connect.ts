import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { KeptEngines } from '../localstack/supervisor.ts';
import { retentionOf } from '../projections/retention.ts';
import type { Clock } from './clock.ts';
import { clockOf, type Settings } from './config.ts';
import { DependencyError, isDependencyError, UsageError } from './errors.ts';
import type { Logger } from './log.ts';
import { provision } from './provision/provision.ts';
import { resourceText, type Mode } from './provision/resource.ts';
import { createSqsClient } from './queue/client.ts';
import { openQueues, type QueueUrls } from './queue/topology.ts';
import { standIns } from './stand-ins.ts';
import { createDynamoDbClient, documentsOf } from './store/client.ts';
import type { Store } from './store/store.ts';

/** Tables and queues, open. */
export type Connection = {
  readonly clock: Clock;
  readonly store: Store;
  readonly sqs: { readonly send: SQSClient; readonly receive: SQSClient };
  readonly queues: QueueUrls;
  /** The embedded engines, if the settings ask for them: joined if they run, else started here. */
  readonly engines: KeptEngines | undefined;
  /** Ends what was started here. */
  readonly close: () => Promise<void>;
};

/**
 * Opens what the settings name. On the embedded engines it starts those and creates what is missing as well.
 * @param mode `force` where this process's settings are to hold for what the embedded engines have already, too
 * @throws UsageError or DependencyError when that cannot be
 */
export async function connect(
  settings: Settings,
  log: Logger,
  mode: Exclude<Mode, 'plan'> = 'create',
): Promise<Connection> {
  const clock = clockOf(settings);
  const engines =
    settings.RONDA_BACKEND === 'aws'
      ? undefined
      : await (await standIns()).keepEngines({ dataDir: settings.RONDA_DATA_DIR, log });
  const sqs = {
    send: createSqsClient('send', engines?.sqs),
    receive: createSqsClient('receive', engines?.sqs),
  };
  const dynamodb = createDynamoDbClient(engines?.dynamodb);
  const close = async (): Promise<void> => {
    await engines?.stop();
    sqs.send.destroy();
    sqs.receive.destroy();
    dynamodb.destroy();
  };
  try {
    if (engines !== undefined) {
      const create = (): Promise<void> => provisionAll(settings, dynamodb, sqs.send, mode, log);
      await create();
      engines.onRestart(create);
    }
    const queues = await openQueues(sqs.send, settings.RONDA_PREFIX);
    const store: Store = {
      client: documentsOf(dynamodb),
      prefix: settings.RONDA_PREFIX,
      clock,
      retention: retentionOf(settings),
    };
    return { clock, store, sqs, queues, engines, close };
  } catch (error) {
    await close();
    throw asUsersSee(error);
  }
}

/** An error of something we depend on in a form that has a message for people; any other as it is. */
export function asUsersSee(error: unknown): unknown {
  if (error instanceof UsageError || error instanceof DependencyError) return error;
  return isDependencyError(error) ? new DependencyError('AWS', error) : error;
}

function provisionAll(
  settings: Settings,
  dynamodb: DynamoDBClient,
  sqs: SQSClient,
  mode: Mode,
  log: Logger,
): Promise<void> {
  return provision({
    sqs,
    dynamodb,
    mode,
    prefix: settings.RONDA_PREFIX,
    visibilitySeconds: settings.RONDA_VISIBILITY_SECONDS,
    report: (resource) => {
      log.debug({ resource }, resourceText(resource).trimEnd());
    },
  });
}
