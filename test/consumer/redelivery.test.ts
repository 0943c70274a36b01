import type { Message } from '@aws-sdk/client-sqs';
import { DeleteCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { expect, test } from '@jest/globals';
import { createClock } from '../../src/clock.ts';
import { ContendedRowError, UnreadableEventError } from '../../src/errors.ts';
import { handleBatch } from '../../src/consumer/batch.ts';
import { utc } from '../../src/events/time.ts';
import { retryDelaySeconds } from '../../src/queue/redelivery.ts';
import { readRow } from '../../src/store/projections/scheduler-rows.ts';
import { tableOf, type Store } from '../../src/store/store.ts';
import { createBackend, startTestConsumer, type TestBackend } from '../support/harness.ts';
import { openBackend } from '../support/open.ts';
import { keptLog } from '../support/log-lines.ts';
import { attributesOf, depth, isEmpty, receive, send } from '../support/queues.ts';
import { until } from '../support/until.ts';
import { batchContext } from './context.ts';

const backend = await openBackend();
const clock = createClock();
const time = utc(clock.real() - 1_800_000);

test.each([
  [1, 1],
  [2, 2],
  [3, 4],
  [4, 8],
  [8, 128],
  [9, 256],
  [10, 300],
  [99, 300],
  [100_000, 300],
])('after receive %i a message waits %i s', (receiveCount, seconds) => {
  expect(retryDelaySeconds(receiveCount)).toBe(seconds);
});

test('a row of a newer version keeps its messages in the queue, tried after 1 s and 2 s more', async () => {
  // Of its own: the SQS engine gives the next message to a long poll that was broken off, so to nobody.
  const consumed = await createBackend();
  const { store, queues, sqs } = consumed;
  const newer = { scheduler_id: 'newer-job', version: 99, rev: 7, shape: 'of the future' };
  await store.client.send(new PutCommand({ TableName: tableOf(store, 'schedulers'), Item: newer }));
  const { log, lines } = keptLog('warn');
  const tries: number[] = [];
  const consumer = startTestConsumer(consumed, { pollers: 1, log });
  try {
    await sendBeat(consumed, 'newer-job');
    for (const nth of [1, 2, 3]) {
      await until(`receive ${nth} has failed`, () => lines.length === nth);
      tries.push(clock.real());
    }
    const [first = 0, second = 0, third = 0] = tries;
    expect(second - first).toBeGreaterThan(700);
    expect(second - first).toBeLessThan(10_000);
    expect(third - second).toBeGreaterThan(1_700);
    expect(third - second).toBeLessThan(10_000);
    expect(lines[2]).toMatchObject({ level: 'warn', receive_count: 3, err: { type: 'NewerRowError' } });

    const Key = { scheduler_id: 'newer-job' };
    expect(await readRow(store, 'newer-job')).toMatchObject({ version: 99, rev: 7 });
    await store.client.send(new DeleteCommand({ TableName: tableOf(store, 'schedulers'), Key }));
    const applied = await until('the message is applied', () => readRow(store, 'newer-job'));
    expect(applied.state?.heartbeat?.at).toBe(time);
    await until('it has left the queue', () => isEmpty(sqs.send, queues.events.url));
    expect(await depth(sqs.send, queues.events.deadLetterUrl)).toEqual({ waiting: 0, inHand: 0 });
  } finally {
    await consumer.stop();
    consumed.close();
  }
});

test("an error that is no dependency's is tried again up to the 7th receive", async () => {
  const context = batchContext(backend, { store: faulty(backend.store) });
  const done = await handleBatch(context, [await received('faulty-7', 7)]);
  expect(done).toEqual([]);
  expect(context.outcomes).toEqual(['retried']);
  expect(context.opened).toEqual([]);
  expect(await depth(backend.sqs.send, backend.queues.events.deadLetterUrl)).toEqual({
    waiting: 0,
    inHand: 0,
  });
});

test('at the 8th receive it is dead-lettered with its reason', async () => {
  const { log, lines } = keptLog();
  const context = batchContext(backend, { store: faulty(backend.store), log });
  const message = await received('faulty-8', 8);
  const done = await handleBatch(context, [message]);
  expect(done).toEqual([message]);
  expect(context.outcomes).toEqual(['dead-lettered']);
  expect(context.opened).toEqual([]);
  const [dead, ...others] = await receive(backend.sqs.receive, backend.queues.events.deadLetterUrl);
  expect(others).toEqual([]);
  expect(dead?.Body).toBe(message.Body);
  expect(dead === undefined ? undefined : attributesOf(dead)).toMatchObject({
    'ronda-reason': 'failed 8 times: TypeError: cells is not iterable',
    'ronda-message-id': message.MessageId,
  });
  expect(lines.map(({ level, reason }) => ({ level, reason }))).toEqual([
    { level: 'error', reason: 'failed 8 times: TypeError: cells is not iterable' },
  ]);
});

test('a row of a newer version is no reason to dead-letter, however often it was met', async () => {
  const { store } = backend;
  const newer = { scheduler_id: 'newest-job', version: 99, rev: 7 };
  await store.client.send(new PutCommand({ TableName: tableOf(store, 'schedulers'), Item: newer }));
  const context = batchContext(backend);
  expect(await handleBatch(context, [await received('newest-job', 50)])).toEqual([]);
  expect(context.outcomes).toEqual(['retried']);
});

test('a message for a newer consumer stays in the queue, however often it was met, whatever its type', async () => {
  const { sqs, queues } = backend;
  const { log, lines } = keptLog();
  const context = batchContext(backend, { log });
  await send(sqs.send, queues.events.url, { type: 'pause', scheduler_id: 'future-job', ronda_schema: 99 });
  const [message = {}] = await receive(sqs.receive, queues.events.url);
  const Attributes = { ...message.Attributes, ApproximateReceiveCount: '50' };
  expect(await handleBatch(context, [{ ...message, Attributes }])).toEqual([]);
  expect(context.outcomes).toEqual(['retried']);
  expect(context.opened).toEqual([]);
  expect(lines).toMatchObject([
    { level: 'warn', msg: 'message not applied: it will be tried again', err: { type: 'NewerMessageError' } },
  ]);
});

test('a contended row, and a stream with an event of a newer version, dead-letter nothing', async () => {
  const { store } = backend;
  for (const error of [new ContendedRowError('a', 12), new UnreadableEventError('a', 'key')]) {
    const context = batchContext(backend, { store: faulty(store, error) });
    expect(await handleBatch(context, [await received('patient-job', 50)])).toEqual([]);
    expect(context.outcomes).toEqual(['retried']);
  }
});

test('one message that cannot be applied leaves its neighbours of other schedulers alone', async () => {
  const { store } = backend;
  const newer = { scheduler_id: 'stuck-job', version: 99, rev: 7 };
  await store.client.send(new PutCommand({ TableName: tableOf(store, 'schedulers'), Item: newer }));
  const messages = [await received('stuck-job', 1), await received('fluent-job', 1)];
  const done = await handleBatch(batchContext(backend), messages);
  expect(done).toEqual([messages[1]]);
});

/** A store whose client has a fault of ours. */
function faulty(store: Store, error: Error = new TypeError('cells is not iterable')): Store {
  const fail = (): Promise<never> => Promise.reject(error);
  const client = new Proxy(store.client, {
    get: (target, name): unknown => (name === 'send' ? fail : Reflect.get(target, name)),
  });
  return { ...store, client };
}

function sendBeat({ sqs, queues }: TestBackend, id: string): Promise<string> {
  const body = { type: 'heartbeat', scheduler_id: id, timestamp: time };
  return send(sqs.send, queues.events.url, body);
}

/** A message that was sent and received, as if for the nth time. */
async function received(id: string, times: number): Promise<Message> {
  await sendBeat(backend, id);
  const [message = {}] = await receive(backend.sqs.receive, backend.queues.events.url);
  expect(message.Body).toContain(id);
  return { ...message, Attributes: { ...message.Attributes, ApproximateReceiveCount: `${times}` } };
}
