import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand, DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterEach } from '@jest/globals';
import { isAlive, type Endpoints } from '../../localstack/endpoints.ts';
import { embeddedAccount } from '../../src/aws.ts';
import { undone } from '../support/undo.ts';
import { until } from '../support/until.ts';

/** Registers what is undone after each test, last first, whatever became of the test. */
export function cleanUp(): (step: () => unknown) => void {
  const steps = undone(afterEach);
  return (step) => {
    steps.push(step);
  };
}

/** A data directory that does not exist yet, in a temporary directory that goes after the test. */
export async function newDataDir(after: (step: () => unknown) => void): Promise<string> {
  const parent = await mkdtemp(join(tmpdir(), 'ronda-'));
  after(() => rm(parent, { recursive: true, force: true }));
  return join(parent, 'data');
}

/** Ends a process at once, if it is there still. */
export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (isAlive(pid)) throw error;
  }
}

/** Clients for engines that serve one test; neither retries, so that a test sees what happened. */
export function clientsOf(at: Endpoints, after: (step: () => unknown) => void): Clients {
  const shared = { ...embeddedAccount, maxAttempts: 1 };
  const sqs = new SQSClient({ ...shared, endpoint: at.sqs });
  const dynamodb = DynamoDBDocumentClient.from(new DynamoDBClient({ ...shared, endpoint: at.dynamodb }));
  after(() => {
    sqs.destroy();
    dynamodb.destroy();
  });
  return { sqs, dynamodb };
}

export type Clients = { readonly sqs: SQSClient; readonly dynamodb: DynamoDBDocumentClient };

/** Makes a table with the string keys named, partition key first, and waits until it can be written. */
export async function createTable(
  client: DynamoDBDocumentClient,
  name: string,
  ...keys: string[]
): Promise<void> {
  await client.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: keys.map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const })),
      KeySchema: keys.map((AttributeName, i) => ({ AttributeName, KeyType: i === 0 ? 'HASH' : 'RANGE' })),
    }),
  );
  await until(`table ${name} is active`, async () => {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: name }));
    return Table?.TableStatus === 'ACTIVE';
  });
}
