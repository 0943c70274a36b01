import { describe, expect, test } from '@jest/globals';
import { until } from '../../support/until.ts';
import {
  apply,
  arrayOf,
  errorOf,
  eventsOf,
  isoTime,
  newScheduler,
  objectOf,
  openIngress,
  openWorld,
  registration,
  sendToQueue,
  statusOf,
  newKey,
} from './fixtures.ts';

const { backend, call } = await openWorld({ consumer: true });
const notFound = (method: string, path: string, message: string) => errorOf(404, [method, path], message);

describe('removing a scheduler', () => {
  test('is a 204 without a body', async () => {
    const id = await newScheduler(call);
    const answer = await call('DELETE', `/schedulers/${id}`);
    expect(answer.status).toBe(204);
    expect(answer.text).toBe('');
  });

  test('takes it off: everything but its history is a 404', async () => {
    const id = await newScheduler(call);
    await apply(call, id, { status: 'running' });
    await call('DELETE', `/schedulers/${id}`);
    expect((await call('GET', `/schedulers/${id}`)).json).toEqual(
      notFound('GET', `/schedulers/${id}`, `Scheduler ${id} not found`),
    );
    expect((await call('PUT', `/schedulers/${id}/status`, statusOf(id))).json).toEqual(
      notFound('PUT', `/schedulers/${id}/status`, `Scheduler ${id} not found. Please register first.`),
    );
    expect((await call('POST', `/schedulers/${id}/heartbeat`, { scheduler_id: id })).json).toEqual(
      notFound('POST', `/schedulers/${id}/heartbeat`, `Scheduler ${id} not found. Please register first.`),
    );
    expect((await call('DELETE', `/schedulers/${id}`)).json).toEqual(
      notFound('DELETE', `/schedulers/${id}`, `Scheduler ${id} not found`),
    );
    expect((await call('POST', '/events', [{ type: 'status', ...statusOf(id) }])).json).toEqual([
      { status: 404, scheduler_id: id, message: `Scheduler ${id} not found. Please register first.` },
    ]);
    const listed = arrayOf(await call('GET', '/schedulers'));
    expect(listed.map(({ scheduler_id }) => scheduler_id)).not.toContain(id);
    expect(
      arrayOf(await call('GET', `/schedulers/${id}/history`))
        .map(({ status }) => status)
        .sort(),
    ).toEqual(['pending', 'running']);
  });

  test('is soft: its events stay and the removal is one of them', async () => {
    const id = await newScheduler(call);
    await apply(call, id, { status: 'running' });
    await call('DELETE', `/schedulers/${id}`);
    expect((await eventsOf(backend, id)).map(({ event }) => event.type).sort()).toEqual([
      'scheduler_registered',
      'scheduler_removed',
      'status_reported',
    ]);
  });

  test('of one that is unknown is a 404', async () => {
    const answer = await call('DELETE', '/schedulers/gone');
    expect(answer.status).toBe(404);
    expect(answer.json).toEqual(notFound('DELETE', '/schedulers/gone', 'Scheduler gone not found'));
    expect(await eventsOf(backend, 'gone')).toEqual([]);
  });

  test('is believed by another replica that knew the scheduler, after 30 s at most', async () => {
    let passed = 1_000;
    const clock = { ...backend.clock, monotonic: () => passed };
    const replica = await openIngress({ ...backend, clock, store: { ...backend.store, clock } });
    const id = await newScheduler(call);
    const beat = async () =>
      (await replica.call('POST', `/schedulers/${id}/heartbeat`, { scheduler_id: id })).status;
    expect(await beat()).toBe(200);
    await call('DELETE', `/schedulers/${id}`);
    expect((await replica.call('GET', `/schedulers/${id}`)).status).toBe(404);
    passed += 20_000;
    expect(await beat()).toBe(200);
    passed += 10_001;
    expect(await beat()).toBe(404);
  });
});

