import { beforeEach, describe, expect, test } from '@jest/globals';
import { createClock } from '../../src/clock.ts';
import { beat, leave, livingRoles } from '../../src/store/roles.ts';
import { createStore, morning, rawRow } from './fixtures.ts';

const store = await createStore();
beforeEach(async () => {
  store.time.at = morning;
  for (const { role, instance } of await livingRoles(store)) await leave(store, role, instance);
});

describe('a role', () => {
  test('that beats lives, with what it says of itself', async () => {
    await beat(store, {
      role: 'consumer',
      instance: 'a',
      since: 0,
      read_up_to: '2099-11-24T05:59:00.000Z',
      lag_ms: 250,
    });
    expect(await livingRoles(store)).toEqual([
      {
        role: 'consumer',
        instance: 'a',
        since: 0,
        seen_at: morning,
        read_up_to: '2099-11-24T05:59:00.000Z',
        lag_ms: 250,
        unapplied: new Map(),
        problem: null,
      },
    ]);
  });

  test('that reports nothing else leaves it open how far it has read', async () => {
    await beat(store, { role: 'ingress', instance: 'a', since: 0 });
    expect(await livingRoles(store)).toEqual([
      {
        role: 'ingress',
        instance: 'a',
        since: 0,
        seen_at: morning,
        read_up_to: null,
        lag_ms: 0,
        unapplied: new Map(),
        problem: null,
      },
    ]);
  });

  test('lives in each of its instances, and each instance in each of its roles', async () => {
    await beat(store, { role: 'consumer', instance: 'a', since: 0, read_up_to: 'idle' });
    await beat(store, { role: 'consumer', instance: 'b', since: 0 });
    await beat(store, { role: 'ingress', instance: 'a', since: 0 });
    const living = (await livingRoles(store)).map(({ role, instance }) => `${role} ${instance}`);
    expect(living.toSorted()).toEqual(['consumer a', 'consumer b', 'ingress a']);
  });

  test('is believed to live for 15 s after a beat, to the millisecond', async () => {
    await beat(store, { role: 'slack', instance: 'a', since: 0 });
    store.time.at = morning + 14_999;
    expect(await livingRoles(store)).toHaveLength(1);
    store.time.at = morning + 15_000;
    expect(await livingRoles(store)).toEqual([]);
  });

  test('lives on with every beat, and its last word counts', async () => {
    await beat(store, { role: 'consumer', instance: 'a', since: 0, read_up_to: 'idle', lag_ms: 5 });
    store.time.at = morning + 14_000;
    await beat(store, { role: 'consumer', instance: 'a', since: 0 });
    store.time.at = morning + 28_999;
    expect(await livingRoles(store)).toMatchObject([{ read_up_to: null, lag_ms: 0 }]);
  });

  test('that leaves is gone at once, and leaving again changes nothing', async () => {
    await beat(store, { role: 'consumer', instance: 'a', since: 0 });
    await beat(store, { role: 'consumer', instance: 'b', since: 0 });
    await leave(store, 'consumer', 'a');
    await leave(store, 'consumer', 'a');
    expect(await livingRoles(store)).toMatchObject([{ instance: 'b' }]);
  });

  test('is forgotten an hour after its last beat, by real time, whatever Ronda’s time is', async () => {
    const clock = createClock({ start: 0, speed: 60 }, () => morning + 1);
    await beat({ ...store, clock }, { role: 'consumer', instance: 'fast', since: 0 });
    const row = await rawRow(store, 'roles', { 'role#instance': 'consumer#fast' });
    expect(row).toMatchObject({
      since: 0,
      seen_at: morning + 1,
      expires_at: Date.parse('2099-11-24T07:00:01Z') / 1_000,
    });
  });
});
