import { describe, expect, test } from '@jest/globals';
import { DependencyError } from '../../../src/errors.ts';
import { until } from '../../support/until.ts';
import {
  apply,
  arrayOf,
  deadLetterWith,
  errorOf,
  eventsOf,
  minutesFromNow,
  newScheduler,
  newUuid,
  objectOf,
  openIngress,
  openWorld,
  recordingPublisher,
  statusOf,
} from './fixtures.ts';

const { backend, call } = await openWorld({ consumer: true });

/** Sends a status and gives the id it was accepted under. */
async function send(id: string, fields: object, headers: Readonly<Record<string, string>> = {}) {
  const answer = await call('PUT', `/schedulers/${id}/status`, statusOf(id, fields), headers);
  expect(answer.status).toBe(200);
  return objectOf(answer)['event_id'];
}

/** How many statuses of a scheduler are stored once everything sent so far is applied. */
async function statusesOf(id: string): Promise<number> {
  await apply(call, id, { timestamp: minutesFromNow(-500), metadata: { marker: newUuid() } });
  const stored = (await eventsOf(backend, id)).filter(({ event }) => event.type === 'status_reported');
  const entries = arrayOf(await call('GET', `/schedulers/${id}/history`));
  expect(entries).toHaveLength(stored.length + 1);
  return stored.length - 1;
}

/** Waits until nothing lies in the queue of which the outcome is not known. */
async function settled(id: string, statuses: number): Promise<void> {
  await until('the statuses are stored', async () => (await eventsOf(backend, id)).length > statuses);
}

describe('the same event sent twice is one', () => {
  test('by its event_id', async () => {
    const id = await newScheduler(call);
    const event_id = newUuid();
    const timestamp = minutesFromNow(-5);
    expect(await send(id, { event_id, timestamp })).toBe(event_id);
    expect(await send(id, { event_id: event_id.toUpperCase(), timestamp })).toBe(event_id);
    await settled(id, 1);
    expect(await statusesOf(id)).toBe(1);
  });

  test.each([
    ['bare', 'close-2026-11-23', 'close-2026-11-23'],
    ['quoted', '"close-2026-11-23"', '"close-2026-11-23"'],
    ['once bare and once quoted', 'close-2026-11-23', '"close-2026-11-23"'],
    ['of 255 characters', 'k'.repeat(255), 'k'.repeat(255)],
  ])('by its Idempotency-Key, %s', async (_how, first, second) => {
    const id = await newScheduler(call);
    const timestamp = minutesFromNow(-5);
    const one = await send(id, { timestamp }, { 'Idempotency-Key': first });
    const two = await send(id, { timestamp }, { 'Idempotency-Key': second });
    expect(two).toBe(one);
    await settled(id, 1);
    expect(await statusesOf(id)).toBe(1);
  });

  test('by an Idempotency-Key that is a UUID, which then is the event’s id', async () => {
    const id = await newScheduler(call);
    const key = newUuid();
    expect(await send(id, {}, { 'Idempotency-Key': `"${key}"` })).toBe(key);
  });

  test('by its content, so that a plain retry is safe', async () => {
    const id = await newScheduler(call);
    const fields = { timestamp: minutesFromNow(-5), metadata: { b: 1, a: [1, 2] }, execution_time_ms: 5 };
    const ids = [];
    for (let time = 0; time < 3; time += 1) ids.push(await send(id, fields));
    expect(new Set(ids).size).toBe(1);
    await settled(id, 1);
    expect(await statusesOf(id)).toBe(1);
  });

  test('by its content, however it is written', async () => {
    const id = await newScheduler(call);
    const at = minutesFromNow(-5);
    const body = statusOf(id, { timestamp: at, metadata: { b: 1, a: 2 }, error_message: null });
    const inJakarta = new Date(Date.parse(at) + 7 * 3_600_000).toISOString().replace('Z', '+07:00');
    const otherwise = { metadata: { a: 2, b: 1 }, unknown: 1, ...statusOf(id, { timestamp: inJakarta }) };
    const [one, two] = [
      await call('PUT', `/schedulers/${id}/status`, body),
      await call('PUT', `/schedulers/${id}/status`, JSON.stringify(otherwise, null, 4)),
    ];
    expect(objectOf(two)['event_id']).toBe(objectOf(one)['event_id']);
    await settled(id, 1);
    expect(await statusesOf(id)).toBe(1);
  });

  test('with metadata that is empty, null or absent: no metadata', async () => {
    const id = await newScheduler(call);
    const timestamp = minutesFromNow(-5);
    const ids = [];
    for (const fields of [{ metadata: {} }, { metadata: null }, {}])
      ids.push(await send(id, { timestamp, ...fields }));
    expect(new Set(ids).size).toBe(1);
    const answer = await apply(call, id, { timestamp, metadata: {} });
    expect(answer.json).toMatchObject({ metadata: {} });
    expect(await eventsOf(backend, id)).toHaveLength(2);
    const entries = arrayOf(await call('GET', `/schedulers/${id}/history?status=completed`));
    expect(entries.map(({ metadata }) => metadata)).toEqual([{}]);
  });

  test('for a heartbeat that repeats its timestamp', async () => {
    const id = await newScheduler(call);
    const body = { scheduler_id: id, timestamp: minutesFromNow(-5) };
    const ids = [];
    for (let time = 0; time < 3; time += 1) {
      ids.push(objectOf(await call('POST', `/schedulers/${id}/heartbeat`, body))['event_id']);
    }
    expect(new Set(ids).size).toBe(1);
    await settled(id, 1);
    await statusesOf(id);
    expect(
      (await eventsOf(backend, id)).filter(({ event }) => event.type === 'heartbeat_received'),
    ).toHaveLength(1);
  });

  test('over HTTP and in a batch', async () => {
    const id = await newScheduler(call);
    const body = statusOf(id, { timestamp: minutesFromNow(-5) });
    const one = await call('PUT', `/schedulers/${id}/status`, body);
    const [two] = arrayOf(await call('POST', '/events', [{ type: 'status', ...body }]));
    expect(two?.['event_id']).toBe(objectOf(one)['event_id']);
  });
});

