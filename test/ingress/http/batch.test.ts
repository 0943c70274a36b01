import { describe, expect, test } from '@jest/globals';
import { DependencyError } from '../../../src/errors.ts';
import type { Outgoing } from '../../../src/queue/publisher.ts';
import { throttle } from '../../support/throttled.ts';
import { until } from '../../support/until.ts';
import {
  arrayOf,
  errorOf,
  eventsOf,
  minutesFromNow,
  newKey,
  newScheduler,
  newUuid,
  objectOf,
  openIngress,
  openWorld,
  statusOf,
  uuid,
} from './fixtures.ts';

const { backend, call } = await openWorld({ consumer: true });
const id = await newScheduler(call);
const other = await newScheduler(call, { service_name: 'payments' });
const status = (fields: object = {}) => ({ type: 'status', ...statusOf(id, fields) });
const heartbeat = (fields: object = {}) => ({ type: 'heartbeat', scheduler_id: id, ...fields });

describe('a batch', () => {
  test('is a 207 with a result for each event, in order', async () => {
    const event_id = newUuid();
    const answer = await call('POST', '/events', [
      status({ event_id }),
      heartbeat(),
      status({ status: 'done' }),
      { type: 'heartbeat', scheduler_id: 'gone' },
      heartbeat({ timestamp: minutesFromNow(6) }),
      heartbeat({ timestamp: minutesFromNow(-3) }),
    ]);
    expect(answer.status).toBe(207);
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(answer.json).toEqual([
      { status: 200, event_id, scheduler_id: id },
      { status: 200, event_id: uuid, scheduler_id: id },
      { status: 400, message: ['status: must be one of pending, running, completed, failed'] },
      { status: 404, scheduler_id: 'gone', message: 'Scheduler gone not found. Please register first.' },
      { status: 400, message: ['timestamp: must not lie more than 5 minutes ahead'] },
      { status: 200, event_id: uuid, scheduler_id: id },
    ]);
  });

  test('applies exactly what it answered 200 for', async () => {
    const one = await newScheduler(call);
    const events = [
      {
        type: 'status',
        ...statusOf(one, { status: 'running', timestamp: minutesFromNow(-3), metadata: { a: 1 } }),
      },
      { type: 'status', ...statusOf(one, { status: 'nonsense' }) },
      { type: 'heartbeat', scheduler_id: one, timestamp: minutesFromNow(-2) },
    ];
    const answered = arrayOf(await call('POST', '/events', events));
    await until('both are stored', async () => (await eventsOf(backend, one)).length === 3);
    const stored = (await eventsOf(backend, one)).map(({ event }) => event.event_id);
    expect(stored).toEqual(expect.arrayContaining([answered[0]?.['event_id'], answered[2]?.['event_id']]));
    await until(
      'they are projected',
      async () => objectOf(await call('GET', `/schedulers/${one}`))['status'] === 'running',
    );
    expect(objectOf(await call('GET', `/schedulers/${one}`))['metadata']).toEqual({ a: 1 });
  });

  test('of a hundred events is taken', async () => {
    const events = Array.from({ length: 100 }, (_, i) => heartbeat({ timestamp: minutesFromNow(-i) }));
    const results = arrayOf(await call('POST', '/events', events));
    expect(results.map((result) => result['status'])).toEqual(events.map(() => 200));
    expect(new Set(results.map(({ event_id }) => event_id)).size).toBe(100);
  });

  test.each([
    [0, []],
    [101, Array.from({ length: 101 }, () => ({ type: 'heartbeat', scheduler_id: 'a' }))],
    [5_000, Array.from({ length: 5_000 }, () => 1)],
  ])('of %i events is a 400', async (_count, events) => {
    const answer = await call('POST', '/events', events);
    expect(answer.status).toBe(400);
    expect(answer.json).toEqual(
      errorOf(400, ['POST', '/events'], ['body: must be an array of 1 to 100 events']),
    );
  });

  test.each(['key', '"key"', ''])('with an Idempotency-Key is a 400: %j', async (key) => {
    const answer = await call('POST', '/events', [heartbeat()], { 'Idempotency-Key': key });
    expect(answer.status).toBe(400);
    expect(answer.json).toEqual(
      errorOf(400, ['POST', '/events'], ['Idempotency-Key: is not for batches, give each event an event_id']),
    );
  });

  test('of almost 1 MiB is taken', async () => {
    const padding = 'x'.repeat(10_000);
    const events = Array.from({ length: 100 }, () => heartbeat({ padding }));
    expect((await call('POST', '/events', events)).status).toBe(207);
  });

  test.each([
    ['null', 'event: must be a JSON object'],
    ['5', 'event: must be a JSON object'],
    ['"text"', 'event: must be a JSON object'],
    ['[]', 'event: must be a JSON object'],
    ['[[{}]]', 'event: must be a JSON object'],
    ['{}', 'type: must be one of status, heartbeat'],
    ['{"type":null}', 'type: must be one of status, heartbeat'],
    ['{"type":"register"}', 'type: must be one of status, heartbeat'],
    ['{"type":"remove","scheduler_id":"a"}', 'type: must be one of status, heartbeat'],
    ['{"type":["status"]}', 'type: must be one of status, heartbeat'],
    ['{"type":"heartbeat"}', 'scheduler_id: is required'],
    ['{"type":"heartbeat","scheduler_id":"a b"}', 'scheduler_id: must be 1 to 255 of A-Z a-z 0-9 . _ : -'],
    ['{"type":"heartbeat","scheduler_id":"a","event_id":"mine"}', 'event_id: must be a UUID'],
  ])('with the element %s answers it alone with a 400', async (element, message) => {
    const answer = await call('POST', '/events', `[${element},${JSON.stringify(heartbeat())}]`);
    expect(answer.status).toBe(207);
    expect(answer.json).toEqual([
      { status: 400, message: [message] },
      { status: 200, event_id: uuid, scheduler_id: id },
    ]);
  });

  test('names every bad field of an element', async () => {
    const answer = await call('POST', '/events', [{ type: 'status', status: 'failed' }]);
    expect(answer.json).toEqual([
      {
        status: 400,
        message: [
          'scheduler_id: is required',
          'service_name: is required',
          'job_name: is required',
          'timestamp: is required',
          'error_message: is required when status is failed',
        ],
      },
    ]);
  });

  test("answers another service's events with a 403 and the key's own with a 200", async () => {
    const headers = { 'x-api-key': await newKey(backend, { services: ['billing'] }) };
    const events = [
      heartbeat(),
      { type: 'heartbeat', scheduler_id: other },
      status(),
      status({ service_name: 'payments' }),
      { type: 'status', ...statusOf(other) },
    ];
    const message = 'This API key is not for the service payments';
    expect((await call('POST', '/events', events, headers)).json).toEqual([
      { status: 200, event_id: uuid, scheduler_id: id },
      { status: 403, scheduler_id: other, message },
      { status: 200, event_id: uuid, scheduler_id: id },
      { status: 403, scheduler_id: id, message },
      { status: 403, scheduler_id: other, message },
    ]);
  });

  test('answers events that the queue did not take with a 503 and the others with a 200', async () => {
    const publisher = {
      send: ({ body }: Outgoing) =>
        body.includes('refuse me') ? Promise.reject(new DependencyError('queue', 'no')) : Promise.resolve(),
      close: () => Promise.resolve(),
    };
    const { call: partly } = await openIngress(backend, { publisher });
    const answer = await partly('POST', '/events', [
      heartbeat(),
      status({ metadata: { note: 'refuse me' } }),
      status(),
    ]);
    expect(answer.status).toBe(207);
    expect(answer.json).toEqual([
      { status: 200, event_id: uuid, scheduler_id: id },
      { status: 503, scheduler_id: id, message: 'This event could not be taken, please try again' },
      { status: 200, event_id: uuid, scheduler_id: id },
    ]);
  });

  test('answers an event whose scheduler cannot be looked up, its key being throttled, with a 503, and the others with a 200', async () => {
    const { store } = backend;
    const hot = await newScheduler(call);
    // Of its own, so that nothing is known of the schedulers yet.
    const { call: cold } = await openIngress(backend);
    const cool = throttle(store, hot, { command: 'BatchGet' });
    const answer = await cold('POST', '/events', [heartbeat(), { type: 'heartbeat', scheduler_id: hot }]);
    cool();
    expect(answer.status).toBe(207);
    expect(answer.json).toEqual([
      { status: 200, event_id: uuid, scheduler_id: id },
      { status: 503, scheduler_id: hot, message: 'This event could not be taken, please try again' },
    ]);
  });

  test('that is sent again stores nothing new', async () => {
    const one = await newScheduler(call);
    const events = [
      { type: 'status', ...statusOf(one) },
      { type: 'heartbeat', scheduler_id: one, timestamp: minutesFromNow(-1) },
    ];
    const first = await call('POST', '/events', events);
    const again = await call('POST', '/events', events);
    expect(again.json).toEqual(first.json);
    await until('both are stored', async () => (await eventsOf(backend, one)).length === 3);
    const marker = { type: 'heartbeat', scheduler_id: one, timestamp: minutesFromNow(-9) };
    await call('POST', '/events', [marker]);
    await until('the marker is stored', async () => (await eventsOf(backend, one)).length >= 4);
    expect(await eventsOf(backend, one)).toHaveLength(4);
  });
});
