import { describe, expect, test } from '@jest/globals';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import {
  hashOf,
  keyIdOf,
  newPlainKey,
  putApiKey,
  readApiKey,
  revokeApiKey,
} from '../../../src/store/keys/api-keys.ts';
import { tableOf } from '../../../src/store/store.ts';
import { watchRequests } from '../../store/requests.ts';
import { call as callUrl } from '../../support/harness.ts';
import { clockAt, errorOf, minutesFromNow, newKey, openIngress, openWorld } from './fixtures.ts';
import { sendRaw } from './raw-requests.ts';

const { backend, ingress, call } = await openWorld();
const invalid = (method: string, path: string) => errorOf(401, [method, path], 'Invalid API key');

describe('a call without a valid key', () => {
  test.each([
    ['POST', '/schedulers/register'],
    ['PUT', '/schedulers/a/status'],
    ['POST', '/schedulers/a/heartbeat'],
    ['GET', '/schedulers'],
    ['GET', '/schedulers/a'],
    ['GET', '/schedulers/a/history'],
    ['POST', '/events'],
    ['DELETE', '/schedulers/a'],
    ['PATCH', '/schedulers'],
    ['GET', '/nothing'],
  ])('is a 401 for %s %s, whatever it brings', async (method, path) => {
    const answer = await call(method, path, method === 'GET' ? undefined : '{broken', {
      'x-api-key': 'wrong',
    });
    expect(answer.status).toBe(401);
    expect(answer.json).toEqual(invalid(method, path));
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
  });

  test('is a 401 when the header is missing', async () => {
    const response = await fetch(`${ingress.url}/api/v1/schedulers?limit=5`);
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual(invalid('GET', '/schedulers?limit=5'));
  });

  test.each<[string, () => Promise<string>]>([
    ['is empty', () => Promise.resolve('')],
    ['is revoked', () => newKey(backend, { revoked: '2026-01-02T00:00:00.000Z' })],
    ['has expired', () => newKey(backend, { expires: minutesFromNow(-1) })],
  ])('is a 401 when the key %s', async (_what, key) => {
    const answer = await call('GET', '/schedulers', undefined, { 'x-api-key': await key() });
    expect(answer.json).toEqual(invalid('GET', '/schedulers'));
  });

  test('is a 401 that costs one read, whether there is such an id, it is known already, or there is none', async () => {
    const [key, knownKey] = [await newKey(backend), await newKey(backend)];
    expect((await call('GET', '/schedulers', undefined, { 'x-api-key': knownKey })).status).toBe(200);
    const { requests, stop } = watchRequests(backend.store);
    const readsOf = async (plain: string): Promise<string[]> => {
      requests.length = 0;
      const forged = `ronda_${keyIdOf(plain) ?? ''}_${'A'.repeat(43)}`;
      const answer = await call('GET', '/schedulers', undefined, { 'x-api-key': forged });
      expect(answer.json).toEqual(invalid('GET', '/schedulers'));
      return [...requests];
    };
    for (const one of [key, knownKey, newPlainKey()]) expect(await readsOf(one)).toEqual(['Get api-keys']);
    stop();
  });

  test('is a 401 when it brings two keys, even good ones', async () => {
    const key = await newKey(backend);
    const answer = await sendRaw(ingress.url, [
      'GET /api/v1/schedulers HTTP/1.1',
      `x-api-key: ${key}`,
      `x-api-key: ${key}`,
    ]);
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
  });

  test('is a 401 when the key stands anywhere but in the header', async () => {
    const key = await newKey(backend);
    const url = `${ingress.url}/api/v1/schedulers?x-api-key=${key}&api_key=${key}`;
    const response = await fetch(url, { headers: { authorization: `Bearer ${key}` } });
    expect(response.status).toBe(401);
  });
});

describe('a valid key', () => {
  test('expires at its real time to the millisecond, though it is believed for 30 s', async () => {
    const clock = clockAt('2026-11-23T17:00:00.000Z');
    let real = Date.parse('2026-11-23T17:00:00.000Z');
    const ticking = { ...clock, real: () => real, monotonic: () => real };
    const at = { ...backend, clock: ticking, store: { ...backend.store, clock: ticking } };
    const { call: callAt } = await openIngress(at);
    const key = await newKey(backend, { expires: '2026-11-23T17:00:10.000Z' });
    const status = async () => (await callAt('GET', '/schedulers', undefined, { 'x-api-key': key })).status;
    expect(await status()).toBe(200);
    real = Date.parse('2026-11-23T17:00:09.999Z');
    expect(await status()).toBe(200);
    real = Date.parse('2026-11-23T17:00:10.000Z');
    expect(await status()).toBe(401);
  });

  test('that is revoked is believed for 30 s at most, however often it is used and the clock is set', async () => {
    let [real, passed] = [Date.parse('2026-11-23T17:00:00.000Z'), 1_000];
    const clock = { ...clockAt('2026-11-23T17:00:00.000Z'), real: () => real, monotonic: () => passed };
    const { call: callAt } = await openIngress({ ...backend, clock, store: { ...backend.store, clock } });
    const key = await newKey(backend);
    const status = async () => (await callAt('GET', '/schedulers', undefined, { 'x-api-key': key })).status;
    expect(await status()).toBe(200);
    await revokeApiKey(backend.store, keyIdOf(key) ?? '', '2026-11-23T17:00:01.000Z');
    real -= 3_600_000;
    for (const ms of [11_000, 21_000, 30_000]) {
      passed = ms;
      expect(await status()).toBe(200);
    }
    passed = 31_001;
    expect(await status()).toBe(401);
  });

  test('that was unknown a moment ago is served as soon as it exists', async () => {
    const key = newPlainKey();
    expect((await call('GET', '/schedulers', undefined, { 'x-api-key': key })).status).toBe(401);
    const { hash } = await storedAs(key);
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect((await call('GET', '/schedulers', undefined, { 'x-api-key': key })).status).toBe(200);
  });

  test('is stored as a hash alone', async () => {
    const key = await newKey(backend);
    const { Item } = await backend.store.client.send(
      new GetCommand({ TableName: tableOf(backend.store, 'apiKeys'), Key: { key_id: keyIdOf(key) } }),
    );
    expect(Item).toMatchObject({ key_id: keyIdOf(key) });
    expect(JSON.stringify(Item)).not.toContain(key.slice(-43));
  });
});

test('health needs no key', async () => {
  expect((await callUrl(`${ingress.url}/health/live`, 'GET', undefined, { 'x-api-key': '' })).status).toBe(
    200,
  );
});

async function storedAs(plain: string) {
  const template = await newKey(backend);
  const stored = await readApiKey(backend.store, keyIdOf(template) ?? '');
  if (stored === undefined) throw new Error('the key is not stored');
  const key = { ...stored, key_id: keyIdOf(plain) ?? '', hash: hashOf(plain) };
  await putApiKey(backend.store, key);
  return key;
}