describe('two events are two', () => {
  const base = { status: 'running', metadata: { a: 1 } };
  test.each([
    [base, { ...base, status: 'completed' }],
    [base, { ...base, service_name: 'ledger' }],
    [base, { ...base, job_name: 'other' }],
    [base, { ...base, execution_time_ms: 0 }],
    [base, { ...base, error_message: 'slow' }],
    [base, { ...base, metadata: { a: 2 } }],
    [base, { ...base, metadata: {} }],
    [
      { ...base, metadata: { a: null } },
      { ...base, metadata: {} },
    ],
    [
      { ...base, metadata: { a: [1, 2] } },
      { ...base, metadata: { a: [2, 1] } },
    ],
    [
      { ...base, metadata: { a: '1' } },
      { ...base, metadata: { a: 1 } },
    ],
  ])('when they differ at one time: %j and %j', async (one, two) => {
    const id = await newScheduler(call);
    const timestamp = minutesFromNow(-5);
    const first = await send(id, { ...one, timestamp });
    expect(await send(id, { ...two, timestamp })).not.toBe(first);
    await settled(id, 2);
    expect(await statusesOf(id)).toBe(2);
  });

  test('when only their times differ', async () => {
    const id = await newScheduler(call);
    const first = await send(id, { timestamp: minutesFromNow(-5) });
    expect(await send(id, { timestamp: minutesFromNow(-4) })).not.toBe(first);
  });

  test('when only their schedulers differ, under one Idempotency-Key', async () => {
    const [one, two] = [await newScheduler(call), await newScheduler(call)];
    const headers = { 'Idempotency-Key': 'tonight' };
    const timestamp = minutesFromNow(-5);
    expect(await send(one, { timestamp }, headers)).not.toBe(await send(two, { timestamp }, headers));
  });

  test('when their Idempotency-Keys differ though their content is the same', async () => {
    const id = await newScheduler(call);
    const timestamp = minutesFromNow(-5);
    await send(id, { timestamp }, { 'Idempotency-Key': 'one' });
    await send(id, { timestamp }, { 'Idempotency-Key': 'two' });
    await settled(id, 2);
    expect(await statusesOf(id)).toBe(2);
  });
});

