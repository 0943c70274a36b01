import { describe, expect, test } from '@jest/globals';
import { newPlainKey } from '../../../src/store/keys/api-keys.ts';
import { watchRequests } from '../../store/requests.ts';
import { readSettings } from '../../../src/config.ts';
import { inParallel } from '../../../src/in-parallel.ts';
import { append } from '../../../src/store/events/event-store.ts';
import { heartbeat, recorded } from '../../support/events.ts';
import {
  clockAt,
  errorOf,
  minutesFromNow,
  newKey,
  newScheduler,
  newUuid,
  openIngress,
  openWorld,
} from './fixtures.ts';
import { sendRaw } from './raw-requests.ts';

const { backend } = await openWorld();
const throttled = (method: string, path: string) => errorOf(429, [method, path], 'Too Many Requests');

describe('requests per key', () => {
  test('are limited to 100 a minute unless the settings say otherwise', () => {
    expect(readSettings({}).RATE_LIMIT_PER_MINUTE).toBe(100);
    expect(readSettings({ RATE_LIMIT_PER_MINUTE: '7' }).RATE_LIMIT_PER_MINUTE).toBe(7);
  });

  test('over the limit are a 429 that says when to come back', async () => {
    const { call } = await openIngress(backend, { limit: 3 });
    for (const left of [2, 1, 0]) {
      const answer = await call('GET', '/schedulers');
      expect(answer.status).toBe(200);
      expect(answer.headers.get('ratelimit')).toMatch(new RegExp(`^"3-in-1min"; r=${left}; t=(59|60)$`));
      expect(answer.headers.get('ratelimit-policy')).toMatch(/^"3-in-1min"; q=3; w=60; pk=:[\w+/]+={0,2}:$/);
      expect(answer.headers.get('retry-after')).toBeNull();
    }
    const refused = await call('GET', '/schedulers?limit=1');
    expect(refused.status).toBe(429);
    expect(refused.json).toEqual(throttled('GET', '/schedulers?limit=1'));
    expect(refused.headers.get('retry-after')).toMatch(/^(59|60)$/);
    expect(refused.headers.get('ratelimit')).toMatch(/^"3-in-1min"; r=0; t=(59|60)$/);
    expect(refused.headers.get('ratelimit-policy')).toMatch(/^"3-in-1min"; q=3; w=60; /);
    expect(refused.headers.get('x-ratelimit-limit')).toBeNull();
  });

  test('are counted for each key by itself', async () => {
    const { call } = await openIngress(backend, { limit: 1 });
    const other = { 'x-api-key': await newKey(backend) };
    expect((await call('GET', '/schedulers')).status).toBe(200);
    expect((await call('GET', '/schedulers')).status).toBe(429);
    expect((await call('GET', '/schedulers', undefined, other)).status).toBe(200);
    expect((await call('GET', '/schedulers', undefined, other)).status).toBe(429);
  });

  test('count over a rolling minute, whatever the full minute is', async () => {
    let real = Date.parse('2026-11-23T17:00:50.000Z');
    const clock = { ...clockAt('2026-11-23T17:00:00.000Z'), real: () => real };
    const { call } = await openIngress(
      { ...backend, clock, store: { ...backend.store, clock } },
      { limit: 2 },
    );
    const statusAt = async (time: string) => {
      real = Date.parse(time);
      return (await call('GET', '/schedulers')).status;
    };
    expect(await statusAt('2026-11-23T17:00:50.000Z')).toBe(200);
    expect(await statusAt('2026-11-23T17:01:10.000Z')).toBe(200);
    expect(await statusAt('2026-11-23T17:01:49.999Z')).toBe(429);
    expect(await statusAt('2026-11-23T17:01:50.000Z')).toBe(200);
    expect(await statusAt('2026-11-23T17:02:09.999Z')).toBe(429);
    expect(await statusAt('2026-11-23T17:02:10.000Z')).toBe(200);
  });

  test('count although they are refused for another reason', async () => {
    const { call } = await openIngress(backend, { limit: 2 });
    expect((await call('GET', '/nothing')).status).toBe(404);
    expect((await call('POST', '/schedulers/register', '{')).status).toBe(400);
    const refused = await call('POST', '/schedulers/register', {});
    expect(refused.json).toEqual(throttled('POST', '/schedulers/register'));
  });

  test('count a batch of a hundred events as one', async () => {
    const { call: unlimited } = await openIngress(backend);
    const id = await newScheduler(unlimited);
    const { call } = await openIngress(backend, { limit: 2 });
    const batch = Array.from({ length: 100 }, () => ({ type: 'heartbeat', scheduler_id: id }));
    expect((await call('POST', '/events', batch)).status).toBe(207);
    expect((await call('POST', '/events', batch)).status).toBe(207);
    expect((await call('POST', '/events', batch)).status).toBe(429);
  });

  test('count a look at the past once more for every thousand events that it reads', async () => {
    const id = await newScheduler((await openIngress(backend)).call);
    const beats = Array.from({ length: 1_000 }, (_, n) =>
      recorded(heartbeat({ scheduler_id: id, event_id: newUuid(), occurred_at: minutesFromNow(-n / 100) })),
    );
    await inParallel(beats, 20, (beat) => append(backend.store, beat));
    const { call } = await openIngress(backend, { limit: 3 });
    const path = `/schedulers/${id}?as_of=${minutesFromNow(1)}`;
    expect((await call('GET', path)).status).toBe(200);
    const refused = await call('GET', path);
    expect(refused.json).toEqual(throttled('GET', path));
    expect(refused.headers.get('retry-after')).toMatch(/^\d\d?$/);
    expect((await call('GET', '/schedulers')).status).toBe(429);
  });

  test('are not limited on health', async () => {
    const { url } = await openIngress(backend, { limit: 1 });
    for (let time = 0; time < 3; time += 1) expect((await fetch(`${url}/health/live`)).status).toBe(200);
  });
});