describe('events over SQS for a removed scheduler', () => {
  test('are stored but do not bring it back', async () => {
    const id = await newScheduler(call);
    await call('DELETE', `/schedulers/${id}`);
    await sendToQueue(backend, { type: 'status', ...statusOf(id, { status: 'running' }) });
    await sendToQueue(backend, { type: 'heartbeat', scheduler_id: id });
    await until('they are stored', async () => (await eventsOf(backend, id)).length === 4);
    await until(
      'the status is in the history',
      async () => arrayOf(await call('GET', `/schedulers/${id}/history?status=running`)).length > 0,
    );
    expect((await call('GET', `/schedulers/${id}`)).status).toBe(404);
    expect((await call('PUT', `/schedulers/${id}/status`, statusOf(id))).status).toBe(404);
    const listed = arrayOf(await call('GET', '/schedulers'));
    expect(listed.map(({ scheduler_id }) => scheduler_id)).not.toContain(id);
    const back = await call('POST', '/schedulers/register', registration(id));
    expect(back.status).toBe(201);
    expect(objectOf(back)['status']).toBe('running');
  });

  test('a registration of before the removal does not bring it back, a later one does', async () => {
    const id = await newScheduler(call);
    const { created_at } = objectOf(await call('GET', `/schedulers/${id}`));
    await call('DELETE', `/schedulers/${id}`);
    await sendToQueue(backend, {
      type: 'register',
      ...registration(id, { timestamp: created_at, job_name: 'late' }),
    });
    await until('it is stored', async () => (await eventsOf(backend, id)).length === 3);
    expect((await call('GET', `/schedulers/${id}`)).status).toBe(404);
    await sendToQueue(backend, { type: 'register', ...registration(id, { job_name: 'back' }) });
    await until('it is back', async () => (await call('GET', `/schedulers/${id}`)).status === 200);
    expect(objectOf(await call('GET', `/schedulers/${id}`))['job_name']).toBe('back');
  });

  test('a removal takes effect as one over HTTP does', async () => {
    const id = await newScheduler(call);
    await sendToQueue(backend, { type: 'remove', scheduler_id: id });
    await until('it is gone', async () => (await call('GET', `/schedulers/${id}`)).status === 404);
  });
});

describe('registering a removed scheduler', () => {
  test('is a 201 with its old status and history, and no further pending entry', async () => {
    const id = await newScheduler(call, { owner_email: 'owner@example.com' });
    const { created_at } = objectOf(await call('GET', `/schedulers/${id}`));
    await apply(call, id, { status: 'failed', error_message: 'disk full', execution_time_ms: 5 });
    const history = (await call('GET', `/schedulers/${id}/history`)).json;
    await call('DELETE', `/schedulers/${id}`);
    const answer = await call('POST', '/schedulers/register', registration(id, { job_name: 'again' }));
    expect(answer.status).toBe(201);
    expect(answer.json).toEqual({
      scheduler_id: id,
      service_name: 'billing',
      job_name: 'again',
      status: 'failed',
      timestamp: isoTime,
      created_at,
      updated_at: isoTime,
      owner_email: 'owner@example.com',
    });
    expect(objectOf(await call('GET', `/schedulers/${id}`))).toMatchObject({
      status: 'failed',
      error_message: 'disk full',
      execution_time_ms: 5,
      owner_email: 'owner@example.com',
      registered: true,
    });
    expect((await call('GET', `/schedulers/${id}/history`)).json).toEqual(history);
  });

  test('just as it was is a 201 that takes effect too, at once, and can be repeated', async () => {
    const id = await newScheduler(call);
    for (let time = 0; time < 3; time += 1) {
      expect((await call('DELETE', `/schedulers/${id}`)).status).toBe(204);
      expect((await call('POST', `/schedulers/${id}/heartbeat`, { scheduler_id: id })).status).toBe(404);
      expect((await call('POST', '/schedulers/register', registration(id))).status).toBe(201);
      expect((await call('POST', `/schedulers/${id}/heartbeat`, { scheduler_id: id })).status).toBe(200);
    }
  });
});

test('a key of another service cannot tell a removed scheduler from an unknown one by removing it', async () => {
  const id = await newScheduler(call);
  await call('DELETE', `/schedulers/${id}`);
  const headers = { 'x-api-key': await newKey(backend, { services: ['payments'] }) };
  expect((await call('DELETE', `/schedulers/${id}`, undefined, headers)).status).toBe(404);
});
