import { describe, expect, test } from '@jest/globals';
import { createDynamoDbClient, documentsOf } from '../../../src/store/client.ts';
import { keyIdOf, readApiKey, revokeApiKey } from '../../../src/store/keys/api-keys.ts';
import { testEndpoints } from '../../support/harness.ts';
import { keptLog } from '../../support/log-lines.ts';
import { until } from '../../support/until.ts';
import { watchRequests } from '../../store/requests.ts';
import { atTheEnd } from '../../support/open.ts';
import { clockAt, newKey, openIngress, openWorld } from './fixtures.ts';

const { backend } = await openWorld();

/** An ingress of its own, as another replica is: its real clock stands, and what it sends is written down. */
async function replica(start: string, before?: (request: string) => Promise<void> | void) {
  const time = { at: Date.parse(start) };
  const clock = { ...clockAt(start), real: () => time.at, monotonic: () => time.at };
  const dynamodb = createDynamoDbClient(testEndpoints().dynamodb);
  atTheEnd(() => {
    dynamodb.destroy();
  });
  const store = { ...backend.store, client: documentsOf(dynamodb), clock };
  const { requests } = watchRequests(store, before);
  const { log, lines } = keptLog();
  const { call } = await openIngress({ ...backend, clock, store }, { log });
  return {
    setTime: (at: string) => {
      time.at = Date.parse(at);
    },
    use: async (key: string) => (await call('GET', '/schedulers', undefined, { 'x-api-key': key })).status,
    writes: () => requests.filter((request) => request === 'Update api-keys').length,
    lines,
  };
}

const lastUse = async (key: string) => (await readApiKey(backend.store, keyIdOf(key) ?? ''))?.last_used;
const lastUseIs = async (key: string, time: string) =>
  await until(`the last use is ${time}`, async () => (await lastUse(key)) === time);

describe('the last use of a key', () => {
  test('is written down with its first use, and then once an hour, to the millisecond', async () => {
    const { use, setTime, writes } = await replica('2026-11-23T17:00:00.000Z');
    const key = await newKey(backend);
    expect(await lastUse(key)).toBeUndefined();
    expect(await use(key)).toBe(200);
    await lastUseIs(key, '2026-11-23T17:00:00.000Z');
    for (const time of ['17:00:00.001', '17:30:00.000', '17:59:59.999']) {
      setTime(`2026-11-23T${time}Z`);
      expect(await use(key)).toBe(200);
    }
    expect(writes()).toBe(1);
    setTime('2026-11-23T18:00:00.000Z');
    expect(await use(key)).toBe(200);
    await lastUseIs(key, '2026-11-23T18:00:00.000Z');
    expect(writes()).toBe(2);
  });

  test('is not written again by a replica that finds it written within the hour', async () => {
    const [first, second] = [
      await replica('2026-11-23T17:00:00.000Z'),
      await replica('2026-11-23T17:40:00.000Z'),
    ];
    const key = await newKey(backend);
    await first.use(key);
    await lastUseIs(key, '2026-11-23T17:00:00.000Z');
    expect(await second.use(key)).toBe(200);
    expect(second.writes()).toBe(0);
    second.setTime('2026-11-23T18:00:00.000Z');
    await second.use(key);
    await lastUseIs(key, '2026-11-23T18:00:00.000Z');
  });

  test('is not that of a call that is refused', async () => {
    const { use, writes } = await replica('2026-11-23T17:00:00.000Z');
    const expired = await newKey(backend, { expires: '2026-11-23T17:00:00.000Z' });
    const revoked = await newKey(backend);
    await revokeApiKey(backend.store, keyIdOf(revoked) ?? '', '2026-11-23T16:00:00.000Z');
    expect([await use(expired), await use(revoked)]).toEqual([401, 401]);
    expect(writes()).toBe(0);
  });

  test('keeps no call waiting: one is answered while the write hangs', async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const hang = async (request: string) => {
      if (request === 'Update api-keys') await held;
    };
    const { use } = await replica('2026-11-23T17:00:00.000Z', hang);
    const key = await newKey(backend);
    expect(await use(key)).toBe(200);
    expect(await lastUse(key)).toBeUndefined();
    release();
    await lastUseIs(key, '2026-11-23T17:00:00.000Z');
  });

  test('fails no call: an error is a line at debug, and the next hour has its try', async () => {
    let away = true;
    const fail = (request: string) => {
      if (away && request === 'Update api-keys') throw new Error('throttled');
    };
    const { use, setTime, lines } = await replica('2026-11-23T17:00:00.000Z', fail);
    const key = await newKey(backend);
    expect([await use(key), await use(key)]).toEqual([200, 200]);
    const said = lines.filter(({ msg }) => msg.startsWith('the last use of a key'));
    expect(said).toMatchObject([{ level: 'debug', key_id: keyIdOf(key), err: { message: 'throttled' } }]);
    expect(said[0]).toHaveProperty('correlation_id');
    away = false;
    setTime('2026-11-23T18:00:00.000Z');
    await use(key);
    await lastUseIs(key, '2026-11-23T18:00:00.000Z');
  });
});
