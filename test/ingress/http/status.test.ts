import { describe, expect, test } from '@jest/globals';
import { until } from '../../support/until.ts';
import {
  apply,
  clockAt,
  errorOf,
  eventsOf,
  isoTime,
  newScheduler,
  newId,
  objectOf,
  openWorld,
  statusOf,
  uuid,
} from './fixtures.ts';

const clock = clockAt('2026-11-23T17:30:00.000Z');
const { backend, call } = await openWorld({ consumer: true, clock });
const timestamp = '2026-11-23T17:29:00.000Z';
const id = await newScheduler(call);
const path = `/schedulers/${id}/status`;
const put = (fields: object) => call('PUT', path, statusOf(id, { timestamp, ...fields }));

describe('an accepted status', () => {
  test('is a 200 with the accepted fields, the time of acceptance and the id', async () => {
    const event_id = '0b7a3b52-6f86-4a2c-9d0e-3f7f6d1c2a11';
    const body = {
      scheduler_id: id,
      service_name: 'billing',
      job_name: 'close-day',
      status: 'failed',
      timestamp: '2026-11-24T00:25:00.5+07:00',
      execution_time_ms: 1234.5,
      error_message: 'disk full',
      metadata: { rows: 7 },
      event_id,
    };
    const answer = await call('PUT', path, body);
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({
      ...body,
      timestamp: '2026-11-23T17:25:00.500Z',
      updated_at: '2026-11-23T17:30:00.000Z',
    });
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(answer.headers.get('preference-applied')).toBeNull();
  });

  test('without optional fields is answered without them', async () => {
    const answer = await put({ status: 'running', ignored: 'field' });
    expect(answer.json).toEqual({
      scheduler_id: id,
      service_name: 'billing',
      job_name: 'close-day',
      status: 'running',
      timestamp: '2026-11-23T17:29:00.000Z',
      updated_at: '2026-11-23T17:30:00.000Z',
      event_id: uuid,
    });
  });

  test('is read back, field by field, from the scheduler and its history', async () => {
    const one = await newScheduler(call, { owner_email: 'owner@example.com' });
    const fields = {
      status: 'failed',
      timestamp,
      execution_time_ms: 42,
      error_message: 'disk full',
      metadata: { rows: 7, файл: '🧾' },
    };
    await apply(call, one, fields);
    expect((await call('GET', `/schedulers/${one}`)).json).toEqual({
      scheduler_id: one,
      service_name: 'billing',
      job_name: 'close-day',
      ...fields,
      created_at: '2026-11-23T17:30:00.000Z',
      updated_at: '2026-11-23T17:30:00.000Z',
      registered: true,
      last_heartbeat: timestamp,
      owner_email: 'owner@example.com',
      alert_user_id: null,
      heartbeat_timeout_minutes: null,
      expectation: null,
      acknowledged_by: null,
      snoozed_until: null,
    });
    expect((await call('GET', `/schedulers/${one}/history?status=failed`)).json).toEqual([
      { scheduler_id: one, id: uuid, ...fields, run_id: null, business_date: null },
    ]);
  });

  test('is stored with its metadata as one JSON text', async () => {
    const one = await newScheduler(call);
    await apply(call, one, { timestamp, metadata: { b: 1, a: { c: [] } } });
    const stored = (await eventsOf(backend, one)).map(({ event }) => event);
    expect(stored).toContainEqual(expect.objectContaining({ metadata: '{"b":1,"a":{"c":[]}}' }));
  });

  test('is applied within 5 s of its 200', async () => {
    const one = await newScheduler(call);
    await call('PUT', `/schedulers/${one}/status`, statusOf(one, { timestamp, status: 'running' }));
    await until(
      'the status is applied',
      async () => objectOf(await call('GET', `/schedulers/${one}`))['status'] === 'running',
      { timeoutMs: 5_000 },
    );
  });

  test('clears what the status before it had said', async () => {
    const one = await newScheduler(call);
    await apply(call, one, {
      status: 'failed',
      timestamp,
      error_message: 'x',
      execution_time_ms: 1,
      metadata: { a: 1 },
    });
    await apply(call, one, { status: 'completed', timestamp: '2026-11-23T17:29:01.000Z' });
    expect(objectOf(await call('GET', `/schedulers/${one}`))).toMatchObject({
      status: 'completed',
      execution_time_ms: null,
      error_message: null,
      metadata: {},
    });
  });
});

