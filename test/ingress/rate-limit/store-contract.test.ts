import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createClock } from '../../../src/clock.ts';
import { createDynamoDbStore } from '../../../src/ingress/rate-limit/dynamodb-store.ts';
import { createMemoryStore } from '../../../src/ingress/rate-limit/memory-store.ts';
import type { RollingStore } from '../../../src/ingress/rate-limit/rolling-window.ts';
import { mostWithin } from './accepted.ts';
import { createClient, createTable } from './tables.ts';

const start = Date.parse('2026-11-23T17:00:00Z');
const client = createClient();
let tableName = '';

beforeAll(async () => {
  tableName = await createTable();
});
afterAll(() => {
  client.destroy();
});

let time = start;
const clock = createClock({}, () => time);
const at = (offset: number): void => {
  time = start + offset;
};

async function admitted(store: RollingStore, key: string): Promise<boolean> {
  return (await store.increment(key)).totalHits <= store.limit;
}

async function countAdmitted(store: RollingStore, key: string, calls: number): Promise<number> {
  const answers = await Promise.all(Array.from({ length: calls }, () => admitted(store, key)));
  return answers.filter(Boolean).length;
}

describe.each([
  ['memory', (limit: number): RollingStore => createMemoryStore({ limit, clock })],
  [
    'DynamoDB',
    (limit: number): RollingStore =>
      createDynamoDbStore({ limit, clock, client, tableName, timeoutMs: 20_000 }),
  ],
])('a rate limit kept in %s', (_engine, createStore) => {
  test('admits 100 of 199 calls around the boundary of a minute', async () => {
    const store = createStore(100);
    const key = randomUUID();
    at(0);
    expect(await admitted(store, key)).toBe(true);
    at(59_900);
    expect(await countAdmitted(store, key, 99)).toBe(99);
    at(60_000);
    expect(await countAdmitted(store, key, 99)).toBe(1);
  });

  test('admits again, as soon as the oldest accepted request leaves, a client that never stopped calling', async () => {
    const store = createStore(3);
    const key = randomUUID();
    at(0);
    expect(await countAdmitted(store, key, 3)).toBe(3);
    for (let offset = 500; offset < 60_000; offset += 500) {
      at(offset);
      expect(await admitted(store, key)).toBe(false);
    }
    at(59_999);
    expect(await admitted(store, key)).toBe(false);
    at(60_000);
    expect(await countAdmitted(store, key, 5)).toBe(3);
  });

  test('says how many requests the window holds and when the oldest leaves it', async () => {
    const store = createStore(2);
    const key = randomUUID();
    at(0);
    expect(await store.increment(key)).toEqual({
      totalHits: 1,
      resetTime: new Date('2026-11-23T17:01:00.000Z'),
    });
    at(20_000);
    expect(await store.increment(key)).toEqual({
      totalHits: 2,
      resetTime: new Date('2026-11-23T17:01:00.000Z'),
    });
    at(30_000);
    expect(await store.increment(key)).toEqual({
      totalHits: 3,
      resetTime: new Date('2026-11-23T17:01:00.000Z'),
    });
    at(60_000);
    expect(await store.increment(key)).toEqual({
      totalHits: 2,
      resetTime: new Date('2026-11-23T17:01:20.000Z'),
    });
  });

  test('counts every key by itself', async () => {
    const store = createStore(1);
    const [one, other] = [randomUUID(), randomUUID()];
    at(0);
    expect(await admitted(store, one)).toBe(true);
    expect(await admitted(store, one)).toBe(false);
    expect(await admitted(store, other)).toBe(true);
  });

  test('admits exactly the limit of calls that arrive at once', async () => {
    const store = createStore(100);
    at(0);
    expect(await countAdmitted(store, randomUUID(), 250)).toBe(100);
  });

  test('never admits more than the limit in any interval of 60 s', async () => {
    const step = fc.oneof(fc.constantFrom(0, 59_999, 60_000), fc.integer({ min: 0, max: 25_000 }));
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 25 }),
        fc.integer({ min: 1, max: 4 }),
        async (steps, limit) => {
          const store = createStore(limit);
          const key = randomUUID();
          const accepted: number[] = [];
          at(0);
          for (const ms of steps) {
            time += ms;
            if (await admitted(store, key)) accepted.push(time);
          }
          expect(mostWithin(60_000, accepted)).toBeLessThanOrEqual(limit);
        },
      ),
      { numRuns: 25 },
    );
  });

  test('gives one request back', async () => {
    const store = createStore(2);
    const key = randomUUID();
    at(0);
    expect(await countAdmitted(store, key, 3)).toBe(2);
    await store.decrement(key);
    expect(await countAdmitted(store, key, 3)).toBe(1);
  });

  test('gives the only request back', async () => {
    const store = createStore(1);
    const key = randomUUID();
    at(0);
    expect(await admitted(store, key)).toBe(true);
    await store.decrement(key);
    await store.decrement(key);
    expect(await admitted(store, key)).toBe(true);
  });

  test('starts anew for a key that is reset', async () => {
    const store = createStore(2);
    const key = randomUUID();
    at(0);
    expect(await countAdmitted(store, key, 3)).toBe(2);
    await store.resetKey(key);
    expect(await countAdmitted(store, key, 3)).toBe(2);
  });
});
