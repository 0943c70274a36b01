import { describe, expect, test } from '@jest/globals';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { currentStateProjection, fold, type CurrentState } from '../../projections/current-state.ts';
import { ContendedRowError, NewerRowError } from '../../src/errors.ts';
import { append } from '../../src/store/events/event-store.ts';
import { rebuildState } from '../../src/store/projections/rebuild-state.ts';
import { foldStream } from '../../src/store/projections/project.ts';
import { record } from '../../src/store/projections/record.ts';
import {
  readRow,
  readRows,
  scanRows,
  schedulerRows,
  swapRow,
} from '../../src/store/projections/scheduler-rows.ts';
import { tableOf, type Store } from '../../src/store/store.ts';
import { at, heartbeat, idOf, recorded, registration, status } from '../support/events.ts';
import { createStore, listed, morning, newId, rawRow } from './fixtures.ts';
import { watchRequests } from './requests.ts';

const store = await createStore();

const { version } = currentStateProjection;
const day = 86_400_000;
const ago = (ms: number): string => new Date(morning - ms).toISOString();

async function rebuild(from: Store, id: string): Promise<CurrentState | undefined> {
  return (await rebuildState(from, currentStateProjection, schedulerRows, id, { write: true })).state;
}

async function putRow(item: Record<string, unknown>): Promise<void> {
  await store.client.send(new PutCommand({ TableName: tableOf(store, 'schedulers'), Item: item }));
}

describe('a row', () => {
  test('is written only over the revision that was read, and raises it', async () => {
    const scheduler_id = newId();
    const [one, two] = [
      fold(scheduler_id, [recorded(heartbeat({ scheduler_id, event_id: idOf(1) }))]),
      fold(scheduler_id, [recorded(heartbeat({ scheduler_id, event_id: idOf(2) }))]),
    ];
    expect(await swapRow(store, one, undefined)).toBe(true);
    expect(await swapRow(store, two, undefined)).toBe(false);
    expect(await readRow(store, scheduler_id)).toEqual({ rev: 1, version, state: one });
    expect(await swapRow(store, two, 2)).toBe(false);
    expect(await swapRow(store, two, 1)).toBe(true);
    expect(await swapRow(store, one, 1)).toBe(false);
    expect(await readRow(store, scheduler_id)).toEqual({ rev: 2, version, state: two });
  });

  test('holds nothing for what is not known', async () => {
    const scheduler_id = newId();
    await swapRow(store, fold(scheduler_id, [recorded(heartbeat({ scheduler_id }))]), undefined);
    expect(await rawRow(store, 'schedulers', { scheduler_id })).toEqual({
      scheduler_id,
      heartbeat: { at: at('17:30:00.000'), id: idOf(1), accepted_at: at('17:30:00.000') },
      version,
      rev: 1,
    });
  });

  test('that is not there is in no answer', async () => {
    const [there, missing] = [newId(), newId()];
    await swapRow(store, fold(there, []), undefined);
    expect([...(await readRows(store, [missing, there])).keys()]).toEqual([there]);
    expect(await readRow(store, missing)).toBeUndefined();
  });

  test('is read with a hundred others in one request', async () => {
    const ids = Array.from({ length: 101 }, newId);
    await Promise.all(ids.map((id) => swapRow(store, fold(id, []), undefined)));
    const { requests, stop } = watchRequests(store);
    expect((await readRows(store, ids.slice(0, 100))).size).toBe(100);
    expect(requests).toHaveLength(1);
    expect((await readRows(store, ids)).size).toBe(101);
    stop();
    expect(requests).toHaveLength(3);
  });

  test('whose state cannot be read is left out of a scan', async () => {
    const [good, odd] = [newId(), newId()];
    await swapRow(store, fold(good, []), undefined);
    await putRow({ scheduler_id: odd, version: 99, rev: 1, status: 'green' });
    const found = new Set((await listed(scanRows(store))).map((row) => row.scheduler_id));
    expect([found.has(good), found.has(odd)]).toEqual([true, false]);
  });

  test('is scanned once, also where a scan goes on behind another', async () => {
    const rows = await listed(scanRows(store));
    const [first] = rows;
    const rest = await listed(scanRows(store, first?.scheduler_id));
    expect(rest).toEqual(rows.slice(1));
    expect(rest.length).toBeGreaterThan(0);
  });
});

