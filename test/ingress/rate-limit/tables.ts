import { randomUUID } from 'node:crypto';
import { CreateTableCommand, DynamoDBClient, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

const endpoint = process.env['RONDA_TEST_DYNAMODB_ENDPOINT'] ?? 'http://127.0.0.1:1';

export function createClient(at = endpoint) {
  return DynamoDBDocumentClient.from(createEngineClient(at));
}

function createEngineClient(at: string) {
  return new DynamoDBClient({
    endpoint: at,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
}

/** A new table of rate limits in the engine that the test run provides. */
export async function createTable(): Promise<string> {
  const engine = createEngineClient(endpoint);
  const TableName = `test-${randomUUID()}`;
  await engine.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'key_id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'key_id', KeyType: 'HASH' }],
    }),
  );
  await waitUntilTableExists({ client: engine, maxWaitTime: 20, minDelay: 1 }, { TableName });
  engine.destroy();
  return TableName;
}

/** The names of the requests that leave the process from now on, retries included. */
export function requestsOf(client: DynamoDBDocumentClient): string[] {
  const names: string[] = [];
  client.middlewareStack.add(
    (next, context) => (args) => {
      names.push(context.commandName ?? 'unnamed');
      return next(args);
    },
    { step: 'finalizeRequest', priority: 'low', name: 'namesOfRequests' },
  );
  return names;
}
