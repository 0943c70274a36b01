import type { Message } from '@aws-sdk/client-sqs';
import { PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { handleBatch } from '../../src/consumer/batch.ts';
import { DependencyError } from '../../src/errors.ts';
import { readRow } from '../../src/store/projections/scheduler-rows.ts';
import { tableOf } from '../../src/store/store.ts';
import { createBackend, startTestConsumer, type TestBackend } from '../support/harness.ts';
import { attributesOf, isEmpty, receive, send } from '../support/queues.ts';
import { until } from '../support/until.ts';
import { batchContext } from './context.ts';

let backend: TestBackend;
beforeEach(async () => {
  backend = await createBackend();
});
afterEach(() => {
  backend.close();
});

const eventId = '11111111-1111-4111-8111-111111111111';
/** Half an hour past midnight in Jakarta, of 6 January. */
const time = '2026-01-05T17:30:00.000Z';
const failure = {
  type: 'status',
  scheduler_id: 'job-1',
  service_name: 'billing',
  job_name: 'Invoices',
  status: 'failed',
  error_message: 'disk full',
  timestamp: time,
  event_id: eventId,
};
const night = 'eod/2026-01-06';
const alert_key = `alert/job-1/${time}#${eventId}`;
const key = { night, alert_key };
const notice = { night, message_key: alert_key };

/** Board settings may change between two deliveries: the alert stays where it was first. */
test('a failure that comes again after the boards have changed leaves no second alert', async () => {
  const context = batchContext(backend);
  await handleBatch(context, [await received(failure)]);
  const renamed = context.notices.boards.map((board) => ({ ...board, name: 'other', zone: 'Europe/Berlin' }));
  await handleBatch({ ...context, notices: { ...context.notices, boards: renamed } }, [
    await received(failure),
  ]);
  expect(await alerts()).toMatchObject([key]);
  const wakeUps = await receive(backend.sqs.receive, backend.queues.notices.url);
  expect(new Set(wakeUps.map(({ Body }) => Body))).toEqual(new Set([JSON.stringify(notice)]));
});

test('a failure that is sent five times leaves one row and at least one wake-up', async () => {
  const consumer = startTestConsumer(backend);
  try {
    for (let n = 0; n < 5; n += 1) await sendEvent(failure, { 'x-correlation-id': 'night-7' });
    await until('the queue is empty', () => isEmpty(backend.sqs.send, backend.queues.events.url));
  } finally {
    await consumer.stop();
  }
  expect(consumer.counts()).toEqual({ recorded: 5, 'dead-lettered': 0, retried: 0 });
  expect(await alerts()).toMatchObject([
    { ...key, kind: 'failure', state: 'new', scheduler_id: 'job-1', occurred_at: time, event_id: eventId },
  ]);
  const wakeUps = await receive(backend.sqs.receive, backend.queues.notices.url);
  expect(wakeUps.length).toBeGreaterThanOrEqual(1);
  expect(wakeUps.length).toBeLessThanOrEqual(5);
  for (const wakeUp of wakeUps) {
    expect(JSON.parse(wakeUp.Body ?? '')).toEqual(notice);
    expect(attributesOf(wakeUp)).toEqual({ 'x-correlation-id': 'night-7' });
  }
});

test('a failure belongs to the night that began last, by the watch’s own time zone', async () => {
  const before = { ...failure, timestamp: '2026-01-05T16:59:59.999Z' };
  const at = { ...failure, timestamp: '2026-01-05T17:00:00.000Z' };
  for (const event of [before, at]) await handleBatch(batchContext(backend), [await received(event)]);
  expect((await alerts()).map(({ night, occurred_at }) => [night, occurred_at])).toEqual([
    ['eod/2026-01-05', '2026-01-05T16:59:59.999Z'],
    ['eod/2026-01-06', '2026-01-05T17:00:00.000Z'],
  ]);
});

test('an alert that is open stays as it is when its failure comes again', async () => {
  const open = { ...key, kind: 'failure', state: 'open', by: 'somebody' };
  await backend.store.client.send(
    new PutCommand({ TableName: tableOf(backend.store, 'alerts'), Item: open }),
  );
  const message = await received(failure);
  expect(await handleBatch(batchContext(backend), [message])).toEqual([message]);
  expect(await alerts()).toEqual([open]);
});

test.each(['pending', 'running', 'completed'])('a status %s sends no notice', async (status) => {
  const message = await received({ ...failure, status });
  expect(await handleBatch(batchContext(backend), [message])).toEqual([message]);
  expect(await readRow(backend.store, 'job-1')).toBeDefined();
  expect(await alerts()).toEqual([]);
  expect(await isEmpty(backend.sqs.send, backend.queues.notices.url)).toBe(true);
});

test('a failure whose wake-up could not be sent stays in the queue', async () => {
  const away = new DependencyError('queue', Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }));
  const context = batchContext(backend);
  const publisher = { send: () => Promise.reject(away), close: () => Promise.resolve() };
  const failing = { ...context, notices: { ...context.notices, publisher } };
  const messages = [
    await received(failure),
    await received({ ...failure, status: 'running', timestamp: '2026-01-05T17:29:00Z' }),
  ];
  expect(await handleBatch(failing, messages)).toEqual([messages[1]]);
  expect(context.opened).toEqual([away]);
  expect(context.outcomes).toEqual(['retried', 'recorded']);
});

async function sendEvent(body: object, attributes: Readonly<Record<string, string>> = {}): Promise<void> {
  await send(backend.sqs.send, backend.queues.events.url, body, attributes);
}

async function received(body: object): Promise<Message> {
  await sendEvent(body);
  const [message = {}] = await receive(backend.sqs.receive, backend.queues.events.url);
  expect(JSON.parse(message.Body ?? '')).toEqual(body);
  return message;
}

/** What stands in `ronda-alerts`, by night, without what DynamoDB deletes it by. */
async function alerts(): Promise<Record<string, unknown>[]> {
  const scan = new ScanCommand({ TableName: tableOf(backend.store, 'alerts'), ConsistentRead: true });
  const { Items = [] } = await backend.store.client.send(scan);
  return Items.filter(({ kind }) => kind !== undefined)
    .map((item) => Object.fromEntries(Object.entries(item).filter(([name]) => name !== 'expires_at')))
    .sort((a, b) => (String(a['night']) < String(b['night']) ? -1 : 1));
}
