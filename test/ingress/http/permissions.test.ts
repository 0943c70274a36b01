import { describe, expect, test } from '@jest/globals';
import type { Scope } from '../../../src/store/keys/api-keys.ts';
import {
  arrayOf,
  errorOf,
  eventsOf,
  newId,
  newKey,
  minutesFromNow,
  newScheduler,
  objectOf,
  openIngress,
  openWorld,
  registration,
  sendToQueue,
  statusOf,
} from './fixtures.ts';
import { until } from '../../support/until.ts';

const { backend, call } = await openWorld({ consumer: true });

const withKey = async (fields: { scopes?: Scope[]; services?: string[] }) => ({
  'x-api-key': await newKey(backend, fields),
});

describe('a key without the scope that a call needs gets a 403', () => {
  test.each([
    ['ingest', 'POST', '/schedulers/register'],
    ['ingest', 'PUT', '/schedulers/a/status'],
    ['ingest', 'POST', '/schedulers/a/heartbeat'],
    ['ingest', 'POST', '/events'],
    ['read', 'GET', '/schedulers'],
    ['read', 'GET', '/schedulers/a'],
    ['read', 'GET', '/schedulers/a/history'],
    ['ingest', 'PUT', '/schedulers/a/expectation'],
    ['read', 'GET', '/schedulers/a/expectation'],
    ['ingest', 'DELETE', '/schedulers/a/expectation'],
    ['read', 'GET', '/schedulers/a/runs'],
    ['read', 'GET', '/nights/2026-11-23'],
    ['admin', 'GET', '/calendars'],
    ['admin', 'GET', '/calendars/a'],
    ['admin', 'PUT', '/calendars/a'],
    ['admin', 'DELETE', '/calendars/a'],
    ['admin', 'GET', '/maintenance'],
    ['admin', 'POST', '/maintenance'],
    ['admin', 'DELETE', '/maintenance/00000000-0000-4000-8000-000000000001'],
    ['admin', 'DELETE', '/schedulers/a'],
  ] as const)('%s for %s %s, though it has the others', async (scope, method, path) => {
    const others = (['ingest', 'read', 'admin'] as const).filter((other) => other !== scope);
    const headers = await withKey({ scopes: [...others] });
    const answer = await call(method, path, method === 'GET' ? undefined : {}, headers);
    expect(answer.status).toBe(403);
    expect(answer.json).toEqual(errorOf(403, [method, path], `This API key lacks the scope ${scope}`));
  });

  test('and one with no scope but the needed one is served', async () => {
    const id = newId();
    const [ingest, read, admin] = [
      await withKey({ scopes: ['ingest'] }),
      await withKey({ scopes: ['read'] }),
      await withKey({ scopes: ['admin'] }),
    ];
    expect((await call('POST', '/schedulers/register', registration(id), ingest)).status).toBe(201);
    expect((await call('PUT', `/schedulers/${id}/status`, statusOf(id), ingest)).status).toBe(200);
    expect((await call('POST', `/schedulers/${id}/heartbeat`, { scheduler_id: id }, ingest)).status).toBe(
      200,
    );
    expect((await call('POST', '/events', [{ type: 'heartbeat', scheduler_id: id }], ingest)).status).toBe(
      207,
    );
    expect((await call('GET', '/schedulers', undefined, read)).status).toBe(200);
    expect((await call('GET', `/schedulers/${id}`, undefined, read)).status).toBe(200);
    expect((await call('GET', `/schedulers/${id}/history`, undefined, read)).status).toBe(200);
    expect((await call('DELETE', `/schedulers/${id}`, undefined, admin)).status).toBe(204);
  });
});