describe('a row of an older version', () => {
  /** A row that version 0 left, with a heartbeat that no stream tells any more and a status that was never so. */
  async function oldRow(scheduler_id: string, fields: object): Promise<void> {
    await putRow({ scheduler_id, version: 0, rev: 5, ...fields });
  }

  test('is made anew from its stream when an event comes, not merged into', async () => {
    const scheduler_id = newId();
    const known = recorded(registration({ scheduler_id, event_id: idOf(1) }));
    await append(store, known);
    await oldRow(scheduler_id, {
      running: { at: at('23:00:00.000'), id: idOf(9) },
      heartbeat: { at: at('23:00:00.000'), id: idOf(9) },
    });
    const news = recorded(status({ scheduler_id, event_id: idOf(2), status: 'completed' }));
    const [outcome] = await record(store, [news]);
    const expected = fold(scheduler_id, [known, news]);
    expect(outcome).toMatchObject({ ok: true, state: expected });
    expect(await readRow(store, scheduler_id)).toEqual({ rev: 6, version, state: expected });
    expect(expected.running).toBeNull();
  });

  test('of version 2 is read as it was meant, and made anew when an event comes', async () => {
    const scheduler_id = newId();
    const known = registration({ scheduler_id, event_id: idOf(1), alert_user_id: 'U012AB3CD' });
    await append(store, recorded(known));
    const by = { at: at('17:30:00.000'), id: idOf(1) };
    const contacts = {
      owner_email: 'sari@example.com',
      alert_user_id: null,
      heartbeat_timeout_minutes: null,
    };
    const names = { service_name: 'billing', job_name: 'close-day' };
    await oldRow(scheduler_id, { version: 2, registration: { ...by, ...names, ...contacts } });
    expect((await readRow(store, scheduler_id))?.state).toMatchObject({
      registration: { ...by, ...names },
      owner_email: { ...by, value: 'sari@example.com' },
    });
    const news = recorded(heartbeat({ scheduler_id, event_id: idOf(2) }));
    await record(store, [news]);
    const state = fold(scheduler_id, [recorded(known), news]);
    expect(await readRow(store, scheduler_id)).toEqual({ rev: 6, version: 4, state });
    expect(state).toMatchObject({ owner_email: null, alert_user_id: { ...by, value: 'U012AB3CD' } });
  });

  test('keeps what is past its retention, which no stream can tell', async () => {
    const scheduler_id = newId();
    const past = { at: ago(400 * day), id: idOf(8) };
    const recent = { at: ago(400 * day - 1), id: idOf(9) };
    await oldRow(scheduler_id, {
      failed: past,
      running: recent,
      heartbeat: { at: ago(7 * day), id: idOf(7) },
    });
    const news = recorded(status({ scheduler_id, occurred_at: ago(0), status: 'completed' }));
    await record(store, [news]);
    const state = (await readRow(store, scheduler_id))?.state;
    expect(state).toMatchObject({ failed: past, running: null, heartbeat: { at: ago(0) } });
  });

  test('whose state cannot be read is made anew all the same', async () => {
    const scheduler_id = newId();
    await oldRow(scheduler_id, { status: 'green' });
    const news = recorded(status({ scheduler_id }));
    await record(store, [news]);
    expect(await readRow(store, scheduler_id)).toEqual({
      rev: 6,
      version,
      state: fold(scheduler_id, [news]),
    });
  });
});

describe('a row of a newer version', () => {
  test('is left alone by a rebuild', async () => {
    const scheduler_id = newId();
    const row = { scheduler_id, version: version + 1, rev: 3, mood: 'fine' };
    await putRow(row);
    await append(store, recorded(status({ scheduler_id })));
    await expect(rebuild(store, scheduler_id)).rejects.toThrow(NewerRowError);
    expect(await rawRow(store, 'schedulers', { scheduler_id })).toEqual(row);
  });
});