describe('failed authentications', () => {
  test('over the limit from one address are a 429, and a valid key from there is served all the same', async () => {
    const { call } = await openIngress(backend, { limit: 3 });
    const wrong = { 'x-api-key': 'wrong' };
    for (let time = 0; time < 3; time += 1) {
      expect((await call('GET', '/schedulers', undefined, wrong)).status).toBe(401);
    }
    const refused = await call('GET', '/schedulers', undefined, wrong);
    expect(refused.status).toBe(429);
    expect(refused.json).toEqual(throttled('GET', '/schedulers'));
    expect(refused.headers.get('retry-after')).toMatch(/^(59|60)$/);
    expect((await call('GET', '/schedulers')).status).toBe(200);
  });

  test('over the limit read nothing of their own, however many come at once', async () => {
    let passed = 1_000;
    const store = { ...backend.store, clock: { ...backend.clock, monotonic: () => passed } };
    const { call } = await openIngress({ ...backend, store, clock: store.clock }, { limit: 3 });
    const { requests, stop } = watchRequests(backend.store);
    const reads = () => requests.filter((request) => request.endsWith(' api-keys'));
    const wrong = async () =>
      (await call('GET', '/schedulers', undefined, { 'x-api-key': newPlainKey() })).status;
    const many = async () => await Promise.all(Array.from({ length: 30 }, wrong));
    const statuses = await many();
    expect(statuses.filter((status) => status === 401)).toHaveLength(3);
    expect(statuses.filter((status) => status === 429)).toHaveLength(27);
    await many();
    expect(reads().sort()).toEqual(['Get api-keys', 'Get api-keys', 'Get api-keys', 'Scan api-keys']);
    passed += 5_000;
    await many();
    expect(reads()).toHaveLength(5);
    stop();
  });

  test('over the limit refuse no valid key from there that was never seen before', async () => {
    const { call } = await openIngress(backend, { limit: 1 });
    const [good, revoked] = [
      await newKey(backend),
      await newKey(backend, { revoked: '2026-01-02T00:00:00.000Z' }),
    ];
    const status = async (key: string) =>
      (await call('GET', '/schedulers', undefined, { 'x-api-key': key })).status;
    expect(await status(newPlainKey())).toBe(401);
    expect(await status(revoked)).toBe(429);
    expect(await status(`${good.slice(0, -1)}${good.endsWith('A') ? 'B' : 'A'}`)).toBe(429);
    expect(await status(good)).toBe(200);
  });

  test('do not use up the limit of a key', async () => {
    const { call } = await openIngress(backend, { limit: 2 });
    for (let time = 0; time < 5; time += 1)
      await call('GET', '/schedulers', undefined, { 'x-api-key': 'wrong' });
    expect((await call('GET', '/schedulers')).status).toBe(200);
    expect((await call('GET', '/schedulers')).status).toBe(200);
  });

  const from = (address: string) => ({ 'x-api-key': 'wrong', 'x-forwarded-for': address });

  test('count by the address that a trusted proxy names', async () => {
    const { call } = await openIngress(backend, { limit: 1, trustProxy: '1' });
    expect((await call('GET', '/schedulers', undefined, from('203.0.113.1'))).status).toBe(401);
    expect((await call('GET', '/schedulers', undefined, from('203.0.113.1'))).status).toBe(429);
    expect((await call('GET', '/schedulers', undefined, from('203.0.113.2'))).status).toBe(401);
    const valid = await call('GET', '/schedulers', undefined, { 'x-forwarded-for': '203.0.113.1' });
    expect(valid.status).toBe(200);
  });

  test('count by the last hop when a client makes hops up in front of a trusted proxy', async () => {
    const { call } = await openIngress(backend, { limit: 1, trustProxy: '1' });
    expect((await call('GET', '/schedulers', undefined, from('198.51.100.1, 203.0.113.1'))).status).toBe(401);
    expect((await call('GET', '/schedulers', undefined, from('198.51.100.2, 203.0.113.1'))).status).toBe(429);
  });

  test('count by the address of the connection when no proxy is trusted', async () => {
    const { call } = await openIngress(backend, { limit: 1 });
    expect((await call('GET', '/schedulers', undefined, from('203.0.113.1'))).status).toBe(401);
    expect((await call('GET', '/schedulers', undefined, from('203.0.113.2'))).status).toBe(429);
  });

  test.each(['loopback', '127.0.0.0/8', 'true'])(
    'count by the named address when TRUST_PROXY is %s',
    async (trustProxy) => {
      const { call } = await openIngress(backend, { limit: 1, trustProxy });
      expect((await call('GET', '/schedulers', undefined, from('203.0.113.1'))).status).toBe(401);
      expect((await call('GET', '/schedulers', undefined, from('203.0.113.2'))).status).toBe(401);
      expect((await call('GET', '/schedulers', undefined, from('203.0.113.2'))).status).toBe(429);
    },
  );

  test.each([
    'not an address',
    '1.2.3.4:5678',
    '[2001:db8::1]:443',
    'unknown',
    ',,,',
    '::',
    'x'.repeat(4_000),
  ])('are a 401 whatever a trusted proxy calls the client: %s', async (address) => {
    const { url } = await openIngress(backend, { limit: 5, trustProxy: '1' });
    const answer = await sendRaw(url, ['GET /api/v1/schedulers HTTP/1.1', `X-Forwarded-For: ${address}`]);
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
  });
});