describe('the id of an event', () => {
  test('is its event_id before its Idempotency-Key', async () => {
    const id = await newScheduler(call);
    const event_id = newUuid();
    expect(await send(id, { event_id }, { 'Idempotency-Key': newUuid() })).toBe(event_id);
  });

  test.each(['', '""', 'k'.repeat(256), 'clé'])('cannot be the Idempotency-Key %j', async (key) => {
    const id = await newScheduler(call);
    const answer = await call('PUT', `/schedulers/${id}/status`, statusOf(id), { 'Idempotency-Key': key });
    expect(answer.status).toBe(400);
    expect(objectOf(answer)['message']).toEqual([
      'Idempotency-Key: must be 1 to 255 visible ASCII characters',
    ]);
  });

  test('of a heartbeat may be an Idempotency-Key as well', async () => {
    const id = await newScheduler(call);
    const key = newUuid();
    const body = { scheduler_id: id };
    const answer = await call('POST', `/schedulers/${id}/heartbeat`, body, { 'Idempotency-Key': key });
    expect(objectOf(answer)['event_id']).toBe(key);
  });
});

describe('the same id with other content', () => {
  const running = { status: 'running', timestamp: minutesFromNow(-5) };
  const failed = { ...running, status: 'failed', error_message: 'lost otherwise' };
  const error = 'An event with this id and timestamp is there already, and says something else';

  test.each([
    ['event_id', { event_id: '6fa459ea-ee8a-3ca4-894e-db77e160355e' }, {}],
    ['Idempotency-Key', {}, { 'Idempotency-Key': 'tonight' }],
  ])('is a 409 at once, before anything is applied, and queues nothing: %s', async (_, fields, headers) => {
    const { sent, publisher } = recordingPublisher();
    const here = await openIngress(backend, { publisher });
    const id = await newScheduler(call);
    const put = (body: object) =>
      here.call('PUT', `/schedulers/${id}/status`, statusOf(id, { ...body, ...fields }), headers);
    expect((await put(running)).status).toBe(200);
    expect((await put(failed)).json).toEqual(errorOf(409, ['PUT', `/schedulers/${id}/status`], error));
    expect((await put(running)).status).toBe(200);
    const later = { ...failed, timestamp: minutesFromNow(-4) };
    expect((await put(later)).status).toBe(200);
    expect(sent).toHaveLength(3);
  });

  test('is a 409 of its own in a batch, and the others are taken', async () => {
    const id = await newScheduler(call);
    const event_id = newUuid();
    const one = (body: object) => ({ type: 'status', ...statusOf(id, { event_id, ...body }) });
    const beat = { type: 'heartbeat', scheduler_id: id, event_id };
    const answer = await call('POST', '/events', [one(running), one(failed), beat, beat, one(running)]);
    expect(answer.json).toEqual([
      { status: 200, event_id, scheduler_id: id },
      { status: 409, scheduler_id: id, message: error },
      { status: 200, event_id, scheduler_id: id },
      { status: 200, event_id, scheduler_id: id },
      { status: 200, event_id, scheduler_id: id },
    ]);
  });

  test('is taken if the queue did not take what came before', async () => {
    let isAway = true;
    const publisher = {
      send: () => (isAway ? Promise.reject(new DependencyError('queue', 'no')) : Promise.resolve()),
      close: () => Promise.resolve(),
    };
    const here = await openIngress(backend, { publisher });
    const id = await newScheduler(call);
    const put = (body: object) =>
      here.call('PUT', `/schedulers/${id}/status`, statusOf(id, body), { 'Idempotency-Key': 'tonight' });
    expect((await put(running)).status).toBe(503);
    isAway = false;
    expect((await put(failed)).status).toBe(200);
  });
});

test('the same id with other content on another replica changes nothing and is put aside', async () => {
  const id = await newScheduler(call);
  const event_id = newUuid();
  const timestamp = minutesFromNow(-5);
  await apply(call, id, { event_id, timestamp, status: 'running' });
  const before = await call('GET', `/schedulers/${id}`);
  const other = { event_id, timestamp, status: 'failed', error_message: 'the other content' };
  const replica = await openIngress(backend);
  expect((await replica.call('PUT', `/schedulers/${id}/status`, statusOf(id, other))).status).toBe(200);
  const { MessageAttributes } = await deadLetterWith(backend, 'the other content');
  expect(MessageAttributes?.['ronda-reason']?.StringValue).toMatch(
    /^event_id: .*stored already with other content$/,
  );
  expect((await call('GET', `/schedulers/${id}`)).json).toEqual(before.json);
  expect(arrayOf(await call('GET', `/schedulers/${id}/history`)).map(({ status }) => status)).toEqual([
    'pending',
    'running',
  ]);
});