describe('a key for the service billing alone', () => {
  const notPayments = (method: string, path: string) =>
    errorOf(403, [method, path], 'This API key is not for the service payments');

  test('registers and reports for schedulers of billing', async () => {
    const headers = await withKey({ services: ['billing', 'ledger'] });
    const id = newId();
    expect((await call('POST', '/schedulers/register', registration(id), headers)).status).toBe(201);
    expect((await call('PUT', `/schedulers/${id}/status`, statusOf(id), headers)).status).toBe(200);
    expect((await call('POST', `/schedulers/${id}/heartbeat`, { scheduler_id: id }, headers)).status).toBe(
      200,
    );
    expect((await call('DELETE', `/schedulers/${id}`, undefined, headers)).status).toBe(204);
  });

  test('cannot register a scheduler of another service', async () => {
    const id = newId();
    const headers = await withKey({ services: ['billing'] });
    const body = registration(id, { service_name: 'payments' });
    const answer = await call('POST', '/schedulers/register', body, headers);
    expect(answer.status).toBe(403);
    expect(answer.json).toEqual(notPayments('POST', '/schedulers/register'));
    expect(await eventsOf(backend, id)).toEqual([]);
  });

  test("cannot take another service's scheduler over by registering it as its own", async () => {
    const id = await newScheduler(call, { service_name: 'payments' });
    const headers = await withKey({ services: ['billing'] });
    const answer = await call('POST', '/schedulers/register', registration(id), headers);
    expect(answer.json).toEqual(notPayments('POST', '/schedulers/register'));
    expect(objectOf(await call('GET', `/schedulers/${id}`))['service_name']).toBe('payments');
  });

  test("cannot take over another service's removed scheduler", async () => {
    const id = await newScheduler(call, { service_name: 'payments' });
    await call('DELETE', `/schedulers/${id}`);
    const headers = await withKey({ services: ['billing'] });
    const answer = await call('POST', '/schedulers/register', registration(id), headers);
    expect(answer.json).toEqual(notPayments('POST', '/schedulers/register'));
  });

  test('cannot take over a scheduler that another service only reports by SQS', async () => {
    const id = newId();
    await sendToQueue(backend, { type: 'status', ...statusOf(id, { service_name: 'payments' }) });
    await until('the status is applied', async () => (await call('GET', `/schedulers/${id}`)).status === 200);
    const headers = await withKey({ services: ['billing'] });
    const answer = await call('POST', '/schedulers/register', registration(id), headers);
    expect(answer.json).toEqual(notPayments('POST', '/schedulers/register'));
  });

  test("cannot report another service's status, whatever service the body names", async () => {
    const id = await newScheduler(call, { service_name: 'payments' });
    const headers = await withKey({ services: ['billing'] });
    const path = `/schedulers/${id}/status`;
    for (const service_name of ['billing', 'payments']) {
      const answer = await call('PUT', path, statusOf(id, { service_name }), headers);
      expect(answer.status).toBe(403);
      expect(answer.json).toEqual(notPayments('PUT', path));
    }
  });

  test('cannot report in the name of another service for a scheduler of its own', async () => {
    const id = await newScheduler(call);
    const headers = await withKey({ services: ['billing'] });
    const path = `/schedulers/${id}/status`;
    const answer = await call('PUT', path, statusOf(id, { service_name: 'payments' }), headers);
    expect(answer.json).toEqual(notPayments('PUT', path));
  });

  test("cannot send another service's heartbeat", async () => {
    const id = await newScheduler(call, { service_name: 'payments' });
    const headers = await withKey({ services: ['billing'] });
    const path = `/schedulers/${id}/heartbeat`;
    const answer = await call('POST', path, { scheduler_id: id }, headers);
    expect(answer.json).toEqual(notPayments('POST', path));
  });

  test("cannot remove another service's scheduler", async () => {
    const id = await newScheduler(call, { service_name: 'payments' });
    const headers = await withKey({ services: ['billing'] });
    const answer = await call('DELETE', `/schedulers/${id}`, undefined, headers);
    expect(answer.json).toEqual(notPayments('DELETE', `/schedulers/${id}`));
    expect((await call('GET', `/schedulers/${id}`)).status).toBe(200);
  });

  test("cannot read another service's scheduler, as it is, as it was, nor its history", async () => {
    const id = await newScheduler(call, { service_name: 'payments' });
    const headers = await withKey({ services: ['billing'] });
    const asOf = `?as_of=${minutesFromNow(1)}`;
    for (const path of [`/schedulers/${id}`, `/schedulers/${id}${asOf}`, `/schedulers/${id}/history`]) {
      const answer = await call('GET', path, undefined, headers);
      expect(answer.status).toBe(403);
      expect(answer.json).toEqual(notPayments('GET', path));
    }
  });

  test('reads the schedulers of billing, and lists no others', async () => {
    const [own, other, heard] = [
      await newScheduler(call),
      await newScheduler(call, { service_name: 'payments' }),
      newId(),
    ];
    await sendToQueue(backend, { type: 'heartbeat', scheduler_id: heard });
    await until('it is heard', async () => (await call('GET', `/schedulers/${heard}`)).status === 200);
    const headers = await withKey({ services: ['billing'] });
    for (const path of ['', `?as_of=${minutesFromNow(1)}`, '/history'])
      expect((await call('GET', `/schedulers/${own}${path}`, undefined, headers)).status).toBe(200);
    expect((await call('GET', `/schedulers/${heard}`, undefined, headers)).status).toBe(403);
    const idsIn = async (path: string) => {
      const listed = arrayOf(await call('GET', path, undefined, headers));
      return listed.map(({ scheduler_id }) => scheduler_id);
    };
    const all = await idsIn('/schedulers');
    expect(all).toContain(own);
    expect(all).not.toContain(other);
    expect(all).not.toContain(heard);
    expect(await idsIn('/schedulers?limit=1000')).toEqual(expect.arrayContaining(all));
    expect(await idsIn('/schedulers?service=payments')).toEqual([]);
  });
});

test('of two services that register one id at the same moment one alone gets it, on whatever replica', async () => {
  const { call: elsewhere } = await openIngress(backend);
  const [billing, payments] = [
    await withKey({ services: ['billing'] }),
    await withKey({ services: ['payments'] }),
  ];
  for (let round = 0; round < 20; round += 1) {
    const id = newId();
    const answers = await Promise.all([
      call('POST', '/schedulers/register', registration(id), billing),
      elsewhere('POST', '/schedulers/register', registration(id, { service_name: 'payments' }), payments),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 403]);
    const winner = answers[0].status === 201 ? 'billing' : 'payments';
    expect(objectOf(await call('GET', `/schedulers/${id}`))['service_name']).toBe(winner);
    expect(await eventsOf(backend, id)).toHaveLength(1);
  }
});
