import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, test } from '@jest/globals';
import { tableOf } from '../../../src/store/store.ts';
import { until } from '../../support/until.ts';
import {
  arrayOf,
  errorOf,
  isoTime,
  newId,
  objectOf,
  openWorld,
  registration,
  sendToQueue,
  statusOf,
  noValues,
} from './fixtures.ts';

const { backend, call } = await openWorld({ consumer: true });
const timestamp = '2026-11-01T17:00:00.000Z';

/** A scheduler that only messages know. */
async function seen(): Promise<string> {
  const id = newId();
  await sendToQueue(backend, {
    type: 'status',
    ...statusOf(id, { service_name: 'adhoc', job_name: 'once', status: 'running', timestamp }),
  });
  await until('it is there', async () => (await call('GET', `/schedulers/${id}`)).status === 200);
  return id;
}

describe('a scheduler that was never registered', () => {
  test('is there, said to be unregistered, with the names of its status', async () => {
    const id = await seen();
    expect((await call('GET', `/schedulers/${id}`)).json).toEqual({
      scheduler_id: id,
      service_name: 'adhoc',
      job_name: 'once',
      status: 'running',
      timestamp,
      created_at: null,
      updated_at: isoTime,
      registered: false,
      last_heartbeat: timestamp,
      ...noValues,
    });
  });

  test('is in the lists', async () => {
    const id = await seen();
    const listed = arrayOf(await call('GET', '/schedulers?service=adhoc&status=running'));
    expect(listed.find(({ scheduler_id }) => scheduler_id === id)).toMatchObject({ registered: false });
  });

  test('gets a 404 for status and heartbeat over HTTP', async () => {
    const id = await seen();
    const message = `Scheduler ${id} not found. Please register first.`;
    expect((await call('PUT', `/schedulers/${id}/status`, statusOf(id))).json).toEqual(
      errorOf(404, ['PUT', `/schedulers/${id}/status`], message),
    );
    expect((await call('POST', `/schedulers/${id}/heartbeat`, { scheduler_id: id })).json).toEqual(
      errorOf(404, ['POST', `/schedulers/${id}/heartbeat`], message),
    );
    expect((await call('POST', '/events', [{ type: 'heartbeat', scheduler_id: id }])).json).toEqual([
      { status: 404, scheduler_id: id, message },
    ]);
  });

  test('is not taken for one whose row a newer version wrote: that is a 503 everywhere, and no 404', async () => {
    const id = newId();
    const Item = { scheduler_id: id, version: 99, rev: 1, registration: 'in a form of its own' };
    await backend.store.client.send(
      new PutCommand({ TableName: tableOf(backend.store, 'schedulers'), Item }),
    );
    expect((await call('PUT', `/schedulers/${id}/status`, statusOf(id))).status).toBe(503);
    expect((await call('POST', `/schedulers/${id}/heartbeat`, { scheduler_id: id })).status).toBe(503);
    expect((await call('GET', `/schedulers/${id}`)).status).toBe(503);
    const message = 'This event could not be taken, please try again';
    expect((await call('POST', '/events', [{ type: 'heartbeat', scheduler_id: id }])).json).toEqual([
      { status: 503, scheduler_id: id, message },
    ]);
  });

  test('that only sent a heartbeat is pending and nameless', async () => {
    const id = newId();
    await sendToQueue(backend, { type: 'heartbeat', scheduler_id: id, timestamp });
    await until('it is there', async () => (await call('GET', `/schedulers/${id}`)).status === 200);
    expect(objectOf(await call('GET', `/schedulers/${id}`))).toMatchObject({
      service_name: null,
      job_name: null,
      status: 'pending',
      timestamp: null,
      registered: false,
      last_heartbeat: timestamp,
    });
    const listed = arrayOf(await call('GET', '/schedulers?status=pending'));
    expect(listed.map(({ scheduler_id }) => scheduler_id)).toContain(id);
  });

  test('is a 201 to register, and keeps its status', async () => {
    const id = await seen();
    const answer = await call('POST', '/schedulers/register', registration(id));
    expect(answer.status).toBe(201);
    expect(answer.json).toMatchObject({ service_name: 'billing', status: 'running', timestamp });
    expect(objectOf(await call('GET', `/schedulers/${id}`))['registered']).toBe(true);
    expect((await call('PUT', `/schedulers/${id}/status`, statusOf(id))).status).toBe(200);
    const entries = arrayOf(await call('GET', `/schedulers/${id}/history`));
    expect(entries.filter(({ status }) => status === 'pending')).toHaveLength(1);
  });

  test('can be removed', async () => {
    const id = await seen();
    expect((await call('DELETE', `/schedulers/${id}`)).status).toBe(204);
    expect((await call('GET', `/schedulers/${id}`)).status).toBe(404);
    expect((await call('GET', `/schedulers/${id}/history`)).status).toBe(200);
  });
});
