import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, test } from '@jest/globals';
import { tableOf } from '../../../src/store/store.ts';
import { status as statusEvent } from '../../support/events.ts';
import { until } from '../../support/until.ts';
import {
  apply,
  clockAt,
  errorOf,
  newScheduler,
  newId,
  noValues,
  objectOf,
  openWorld,
  registration,
  sendToQueue,
  statusOf,
} from './fixtures.ts';

const clock = clockAt('2026-11-23T17:00:00.000Z');
const { call, backend } = await openWorld({ consumer: true, clock });
const asOf = (id: string, time: string) => call('GET', `/schedulers/${id}?as_of=${encodeURIComponent(time)}`);

/** Registered at 17:00, running at 17:10, renamed at 17:15, failed at 17:20, a heartbeat at 17:25. */
async function history() {
  clock.set('2026-11-23T17:00:00.000Z');
  const id = await newScheduler(call);
  clock.set('2026-11-23T17:30:00.000Z');
  await apply(call, id, { status: 'running', timestamp: '2026-11-23T17:10:00Z' });
  clock.set('2026-11-23T17:15:00.000Z');
  await call(
    'POST',
    '/schedulers/register',
    registration(id, { job_name: 'renamed', owner_email: 'a@b.example' }),
  );
  clock.set('2026-11-23T17:30:00.000Z');
  await apply(call, id, { status: 'failed', error_message: 'disk full', timestamp: '2026-11-23T17:20:00Z' });
  const beat = { scheduler_id: id, timestamp: '2026-11-23T17:25:00Z' };
  await call('POST', `/schedulers/${id}/heartbeat`, beat);
  await until(
    'the heartbeat is applied',
    async () =>
      objectOf(await call('GET', `/schedulers/${id}`))['last_heartbeat'] === '2026-11-23T17:25:00.000Z',
  );
  return id;
}

describe('a scheduler as of a time', () => {
  test('is what its events up to and at that time make of it', async () => {
    const id = await history();
    const registered = {
      scheduler_id: id,
      service_name: 'billing',
      job_name: 'close-day',
      created_at: '2026-11-23T17:00:00.000Z',
      registered: true,
      ...noValues,
    };
    const atFirst = {
      ...registered,
      status: 'pending',
      timestamp: '2026-11-23T17:00:00.000Z',
      updated_at: '2026-11-23T17:00:00.000Z',
      last_heartbeat: null,
    };
    expect((await asOf(id, '2026-11-23T17:00:00Z')).json).toEqual(atFirst);
    expect((await asOf(id, '2026-11-23T17:09:59.999Z')).json).toEqual(atFirst);
    const running = {
      ...registered,
      status: 'running',
      timestamp: '2026-11-23T17:10:00.000Z',
      updated_at: '2026-11-23T17:30:00.000Z',
      last_heartbeat: '2026-11-23T17:10:00.000Z',
    };
    expect((await asOf(id, '2026-11-23T17:10:00Z')).json).toEqual(running);
    const renamed = { ...running, job_name: 'renamed', owner_email: 'a@b.example' };
    expect((await asOf(id, '2026-11-23T17:19:59.999Z')).json).toEqual(renamed);
    const failed = {
      ...renamed,
      status: 'failed',
      timestamp: '2026-11-23T17:20:00.000Z',
      error_message: 'disk full',
      last_heartbeat: '2026-11-23T17:20:00.000Z',
    };
    expect((await asOf(id, '2026-11-23T17:24:59.999Z')).json).toEqual(failed);
    const beaten = { ...failed, last_heartbeat: '2026-11-23T17:25:00.000Z' };
    expect((await asOf(id, '2026-11-24T00:25:00+07:00')).json).toEqual(beaten);
    const asSent = `/schedulers/${id}?as_of=2026-11-24T00:25:00+07:00`;
    expect((await call('GET', asSent)).json).toEqual(beaten);
  });

  test('as of now or later is as it is now', async () => {
    const id = await history();
    const { json } = await call('GET', `/schedulers/${id}`);
    expect((await asOf(id, '2026-11-23T17:30:00Z')).json).toEqual(json);
    expect((await asOf(id, '9999-12-31T23:59:59.999Z')).json).toEqual(json);
  });

  test('includes what arrived later', async () => {
    const id = await history();
    await apply(call, id, { status: 'completed', timestamp: '2026-11-23T17:12:00Z' });
    expect(objectOf(await asOf(id, '2026-11-23T17:11:59Z'))['status']).toBe('running');
    expect(objectOf(await asOf(id, '2026-11-23T17:12:00Z'))['status']).toBe('completed');
    expect(objectOf(await asOf(id, '2026-11-23T17:20:00Z'))['status']).toBe('failed');
  });

  test('before it was known is a 404', async () => {
    const id = await history();
    const time = '2026-11-23T16:59:59.999Z';
    const answer = await asOf(id, time);
    expect(answer.status).toBe(404);
    expect(answer.json).toEqual(
      errorOf(
        404,
        ['GET', `/schedulers/${id}?as_of=${encodeURIComponent(time)}`],
        `Scheduler ${id} not found`,
      ),
    );
    expect((await asOf('never-known', '2026-11-23T17:00:00Z')).status).toBe(404);
  });

  test('is a 404 while it was removed, and there before and after', async () => {
    const id = await history();
    clock.set('2026-11-23T17:40:00.000Z');
    await call('DELETE', `/schedulers/${id}`);
    clock.set('2026-11-23T17:50:00.000Z');
    expect((await asOf(id, '2026-11-23T17:50:00Z')).status).toBe(404);
    await call('POST', '/schedulers/register', registration(id));
    expect((await asOf(id, '2026-11-23T17:39:59.999Z')).status).toBe(200);
    expect((await asOf(id, '2026-11-23T17:40:00Z')).status).toBe(404);
    expect((await asOf(id, '2026-11-23T17:49:59.999Z')).status).toBe(404);
    expect(objectOf(await asOf(id, '2026-11-23T17:50:00Z'))).toMatchObject({
      status: 'failed',
      created_at: '2026-11-23T17:00:00.000Z',
    });
  });

  test('is unregistered before its registration, if it was seen over SQS', async () => {
    const id = newId();
    clock.set('2026-11-23T17:00:00.000Z');
    await sendToQueue(backend, {
      type: 'status',
      ...statusOf(id, { status: 'running', timestamp: '2026-11-23T16:50:00Z' }),
    });
    await until('it is applied', async () => (await call('GET', `/schedulers/${id}`)).status === 200);
    await call('POST', '/schedulers/register', registration(id));
    expect(objectOf(await asOf(id, '2026-11-23T16:55:00Z'))).toMatchObject({
      registered: false,
      status: 'running',
      created_at: null,
    });
    expect(objectOf(await asOf(id, '2026-11-23T17:00:00Z'))).toMatchObject({ registered: true });
  });

  test('behind an event that cannot be read is a 503 that says so', async () => {
    const id = await newScheduler(call);
    const event = { ...statusEvent({ scheduler_id: id, occurred_at: '2026-11-23T17:00:00.000Z' }), v: 9 };
    const Item = { ...event, 'occurred_at#event_id': `${event.occurred_at}#${event.event_id}` };
    await backend.store.client.send(new PutCommand({ TableName: tableOf(backend.store, 'events'), Item }));
    const answer = await asOf(id, '2026-11-23T17:00:00Z');
    expect([answer.status, objectOf(answer)['message']]).toEqual([
      503,
      'An event of this scheduler cannot be read by this version of Ronda, or is damaged',
    ]);
  });

  test.each(['yesterday', '2026-11-23', '2026-11-23T17:00:00', ''])(
    'that is no time is a 400: %j',
    async (time) => {
      const answer = await asOf('a', time);
      expect(answer.status).toBe(400);
      expect(objectOf(answer)['message']).toEqual([
        'as_of: must be an ISO 8601 time with offset or Z, like 2026-11-23T17:30:00.000Z',
      ]);
    },
  );
});

