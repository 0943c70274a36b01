import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { GetQueueAttributesCommand, SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { paginateScan } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { tableOf } from '../../src/store/store.ts';
import type { TableName } from '../../src/store/tables.ts';
import { createBackend, testEndpoints, type TestBackend } from '../support/harness.ts';
import { until } from '../support/until.ts';
import { makeReports, random, type SentReport } from './reports.ts';
import { expectedHistory, expectedRow } from './specification.ts';

/**
 * The promise that everything else rests on, with real processes: whatever is killed, sent twice or delivered
 * out of order, every event is stored once and the rows are what the events say.
 */
const schedulers = 200;
const events = 5_000;
const consumers = 3;
/** A consumer is killed whenever so many messages have left the queue since the last kill. */
const messagesPerKill = 1_000;
const seed = 20261123;

let backend: TestBackend;
const running: ChildProcess[] = [];

beforeAll(async () => {
  backend = await createBackend({ visibilitySeconds: 2 });
});

afterAll(async () => {
  await Promise.all(running.map(kill));
  backend.close();
});

test('5,000 events sent up to three times, shuffled, through consumers that are killed again and again, are stored once and projected rightly', async () => {
  const next = random(seed);
  const reports = makeReports(next, { schedulers, events });
  const copies = reports.flatMap((report) =>
    Array.from({ length: 1 + Math.floor(next() * 3) }, () => report),
  );
  await send(shuffle(copies, next));
  const total = await waiting();
  expect(total).toBe(copies.length);

  for (let index = 0; index < consumers; index += 1) running.push(startConsumer());
  const killsWithWorkLeft = await killWhileWorking(next, total);
  await until('the queue is empty', async () => (await waiting()) === 0, { timeoutMs: 60_000, everyMs: 100 });
  expect(killsWithWorkLeft).toBeGreaterThanOrEqual(5);

  const stored = await scan('events');
  expect(stored.map(keyOfEvent).sort()).toEqual(
    reports
      .map(({ scheduler_id, timestamp, event_id }) => [scheduler_id, timestamp, event_id].join(' '))
      .sort(),
  );

  const ids = [...new Set(reports.map(({ scheduler_id }) => scheduler_id))].sort();
  const of = (id: string): SentReport[] => reports.filter(({ scheduler_id }) => scheduler_id === id);
  const rows = (await scan('schedulers')).map((row) => without(row, 'rev'));
  expect(sorted(rows)).toEqual(ids.map((id) => expectedRow(id, of(id))));

  const history = (await scan('history')).map((entry) => without(entry, 'expires_at'));
  expect(sorted(history)).toEqual(sorted(ids.flatMap((id) => expectedHistory(of(id)))));
}, 180_000);

async function killWhileWorking(next: () => number, total: number): Promise<number> {
  let kills = 0;
  for (let left = total - messagesPerKill; left > 0; left -= messagesPerKill) {
    await until(`at most ${left} messages wait`, async () => (await waiting()) <= left, {
      timeoutMs: 60_000,
      everyMs: 20,
    });
    const victim = Math.floor(next() * consumers);
    const [killed] = running.splice(victim, 1, startConsumer());
    if (killed !== undefined) await kill(killed);
    if ((await waiting()) > 0) kills += 1;
  }
  return kills;
}

function startConsumer(): ChildProcess {
  const { sqs, dynamodb } = testEndpoints();
  return spawn(process.execPath, ['src/cli.ts', 'start', 'consumer', '--json'], {
    stdio: 'ignore',
    env: {
      ...process.env,
      RONDA_BACKEND: 'aws',
      RONDA_PREFIX: backend.prefix,
      RONDA_VISIBILITY_SECONDS: '2',
      PORT: '0',
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_ENDPOINT_URL_SQS: sqs,
      AWS_ENDPOINT_URL_DYNAMODB: dynamodb,
    },
  });
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

async function send(reports: readonly SentReport[]): Promise<void> {
  for (let start = 0; start < reports.length; start += 10) {
    const Entries = reports
      .slice(start, start + 10)
      .map((report, index) => ({ Id: String(index), MessageBody: JSON.stringify(report) }));
    await backend.sqs.send.send(
      new SendMessageBatchCommand({ QueueUrl: backend.queues.events.url, Entries }),
    );
  }
}

/** Messages that are not done: in the queue, or in some consumer's hands. */
async function waiting(): Promise<number> {
  const { Attributes = {} } = await backend.sqs.send.send(
    new GetQueueAttributesCommand({ QueueUrl: backend.queues.events.url, AttributeNames: ['All'] }),
  );
  return (
    Number(Attributes['ApproximateNumberOfMessages']) +
    Number(Attributes['ApproximateNumberOfMessagesNotVisible'])
  );
}

async function scan(table: TableName): Promise<Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = [];
  const { store } = backend;
  for await (const page of paginateScan(
    { client: store.client },
    { TableName: tableOf(store, table), ConsistentRead: true },
  )) {
    items.push(...(page.Items ?? []));
  }
  return items;
}

function without(item: Record<string, unknown>, name: string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(item).filter(([key]) => key !== name));
}

function keyOfEvent(item: Record<string, unknown>): string {
  return [item['scheduler_id'], item['occurred_at'], item['event_id']].join(' ');
}

function sorted(items: readonly Record<string, unknown>[]): Record<string, unknown>[] {
  const key = (item: Record<string, unknown>): string =>
    [item['scheduler_id'], item['timestamp#event_id'] ?? ''].join(' ');
  return [...items].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

function shuffle<T>(items: readonly T[], next: () => number): T[] {
  return items
    .map((item) => ({ item, place: next() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}