describe('a scheduler', () => {
  test('keeps the status whose own time is the latest, whatever order they come in', async () => {
    const one = await newScheduler(call);
    await apply(call, one, { status: 'completed', timestamp: '2026-11-23T17:20:00.000Z' });
    await apply(call, one, { status: 'running', timestamp: '2026-11-23T17:10:00.000Z' });
    expect(objectOf(await call('GET', `/schedulers/${one}`))).toMatchObject({
      status: 'completed',
      timestamp: '2026-11-23T17:20:00.000Z',
    });
  });

  test('takes the status further on in a job’s life of two at one instant', async () => {
    const one = await newScheduler(call);
    await apply(call, one, { status: 'failed', error_message: 'x', timestamp });
    await apply(call, one, { status: 'running', timestamp });
    expect(objectOf(await call('GET', `/schedulers/${one}`))).toMatchObject({ status: 'failed' });
  });

  test('has its last_heartbeat moved forward by a status, never back', async () => {
    const one = await newScheduler(call);
    const seen = async () => objectOf(await call('GET', `/schedulers/${one}`))['last_heartbeat'];
    expect(await seen()).toBeNull();
    await apply(call, one, { timestamp: '2026-11-23T17:20:00.000Z' });
    expect(await seen()).toBe('2026-11-23T17:20:00.000Z');
    await apply(call, one, { timestamp: '2026-11-23T17:10:00.000Z' });
    expect(await seen()).toBe('2026-11-23T17:20:00.000Z');
    await apply(call, one, { timestamp: '2026-11-23T17:21:00.000Z' });
    expect(await seen()).toBe('2026-11-23T17:21:00.000Z');
  });

  test('has as updated_at the latest acceptance over registrations and statuses', async () => {
    const one = newId();
    const own = clockAt('2026-11-23T17:00:00.000Z');
    const world = await openWorld({ consumer: true, clock: own });
    const updated = async () => objectOf(await world.call('GET', `/schedulers/${one}`))['updated_at'];
    const names = { scheduler_id: one, service_name: 'billing', job_name: 'close-day' };
    await world.call('POST', '/schedulers/register', names);
    expect(await updated()).toBe('2026-11-23T17:00:00.000Z');
    own.set('2026-11-23T17:01:00.000Z');
    await apply(world.call, one, { timestamp: '2026-11-23T16:00:00.000Z' });
    expect(await updated()).toBe('2026-11-23T17:01:00.000Z');
    own.set('2026-11-23T17:02:00.000Z');
    await apply(world.call, one, { timestamp: '2026-11-23T15:00:00.000Z' });
    expect(await updated()).toBe('2026-11-23T17:02:00.000Z');
    own.set('2026-11-23T17:03:00.000Z');
    await world.call('POST', '/schedulers/register', { ...names, job_name: 'other' });
    expect(await updated()).toBe('2026-11-23T17:03:00.000Z');
  });
});

describe('a status of a scheduler that is not there', () => {
  test('is a 404 that says what to do', async () => {
    const answer = await call('PUT', '/schedulers/gone/status', statusOf('gone', { timestamp }));
    expect(answer.status).toBe(404);
    expect(answer.json).toEqual(
      errorOf(404, ['PUT', '/schedulers/gone/status'], 'Scheduler gone not found. Please register first.'),
    );
    expect(await eventsOf(backend, 'gone')).toEqual([]);
  });
});

test('the timestamps of all answers leave as UTC with milliseconds', async () => {
  const answer = await call('GET', `/schedulers/${id}`);
  expect(answer.json).toMatchObject({ timestamp: isoTime, created_at: isoTime, updated_at: isoTime });
});