describe('beyond retention', () => {
  test('a time before that of statuses, 400 days, is a 400', async () => {
    clock.set('2026-11-23T17:00:00.000Z');
    const id = await newScheduler(call);
    const answer = await asOf(id, '2025-10-19T17:00:00.000Z');
    expect(answer.status).toBe(400);
    expect(objectOf(answer)['message']).toEqual([
      'as_of: lies before the retention of statuses, so nothing true can be said of it',
    ]);
    expect((await asOf(id, '2025-10-19T17:00:00.001Z')).status).toBe(404);
  });

  test('a time before that of heartbeats, 7 days, has last_heartbeat from statuses alone', async () => {
    const own = clockAt('2026-11-01T00:00:00.000Z');
    const world = await openWorld({ consumer: true, clock: own });
    const id = await newScheduler(world.call);
    own.set('2026-11-01T01:00:00.000Z');
    await apply(world.call, id, { status: 'running', timestamp: '2026-11-01T00:30:00Z' });
    await world.call('POST', `/schedulers/${id}/heartbeat`, {
      scheduler_id: id,
      timestamp: '2026-11-01T00:45:00Z',
    });
    const heartbeat = async () =>
      objectOf(await world.call('GET', `/schedulers/${id}?as_of=2026-11-01T01:00:00Z`))['last_heartbeat'];
    await until('the heartbeat is applied', async () => (await heartbeat()) === '2026-11-01T00:45:00.000Z');
    own.set('2026-11-08T00:44:59.999Z');
    expect(await heartbeat()).toBe('2026-11-01T00:45:00.000Z');
    own.set('2026-11-08T00:45:00.000Z');
    expect(await heartbeat()).toBe('2026-11-01T00:30:00.000Z');
    expect(objectOf(await world.call('GET', `/schedulers/${id}`))['last_heartbeat']).toBe(
      '2026-11-01T00:45:00.000Z',
    );
  });
});
