import { describe, expect, test } from '@jest/globals';
import { createSqsClient } from '../../../src/queue/client.ts';
import { createPublisher } from '../../../src/queue/publisher.ts';
import { createDynamoDbClient, documentsOf } from '../../../src/store/client.ts';
import { closedPort } from './closed-port.ts';
import { atTheEnd } from '../../support/open.ts';
import {
  errorOf,
  eventsOf,
  keptLog,
  newId,
  newKey,
  newScheduler,
  openIngress,
  openWorld,
  registration,
  statusOf,
} from './fixtures.ts';

const { backend, call } = await openWorld();
const nowhere = `http://127.0.0.1:${await closedPort()}`;

const unavailable = (method: string, path: string) =>
  errorOf(503, [method, path], 'A dependency is not available, please try again');

describe('while the queue is away', () => {
  const sqs = createSqsClient('send', nowhere);
  const kept = keptLog();
  const queueless = openIngress(backend, {
    publisher: createPublisher(sqs, `${nowhere}/0/events`),
    log: kept.log,
  });
  atTheEnd(() => {
    sqs.destroy();
  });

  test('a status and a heartbeat are a 503 that asks to come back', async () => {
    const id = await newScheduler(call);
    const { call: callQueueless } = await queueless;
    for (const [method, path, body] of [
      ['PUT', `/schedulers/${id}/status`, statusOf(id)],
      ['POST', `/schedulers/${id}/heartbeat`, { scheduler_id: id }],
    ] as const) {
      const answer = await callQueueless(method, path, body);
      expect(answer.status).toBe(503);
      expect(answer.json).toEqual(unavailable(method, path));
      expect(answer.headers.get('retry-after')).toBe('5');
    }
  });

  test('a registration is a 503 and leaves nothing behind', async () => {
    const id = newId();
    const { call: callQueueless } = await queueless;
    const answer = await callQueueless('POST', '/schedulers/register', registration(id));
    expect(answer.json).toEqual(unavailable('POST', '/schedulers/register'));
    expect(await eventsOf(backend, id)).toEqual([]);
    expect((await call('GET', `/schedulers/${id}`)).status).toBe(404);
  });

  test('a removal is a 503 and removes nothing', async () => {
    const id = await newScheduler(call);
    const { call: callQueueless } = await queueless;
    const answer = await callQueueless('DELETE', `/schedulers/${id}`);
    expect(answer.json).toEqual(unavailable('DELETE', `/schedulers/${id}`));
    expect((await call('GET', `/schedulers/${id}`)).status).toBe(200);
  });

  test('each event of a batch is a 503 of its own, and the log says why', async () => {
    const id = await newScheduler(call);
    const { call: callQueueless } = await queueless;
    const events = [
      { type: 'status', ...statusOf(id) },
      { type: 'heartbeat', scheduler_id: 'unknown' },
    ];
    const answer = await callQueueless('POST', '/events', events, { 'x-correlation-id': 'deaf-batch' });
    expect(answer.status).toBe(207);
    expect(answer.json).toEqual([
      { status: 503, scheduler_id: id, message: 'This event could not be taken, please try again' },
      {
        status: 404,
        scheduler_id: 'unknown',
        message: 'Scheduler unknown not found. Please register first.',
      },
    ]);
    expect(kept.lines()).toContainEqual(
      expect.objectContaining({
        correlation_id: 'deaf-batch',
        scheduler_id: id,
        msg: 'event refused: a dependency is away',
      }),
    );
  });

  test('reading goes on', async () => {
    const id = await newScheduler(call);
    const { call: callQueueless } = await queueless;
    expect((await callQueueless('GET', `/schedulers/${id}`)).status).toBe(200);
    expect((await callQueueless('GET', '/schedulers')).status).toBe(200);
    expect((await callQueueless('GET', `/schedulers/${id}/history`)).status).toBe(200);
  });
});

describe('while DynamoDB is away', () => {
  const client = createDynamoDbClient(nowhere);
  const lost = openIngress({ ...backend, store: { ...backend.store, client: documentsOf(client) } });
  atTheEnd(() => {
    client.destroy();
  });

  test.each([
    ['POST', '/schedulers/register', registration('a')],
    ['PUT', '/schedulers/a/status', statusOf('a')],
    ['POST', '/schedulers/a/heartbeat', { scheduler_id: 'a' }],
    ['POST', '/events', [{ type: 'heartbeat', scheduler_id: 'a' }]],
    ['GET', '/schedulers', undefined],
    ['GET', '/schedulers/a', undefined],
    ['GET', '/schedulers/a?as_of=2026-11-01T00:00:00Z', undefined],
    ['GET', '/schedulers/a/history', undefined],
    ['DELETE', '/schedulers/a', undefined],
  ])('%s %s is a 503 that asks to come back', async (method, path, body) => {
    const { call: callLost } = await lost;
    const answer = await callLost(method, path, body);
    expect(answer.status).toBe(503);
    expect(answer.json).toEqual(unavailable(method, path));
    expect(answer.headers.get('retry-after')).toBe('5');
  });

  test('a key that cannot be looked up is no wrong key', async () => {
    const { call: callLost } = await lost;
    const answer = await callLost('GET', '/schedulers', undefined, { 'x-api-key': await newKey(backend) });
    expect(answer.json).toEqual(unavailable('GET', '/schedulers'));
  });
});

test('an error of our own is a 500 without a word of it', async () => {
  const publisher = {
    send: () => Promise.reject(new TypeError('secret of src/queue')),
    close: () => Promise.resolve(),
  };
  const { call: callBroken } = await openIngress(backend, { publisher });
  const answer = await callBroken('POST', '/schedulers/register', registration(newId()));
  expect(answer.status).toBe(500);
  expect(answer.json).toEqual(
    errorOf(500, ['POST', '/schedulers/register'], 'Something went wrong on our side'),
  );
});
