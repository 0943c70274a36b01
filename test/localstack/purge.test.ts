import { PutCommand, ScanCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startChild, type EnginesChild } from '../../localstack/engines-child.ts';
import { purgeExpired } from '../../localstack/purge.ts';
import { cleanUp, clientsOf, createTable } from './fixtures.ts';

// Engines of its own: a purge goes over every table, other tests' too.
let engines: EnginesChild;
beforeAll(async () => {
  engines = await startChild({ dataDir: ':memory:' });
});
afterAll(() => engines.stop());
const after = cleanUp();

/** 2026-11-23T00:00:00Z in seconds. */
const now = 1_795_392_000;

test('an item goes one second after its expiry and not before, whatever its key', async () => {
  const { dynamodb: client } = clientsOf(engines.at, after);
  await createTable(client, 'single', 'id');
  await createTable(client, 'double', 'stream', 'at');
  await put(client, 'single', { id: 'past', expires_at: now - 1 });
  await put(client, 'single', { id: 'present', expires_at: now });
  await put(client, 'single', { id: 'future', expires_at: now + 1 });
  await put(client, 'single', { id: 'eternal' });
  await put(client, 'single', { id: 'text', expires_at: '1' });
  await put(client, 'double', { stream: 's', at: '1', expires_at: now - 1 });
  await put(client, 'double', { stream: 's', at: '2', expires_at: now + 1 });

  expect(await purgeExpired({ client, now: now * 1000 + 999 })).toBe(2);
  expect(await idsIn(client, 'single')).toEqual(['eternal', 'future', 'present', 'text']);
  expect((await client.send(new ScanCommand({ TableName: 'double' }))).Items).toEqual([
    { stream: 's', at: '2', expires_at: now + 1 },
  ]);
  expect(await purgeExpired({ client, now: (now + 1) * 1000 })).toBe(1);
  expect(await idsIn(client, 'single')).toEqual(['eternal', 'future', 'text']);
});

test('an item that is given a longer life between being found and being deleted stays', async () => {
  const { dynamodb: client } = clientsOf(engines.at, after);
  const { dynamodb: other } = clientsOf(engines.at, after);
  await createTable(client, 'renewed', 'id');
  await put(client, 'renewed', { id: 'a', expires_at: now - 1 });
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        if (commandName === 'DeleteItemCommand')
          await put(other, 'renewed', { id: 'a', expires_at: now + 60 });
        return next(args);
      },
    { step: 'initialize' },
  );
  expect(await purgeExpired({ client, now: now * 1000 })).toBe(0);
  expect(await idsIn(other, 'renewed')).toEqual(['a']);
});

test('every page of a large table is purged', async () => {
  const { dynamodb: client } = clientsOf(engines.at, after);
  await createTable(client, 'large', 'id');
  const padding = 'x'.repeat(300_000);
  for (let n = 0; n < 10; n += 1) await put(client, 'large', { id: `${n}`, expires_at: now - n, padding });
  expect(await purgeExpired({ client, now: now * 1000 })).toBe(9);
  expect(await idsIn(client, 'large')).toEqual(['0']);
});

test('a purge that is told to stop deletes nothing more', async () => {
  const { dynamodb: client } = clientsOf(engines.at, after);
  await createTable(client, 'stopped', 'id');
  await put(client, 'stopped', { id: 'a', expires_at: now - 1 });
  expect(await purgeExpired({ client, now: now * 1000, signal: AbortSignal.abort() })).toBe(0);
  expect(await idsIn(client, 'stopped')).toEqual(['a']);
});

async function put(
  client: DynamoDBDocumentClient,
  table: string,
  item: Record<string, unknown>,
): Promise<void> {
  await client.send(new PutCommand({ TableName: table, Item: item }));
}

async function idsIn(client: DynamoDBDocumentClient, table: string): Promise<unknown[]> {
  const { Items } = await client.send(new ScanCommand({ TableName: table, ProjectionExpression: 'id' }));
  return (Items ?? []).map((item): unknown => item['id']).sort();
}
