import { describe, expect, test } from '@jest/globals';
import { until } from '../../support/until.ts';
import { apply, clockAt, errorOf, newScheduler, newUuid, objectOf, openWorld, uuid } from './fixtures.ts';

const clock = clockAt('2026-11-23T17:30:00.000Z');
const { call } = await openWorld({ consumer: true, clock });

const beat = (id: string, fields: object = {}) =>
  call('POST', `/schedulers/${id}/heartbeat`, { scheduler_id: id, ...fields });
const read = async (id: string) => objectOf(await call('GET', `/schedulers/${id}`));
const seenAt = (id: string, time: string) =>
  until(`the last heartbeat is ${time}`, async () => (await read(id))['last_heartbeat'] === time);

describe('a heartbeat', () => {
  test('is a 200 that repeats what was recorded', async () => {
    const id = await newScheduler(call);
    const answer = await beat(id, { timestamp: '2026-11-24T00:29:00+07:00' });
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({
      message: 'Heartbeat recorded',
      scheduler_id: id,
      timestamp: '2026-11-23T17:29:00.000Z',
      event_id: uuid,
    });
  });

  test('without a timestamp is of now', async () => {
    const id = await newScheduler(call);
    expect(objectOf(await beat(id))['timestamp']).toBe('2026-11-23T17:30:00.000Z');
    await seenAt(id, '2026-11-23T17:30:00.000Z');
  });

  test('moves last_heartbeat forward, never back', async () => {
    const id = await newScheduler(call);
    await beat(id, { timestamp: '2026-11-23T17:20:00Z' });
    await seenAt(id, '2026-11-23T17:20:00.000Z');
    await beat(id, { timestamp: '2026-11-23T17:10:00Z' });
    await apply(call, id, { timestamp: '2026-11-23T17:05:00Z' });
    expect((await read(id))['last_heartbeat']).toBe('2026-11-23T17:20:00.000Z');
    await beat(id, { timestamp: '2026-11-23T17:25:00Z' });
    await seenAt(id, '2026-11-23T17:25:00.000Z');
  });

  test('changes no status, no history and no updated_at', async () => {
    const id = await newScheduler(call);
    await apply(call, id, { status: 'running', timestamp: '2026-11-23T17:05:00Z' });
    const before = await read(id);
    const history = (await call('GET', `/schedulers/${id}/history`)).json;
    clock.set('2026-11-23T17:31:00.000Z');
    await beat(id);
    await seenAt(id, '2026-11-23T17:31:00.000Z');
    clock.set('2026-11-23T17:30:00.000Z');
    expect(await read(id)).toEqual({ ...before, last_heartbeat: '2026-11-23T17:31:00.000Z' });
    expect((await call('GET', `/schedulers/${id}/history`)).json).toEqual(history);
  });

  test('has the id that it brings', async () => {
    const id = await newScheduler(call);
    const event_id = newUuid();
    expect(objectOf(await beat(id, { event_id }))['event_id']).toBe(event_id);
  });

  test('of an unknown scheduler is a 404 that says what to do', async () => {
    const answer = await beat('gone');
    expect(answer.status).toBe(404);
    expect(answer.json).toEqual(
      errorOf(
        404,
        ['POST', '/schedulers/gone/heartbeat'],
        'Scheduler gone not found. Please register first.',
      ),
    );
  });

  test.each([
    [{ scheduler_id: 'another' }, 'scheduler_id: must equal the id in the path'],
    [{ scheduler_id: null }, 'scheduler_id: is required'],
    [{ scheduler_id: 5 }, 'scheduler_id: must be a string'],
    [
      { timestamp: 'now' },
      'timestamp: must be an ISO 8601 time with offset or Z, like 2026-11-23T17:30:00.000Z',
    ],
    [{ timestamp: 5 }, 'timestamp: must be an ISO 8601 time with offset or Z'],
    [{ timestamp: '2026-11-23T17:35:00.001Z' }, 'timestamp: must not lie more than 5 minutes ahead'],
    [{ event_id: 'mine' }, 'event_id: must be a UUID'],
  ])('with %j is a 400', async (fields, message) => {
    const id = await newScheduler(call);
    const answer = await beat(id, fields);
    expect(answer.status).toBe(400);
    expect(answer.json).toEqual(errorOf(400, ['POST', `/schedulers/${id}/heartbeat`], [message]));
  });
});
