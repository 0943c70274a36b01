import {
  CreateTableCommand,
  type DynamoDBClient,
  DescribeTimeToLiveCommand,
  ResourceInUseException,
  UpdateContinuousBackupsCommand,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  SetQueueAttributesCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { pause } from '../clock.ts';
import { errorName } from '../errors.ts';
import {
  deadLetterName,
  deadLetterRetentionSeconds,
  longPollSeconds,
  queueName,
  queues,
  retentionSeconds,
  type QueueName,
} from '../queue/topology.ts';
import { allTables, type Kept } from '../store/kept.ts';
import { expiryAttribute, tableName, type TableDefinition } from '../store/tables.ts';

export type ProvisionPlan = {
  readonly sqs: SQSClient;
  readonly dynamodb: DynamoDBClient;
  readonly prefix: string;
  readonly visibilitySeconds: number;
  /** Whose tables there are to be; by default all that are kept. */
  readonly projections?: readonly Kept[];
  /** Told of every step, one line each. */
  readonly report: (line: string) => void;
};

/**
 * Creates the tables and queues that are missing and sets what may have changed; running it again changes
 * nothing. What an engine does not know (TTL, point-in-time recovery) is reported and left out.
 */
export async function provision(plan: ProvisionPlan): Promise<void> {
  const steps = await Promise.allSettled([
    ...allTables(plan.projections).map((table) => provisionTable(plan, table)),
    ...keysOf(queues).map((queue) => provisionQueue(plan, queue)),
  ]);
  for (const step of steps) if (step.status === 'rejected') throw step.reason;
}

async function provisionTable(
  { dynamodb, prefix, report }: ProvisionPlan,
  definition: TableDefinition,
): Promise<void> {
  const TableName = tableName(prefix, definition);
  const keys = [definition.partition, ...(definition.sort === undefined ? [] : [definition.sort])];
  try {
    await dynamodb.send(
      new CreateTableCommand({
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: keys.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
        KeySchema: keys.map((AttributeName, index) => ({
          AttributeName,
          KeyType: index === 0 ? 'HASH' : 'RANGE',
        })),
      }),
    );
    report(`table ${TableName}: created`);
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
    report(`table ${TableName}: there`);
  }
  await waitUntilTableExists({ client: dynamodb, maxWaitTime: 120, minDelay: 1, maxDelay: 2 }, { TableName });
  if (definition.expires) {
    await ifKnown(report, `table ${TableName}: time to live`, () => enableTimeToLive(dynamodb, TableName));
  }
  if (definition.recoverable) {
    await ifKnown(report, `table ${TableName}: point-in-time recovery`, () =>
      enableRecovery(dynamodb, TableName),
    );
  }
}

const maxRecoveryTries = 15;
const recoveryPauseMs = 2_000;

/** DynamoDB refuses to enable what is enabled: asked first, and again after a refusal, since another may have. */
async function enableTimeToLive(dynamodb: DynamoDBClient, TableName: string): Promise<void> {
  const enabled = async (): Promise<boolean> => {
    const { TimeToLiveDescription } = await dynamodb.send(new DescribeTimeToLiveCommand({ TableName }));
    const status = TimeToLiveDescription?.TimeToLiveStatus;
    return status === 'ENABLED' || status === 'ENABLING';
  };
  if (await enabled()) return;
  const TimeToLiveSpecification = { AttributeName: expiryAttribute, Enabled: true };
  try {
    await dynamodb.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
  } catch (error) {
    if (!(await enabled())) throw error;
  }
}

/** A table that was just created may not be ready for it yet, though it is active. */
async function enableRecovery(dynamodb: DynamoDBClient, TableName: string): Promise<void> {
  const PointInTimeRecoverySpecification = { PointInTimeRecoveryEnabled: true };
  for (let tries = 1; ; tries += 1) {
    try {
      await dynamodb.send(
        new UpdateContinuousBackupsCommand({ TableName, PointInTimeRecoverySpecification }),
      );
      return;
    } catch (error) {
      if (errorName(error) !== 'ContinuousBackupsUnavailableException' || tries === maxRecoveryTries)
        throw error;
      await pause(recoveryPauseMs);
    }
  }
}

async function provisionQueue(plan: ProvisionPlan, queue: QueueName): Promise<void> {
  const { sqs, prefix, visibilitySeconds } = plan;
  const visibility = String(visibilitySeconds);
  const dead = await ensureQueue(plan, deadLetterName(prefix, queue), {
    MessageRetentionPeriod: String(deadLetterRetentionSeconds),
    VisibilityTimeout: visibility,
  });
  const live = await ensureQueue(plan, queueName(prefix, queue), {
    MessageRetentionPeriod: String(retentionSeconds),
    ReceiveMessageWaitTimeSeconds: String(longPollSeconds),
    VisibilityTimeout: visibility,
    RedrivePolicy: JSON.stringify({
      deadLetterTargetArn: dead.arn,
      maxReceiveCount: String(queues[queue].maxReceiveCount),
    }),
  });
  for (const made of [dead, live]) await ensurePolicy(sqs, made);
}

/** Only where there is none: the owner may have let other accounts send. */
async function ensurePolicy(sqs: SQSClient, { url, arn }: { url: string; arn: string }): Promise<void> {
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['Policy'] }),
  );
  if ((Attributes?.['Policy'] ?? '') !== '') return;
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes: { Policy: policyOf(arn) } }));
}

async function ensureQueue(
  { sqs, report }: ProvisionPlan,
  name: string,
  attributes: Record<string, string>,
): Promise<{ url: string; arn: string }> {
  // Created bare, then set: CreateQueue refuses a queue that exists with other attributes.
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
  if (QueueUrl === undefined) throw new Error(`queue ${name}: SQS gave it no URL`);
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: attributes }));
  const answer = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
  report(`queue ${name}: there`);
  return { url: QueueUrl, arn: answer.Attributes?.['QueueArn'] ?? '' };
}

/**
 * Nobody reads or writes in clear text over a network. Who may send at all stays with IAM and with statements
 * that the account's owner adds for other accounts (docs/sqs.md).
 */
function policyOf(arn: string): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'OnlyOverTls',
        Effect: 'Deny',
        Principal: '*',
        Action: 'sqs:*',
        Resource: arn,
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ],
  });
}

const unknownOperation = new Set([
  'UnknownOperationException',
  'NotImplemented',
  'InternalFailure',
  'UnknownOperation',
]);

async function ifKnown(
  report: (line: string) => void,
  what: string,
  step: () => Promise<unknown>,
): Promise<void> {
  try {
    await step();
    report(`${what}: on`);
  } catch (error) {
    if (!unknownOperation.has(errorName(error) ?? '')) throw error;
    report(`${what}: not known to this engine, left out`);
  }
}

function keysOf<K extends string>(record: Readonly<Record<K, unknown>>): K[] {
  const keys: K[] = [];
  for (const key in record) keys.push(key);
  return keys;
}