describe('a rebuild', () => {
  async function stateOf(id: string): Promise<CurrentState | undefined> {
    return (await readRow(store, id))?.state;
  }

  /** The row as it lies there, with a `pending` that no event tells. */
  async function damage(scheduler_id: string): Promise<void> {
    const row = await rawRow(store, 'schedulers', { scheduler_id });
    await putRow({ ...row, scheduler_id, pending: { at: at('17:00:00.000'), id: idOf(99) } });
  }

  test('writes nothing where the row is as the stream tells', async () => {
    const scheduler_id = newId();
    await record(store, [recorded(status({ scheduler_id }))]);
    const { requests, stop } = watchRequests(store);
    await rebuild(store, scheduler_id);
    stop();
    expect(requests).toEqual(['Query events', 'BatchGet schedulers']);
  });

  test('makes the row that the stream tells, and raises the revision', async () => {
    const scheduler_id = newId();
    const event = recorded(status({ scheduler_id }));
    await record(store, [event]);
    await putRow({ scheduler_id, version, rev: 41 });
    expect(await rebuild(store, scheduler_id)).toEqual(fold(scheduler_id, [event]));
    expect(await readRow(store, scheduler_id)).toEqual({
      rev: 42,
      version,
      state: fold(scheduler_id, [event]),
    });
  });

  test('makes a row where none is', async () => {
    const scheduler_id = newId();
    const event = recorded(heartbeat({ scheduler_id }));
    await append(store, event);
    await rebuild(store, scheduler_id);
    expect(await readRow(store, scheduler_id)).toEqual({
      rev: 1,
      version,
      state: fold(scheduler_id, [event]),
    });
  });

  test('reads the row again when a writer swaps it meanwhile, and keeps what it wrote', async () => {
    const scheduler_id = newId();
    const [first, second] = [1, 2].map((n) => recorded(status({ scheduler_id, event_id: idOf(n) })));
    if (first === undefined || second === undefined) throw new Error('two events');
    await record(store, [first]);
    await damage(scheduler_id);
    let done = false;
    const { stop } = watchRequests(store, async (request) => {
      if (request !== 'Put schedulers' || done) return;
      done = true;
      await record(store, [second]);
    });
    await rebuild(store, scheduler_id);
    stop();
    expect(await readRow(store, scheduler_id)).toEqual({
      rev: 3,
      version,
      state: fold(scheduler_id, [first, second]),
    });
  });

  /**
   * The race of design rule 5: a consumer appends just before the swap and reads the row of before, in which
   * its event changes nothing; the rebuilt row, out of an earlier reading of the stream, lacks it.
   */
  async function appendedBeforeTheSwap(scheduler_id: string, meanwhile: () => Promise<unknown>) {
    await damage(scheduler_id);
    let done = false;
    const { stop } = watchRequests(store, async (request) => {
      if (request !== 'Put schedulers' || done) return;
      done = true;
      await meanwhile();
    });
    await rebuild(store, scheduler_id);
    stop();
    return await stateOf(scheduler_id);
  }

  test('takes in what the stream has grown by since it was read', async () => {
    const scheduler_id = newId();
    const first = recorded(status({ scheduler_id, event_id: idOf(1), status: 'running' }));
    const second = recorded(status({ scheduler_id, event_id: idOf(2), status: 'failed' }));
    await record(store, [first]);
    const state = await appendedBeforeTheSwap(scheduler_id, () => append(store, second));
    expect(state).toEqual(fold(scheduler_id, [first, second]));
  });

  test('takes in an event that came while another has expired', async () => {
    const scheduler_id = newId();
    const old = recorded(heartbeat({ scheduler_id, occurred_at: ago(7 * day - 1), event_id: idOf(1) }));
    const fresh = recorded(status({ scheduler_id, occurred_at: ago(0), event_id: idOf(2) }));
    await record(store, [old]);
    const state = await appendedBeforeTheSwap(scheduler_id, async () => {
      await append(store, fresh);
      store.time.at = morning + 1;
    });
    store.time.at = morning;
    expect(state).toEqual(fold(scheduler_id, [old, fresh]));
  });

  test('gives up, to be tried again, when the row changes under it every time', async () => {
    const scheduler_id = newId();
    const event = recorded(status({ scheduler_id }));
    await record(store, [event]);
    await damage(scheduler_id);
    let rev = 1;
    const { stop } = watchRequests(store, async (request) => {
      if (request !== 'Put schedulers' || rev % 2 === 0) return;
      rev += 1;
      await putRow({ scheduler_id, version, rev: 1_000 + rev });
      rev += 1;
    });
    await expect(rebuild(store, scheduler_id)).rejects.toThrow(ContendedRowError);
    stop();
  });
});

describe('folding a stream', () => {
  test('gives its state as of an instant, and how many events that took', async () => {
    const scheduler_id = newId();
    const events = ['running', 'failed', 'completed'].map((name, n) =>
      recorded(
        status({
          scheduler_id,
          occurred_at: at(`17:0${n}:00.000`),
          status: name === 'running' ? 'running' : name === 'failed' ? 'failed' : 'completed',
        }),
      ),
    );
    await record(store, events);
    expect(await foldStream(store, scheduler_id, { until: at('17:01:00.000') })).toEqual([
      fold(scheduler_id, events.slice(0, 2)),
      2,
    ]);
    expect(await foldStream(store, scheduler_id, { until: at('17:00:59.999') })).toMatchObject([
      { status: { status: 'running' } },
      1,
    ]);
    expect(await foldStream(store, scheduler_id)).toEqual([fold(scheduler_id, events), 3]);
    expect(await foldStream(store, newId())).toMatchObject([{ status: null }, 0]);
  });
});
