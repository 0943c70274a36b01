import { describe, expect, test } from '@jest/globals';
import { createClock } from '../../../src/clock.ts';
import { createMemoryStore } from '../../../src/ingress/rate-limit/memory-store.ts';

describe('the memory of the store in memory', () => {
  test('drops keys whose window is over, without a timer', () => {
    let time = 1_000_000;
    const store = createMemoryStore({ limit: 5, clock: createClock({}, () => time) });
    for (let n = 0; n < 1_000; n += 1) store.increment(`early ${n}`);
    time += 30_000;
    for (let n = 0; n < 10; n += 1) store.increment(`late ${n}`);
    expect(store.size()).toBe(1_010);
    time += 29_999;
    store.increment('late 0');
    expect(store.size()).toBe(1_010);
    time += 1;
    store.increment('late 0');
    expect(store.size()).toBe(10);
  });

  test('keeps a key that is still in use', () => {
    let time = 1_000_000;
    const store = createMemoryStore({ limit: 2, clock: createClock({}, () => time) });
    store.increment('steady');
    store.increment('other');
    time += 40_000;
    store.increment('steady');
    time += 30_000;
    store.increment('third');
    expect(store.size()).toBe(2);
    expect(store.increment('steady').totalHits).toBe(2);
  });

  test('holds no more keys than it may, and forgets the least recently admitted first', () => {
    const store = createMemoryStore({ limit: 1, clock: createClock({}, () => 1_000_000), maxKeys: 3 });
    for (const key of ['a', 'b', 'c', 'd']) store.increment(key);
    expect(store.size()).toBe(3);
    expect(store.increment('b').totalHits).toBe(2);
    expect(store.increment('a').totalHits).toBe(1);
  });
});
