import { describe, expect, test } from '@jest/globals';
import { createClock } from '../../src/clock.ts';
import { fromEvent } from '../../projections/history.ts';
import { hasEntry, putEntries } from '../../src/store/projections/history-rows.ts';
import { at, idOf, recorded, status } from '../support/events.ts';
import { createStore, listHistory, morning, newId, rawRow } from './fixtures.ts';
import { watchRequests } from './requests.ts';

const store = await createStore();

const day = 86_400_000;
const keyOf = (time: string, n: number): string => `${time}#${idOf(n)}`;

/** Writes one entry per [time, id]. */
async function write(scheduler_id: string, ...entries: [time: string, n: number][]): Promise<void> {
  const fromEvents = entries.map(([occurred_at, n]) =>
    fromEvent(recorded(status({ scheduler_id, occurred_at, event_id: idOf(n) }))),
  );
  await putEntries(store, fromEvents);
}

async function keysOf(id: string, range: Parameters<typeof listHistory>[2] = {}): Promise<string[]> {
  return (await listHistory(store, id, range)).map((entry) => `${entry.timestamp}#${entry.id}`);
}

describe('reading a history', () => {
  const [t0, t1, t2] = [at('17:00:00.000'), at('17:00:00.001'), at('17:00:01.000')];

  test('gives entries newest first, at one instant the greater id first', async () => {
    const id = newId();
    await write(id, [t1, 1], [t0, 2], [t2, 3], [t0, 4]);
    expect(await keysOf(id)).toEqual([keyOf(t2, 3), keyOf(t1, 1), keyOf(t0, 4), keyOf(t0, 2)]);
  });

  test('from and to are both inclusive, to the millisecond', async () => {
    const id = newId();
    await write(id, [t0, 1], [t1, 2], [t2, 3]);
    expect(await keysOf(id, { from: t1 })).toEqual([keyOf(t2, 3), keyOf(t1, 2)]);
    expect(await keysOf(id, { to: t1 })).toEqual([keyOf(t1, 2), keyOf(t0, 1)]);
    expect(await keysOf(id, { from: t1, to: t1 })).toEqual([keyOf(t1, 2)]);
    expect(await keysOf(id, { from: t2, to: t0 })).toEqual([]);
    expect(await keysOf(id, { from: at('17:00:00.002'), to: at('17:00:00.999') })).toEqual([]);
  });

  test('before leaves out the entry it names and all above it', async () => {
    const id = newId();
    await write(id, [t0, 1], [t1, 2], [t1, 3], [t2, 4]);
    expect(await keysOf(id, { before: keyOf(t1, 3) })).toEqual([keyOf(t1, 2), keyOf(t0, 1)]);
    expect(await keysOf(id, { before: keyOf(t1, 3), from: t1 })).toEqual([keyOf(t1, 2)]);
    expect(await keysOf(id, { before: keyOf(t1, 3), to: t0 })).toEqual([keyOf(t0, 1)]);
    expect(await keysOf(id, { before: keyOf(t0, 1) })).toEqual([]);
    expect(await keysOf(id, { before: keyOf(t0, 1), from: t1 })).toEqual([]);
  });

  test('before a key that no entry has leaves out nothing below it', async () => {
    const id = newId();
    await write(id, [t0, 1], [t1, 5]);
    expect(await keysOf(id, { before: keyOf(t1, 4) })).toEqual([keyOf(t0, 1)]);
    expect(await keysOf(id, { before: keyOf(t1, 6) })).toEqual([keyOf(t1, 5), keyOf(t0, 1)]);
  });

  test('gives one scheduler’s entries, whole', async () => {
    const [id, other] = [newId(), newId()];
    const event = status({
      scheduler_id: id,
      status: 'failed',
      execution_time_ms: 1.5,
      error_message: 'disk full',
      metadata: '{"1":1.50}',
      run_id: null,
      business_date: null,
    });
    await putEntries(store, [fromEvent(recorded(event))]);
    await write(other, [t0, 1]);
    expect(await listHistory(store, id)).toEqual([
      {
        scheduler_id: id,
        id: idOf(1),
        status: 'failed',
        timestamp: at('17:30:00.000'),
        execution_time_ms: 1.5,
        error_message: 'disk full',
        metadata: '{"1":1.50}',
        run_id: null,
        business_date: null,
      },
    ]);
  });

  test('leaves out what is 30 days old, to the millisecond, purged or not', async () => {
    const id = newId();
    const old = new Date(morning - 30 * day).toISOString();
    const young = new Date(morning - 30 * day + 1).toISOString();
    await write(id, [old, 1], [young, 2]);
    expect(await keysOf(id)).toEqual([keyOf(young, 2)]);
    expect(await keysOf(id, { from: old })).toEqual([keyOf(young, 2)]);
    expect(await keysOf(id, { to: old })).toEqual([]);
  });
});

describe('writing entries', () => {
  test('takes one request per 25', async () => {
    const id = newId();
    const entries = (count: number): [string, number][] =>
      Array.from({ length: count }, (_, n) => [at('17:00:00.000'), n]);
    const { requests, stop } = watchRequests(store);
    await write(id, ...entries(25));
    expect(requests).toEqual(['BatchWrite scheduler-status-history']);
    await write(id, ...entries(26));
    stop();
    expect(requests).toHaveLength(3);
    expect(await keysOf(id)).toHaveLength(26);
  });

  test('none takes no request', async () => {
    const { requests, stop } = watchRequests(store);
    await putEntries(store, []);
    stop();
    expect(requests).toEqual([]);
  });

  test('twice, even in one go, leaves one', async () => {
    const id = newId();
    await write(id, [at('17:00:00.000'), 1], [at('17:00:00.000'), 1]);
    await write(id, [at('17:00:00.000'), 1]);
    expect(await keysOf(id)).toEqual([keyOf(at('17:00:00.000'), 1)]);
  });

  test('can be asked for', async () => {
    const id = newId();
    await write(id, [at('17:00:00.000'), 1]);
    expect(await hasEntry(store, id, keyOf(at('17:00:00.000'), 1))).toBe(true);
    expect(await hasEntry(store, id, keyOf(at('17:00:00.000'), 2))).toBe(false);
  });

  test('gives each 30 days to live, and no end while the clock is not real', async () => {
    const [id, unrealId] = [newId(), newId()];
    const time = at('17:00:00.001');
    const key = { 'timestamp#event_id': keyOf(time, 1) };
    await write(id, [time, 1]);
    const row = await rawRow(store, 'history', { scheduler_id: id, ...key });
    expect(row?.['expires_at']).toBe(Date.parse('2099-12-23T17:00:01Z') / 1_000);

    const unreal = { ...store, clock: createClock({ start: morning }, () => morning) };
    const event = status({ scheduler_id: unrealId, occurred_at: time });
    await putEntries(unreal, [fromEvent(recorded(event))]);
    const endless = await rawRow(store, 'history', { scheduler_id: unrealId, ...key });
    expect(endless).toMatchObject({ status: 'completed', version: 2 });
    expect(endless).not.toHaveProperty('expires_at');
  });
});
