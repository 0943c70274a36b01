import { beforeEach, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { currentStateProjection } from '../../../projections/current-state.ts';
import { createClock } from '../../../src/clock.ts';
import { verify } from '../../../src/operator/verify/verify.ts';
import { keepCheckpoint } from '../../../src/store/state/checkpoint.ts';
import { storedProjections } from '../../../src/store/projections/registry.ts';
import { heartbeat, idOf, recorded } from '../../support/events.ts';
import type { TestBackend } from '../../support/harness.ts';
import { openBackend } from '../../support/open.ts';
import { hasMessages } from '../../../src/queue/depth.ts';
import { receive, send } from '../../support/queues.ts';
import { throttle } from '../../support/throttled.ts';
import { watchRequests } from '../../store/requests.ts';
import { allIn, drop, eventsOf, put, recordAll, ronda, type Item } from './world.ts';

/** What a replay and a verify make of faults of single schedulers, and of writers at work. */
const morning = Date.parse('2099-11-24T06:00:00.000Z');
const { version } = currentStateProjection;
const bogus = { at: '2099-11-23T17:09:00.000Z', id: idOf(99) };

let backend: TestBackend;
let rows: Item[];
beforeEach(async () => {
  backend = await openBackend({ clock: createClock({}, () => morning) });
  await recordAll(
    backend.store,
    ['ledger', 'payroll', 'tax'].flatMap((id) => eventsOf(id)),
  );
  rows = await allIn(backend.store, 'schedulers');
});

function rowOf(id: string): Item {
  return rows.find((row) => row['scheduler_id'] === id) ?? {};
}

/** A row as it lies there, with its revision, changed so that the next swap of it fails. */
async function touch(id: string, rev: number, changes: object = {}): Promise<void> {
  await put(backend.store, 'schedulers', { ...rowOf(id), ...changes, rev });
}

const summary = z.looseObject({
  changed: z.number().default(0),
  newer: z.number(),
  skipped: z.number(),
  skipped_schedulers: z.array(
    z.looseObject({ scheduler_id: z.string(), projection: z.string(), reason: z.string() }),
  ),
  drifts: z.array(z.looseObject({ scheduler_id: z.string(), field: z.string() })).default([]),
});

async function printed(...argv: string[]) {
  const { code, out } = await ronda(backend, ...argv, '--json');
  return { code, ...summary.parse(JSON.parse(out)) };
}

describe('a row that changes under every attempt to swap it', () => {
  test('is skipped, counted and named; every other is mended', async () => {
    for (const id of ['ledger', 'payroll', 'tax']) await touch(id, 100, { pending: bogus });
    let rev = 1_000;
    const { stop } = watchRequests(backend.store, async (request) => {
      if (request === 'Put schedulers' && rev % 2 === 0) {
        rev += 1;
        await touch('payroll', rev, { pending: bogus });
        rev += 1;
      }
    });
    const { code, out, err } = await ronda(backend, 'replay');
    stop();
    expect(code).toBe(1);
    expect(out).toContain('2 rows changed, ');
    expect(out).toContain('1 row skipped: "ronda replay --scheduler ID" tries again.\n');
    expect(err).toBe(
      'skipped  payroll  current-state  the row of payroll changed under each of 12 attempts to write it\n',
    );
    expect(await printed('replay')).toMatchObject({
      code: 0,
      changed: 1,
      skipped: 0,
      skipped_schedulers: [],
    });
    expect(await allIn(backend.store, 'schedulers')).toEqual(rows);
  });
});

describe.each([
  ['of a newer type', { type: 'job_paused' }],
  ['of a newer version', { v: 3 }],
  ['that was damaged', { occurred_at: null }],
])('a stored event %s', (_, changes) => {
  const key = `${bogus.at}#${bogus.id}`;
  beforeEach(async () => {
    const [event] = (await allIn(backend.store, 'events')).filter(
      (item) => item['scheduler_id'] === 'payroll',
    );
    await put(backend.store, 'events', { ...event, 'occurred_at#event_id': key, ...changes });
    for (const id of ['ledger', 'payroll']) await touch(id, 100, { pending: bogus });
  });
  const reason = `event ${key} of payroll cannot be read: it is newer than this program, or damaged`;
  const skipped_schedulers = [
    { scheduler_id: 'payroll', projection: 'current-state', reason },
    { scheduler_id: 'payroll', projection: 'history', reason },
    { scheduler_id: 'payroll', projection: 'rules', reason },
  ];

  test('makes replay pass over its scheduler, and name it', async () => {
    const { code, out, err } = await ronda(backend, 'replay');
    expect(code).toBe(1);
    expect(out).toContain('1 row changed, ');
    expect(err.split('\n')).toContain(`skipped  payroll  current-state  ${reason}`);
    expect(await printed('replay', '--scheduler', 'payroll')).toMatchObject({
      code: 1,
      skipped: 3,
      skipped_schedulers,
    });
  });

  test('is no drift for verify, which says that it did not judge', async () => {
    await ronda(backend, 'replay');
    expect(await printed('verify')).toMatchObject({ code: 1, drifts: [], skipped: 3, skipped_schedulers });
    expect((await ronda(backend, 'verify')).out).toContain(
      '3 rows not judged: they could not be looked at.\n',
    );
  });
});

test('a throttled key is skipped and named, and the others are mended', async () => {
  const { store } = backend;
  for (const id of ['ledger', 'payroll', 'tax']) await touch(id, 100, { pending: bogus });
  const cool = throttle(store, 'payroll');
  const found = await printed('replay');
  cool();
  expect(found).toMatchObject({
    ...{ code: 1, changed: 2, skipped: 1 },
    skipped_schedulers: [{ scheduler_id: 'payroll', projection: 'current-state' }],
  });
  expect(await printed('replay')).toMatchObject({ code: 0, changed: 1, skipped: 0 });
});

describe('verify, while consumers write,', () => {
  const scope = { of: 'all' } as const;
  const { signal } = new AbortController();

  test('reports what every look showed, and nothing that passed', async () => {
    const { store } = backend;
    await touch('payroll', 100, { pending: bogus });
    let n = 0;
    let busy = false;
    const { stop } = watchRequests(store, async (request) => {
      if (busy || !/^(Query events|BatchGet schedulers)$/.test(request)) return;
      busy = true;
      n += 1;
      const time = `2099-11-23T18:00:00.${100 + n}Z`;
      const beats = ['ledger', 'payroll'].map((scheduler_id) =>
        recorded(heartbeat({ scheduler_id, occurred_at: time, event_id: idOf(200 + n) })),
      );
      await recordAll(store, beats);
      busy = false;
    });
    const found = await printed('verify');
    stop();
    expect(n).toBeGreaterThan(3);
    expect(found.drifts).toMatchObject([{ scheduler_id: 'payroll', field: 'pending' }]);
  });

  test('does not call drift what differs otherwise at every look', async () => {
    const { store } = backend;
    let looks = 0;
    const { stop } = watchRequests(store, async (request) => {
      if (request !== 'BatchGet schedulers' && request !== 'Scan schedulers') return;
      looks += 1;
      await touch('payroll', 100 + looks, { pending: { ...bogus, id: idOf(looks) } });
    });
    const found = await printed('verify');
    stop();
    expect(looks).toBeGreaterThan(2);
    expect(found).toMatchObject({ code: 0, drifts: [] });
  });

  test('gives a difference that a later look finds anew a look more, and reports it', async () => {
    const { store } = backend;
    await touch('payroll', 100, { pending: bogus });
    let looks = 0;
    const { stop } = watchRequests(store, async (request) => {
      if (request !== 'BatchGet schedulers') return;
      looks += 1;
      if (looks === 2) await touch('payroll', 101, { pending: { ...bogus, id: idOf(98) } });
    });
    const found = await printed('verify');
    stop();
    expect(looks).toBe(3);
    expect(found).toMatchObject({ code: 1, drifts: [{ scheduler_id: 'payroll', field: 'pending' }] });
  });

  test('counts a row that turned newer between two looks as newer', async () => {
    const { store } = backend;
    await touch('payroll', 100, { pending: bogus });
    let looks = 0;
    const { stop } = watchRequests(store, async (request) => {
      if (request !== 'BatchGet schedulers') return;
      looks += 1;
      if (looks === 2) await touch('payroll', 101, { version: version + 1, mood: 'fine' });
    });
    const found = await printed('verify');
    stop();
    expect(looks).toBe(2);
    expect(found).toMatchObject({ code: 1, newer: 1, drifts: [] });
  });

  test('looks again as long as messages are in flight', async () => {
    const { store } = backend;
    await drop(store, 'schedulers', rowOf('payroll'));
    let asked = 0;
    const inFlight = {
      ask: async () => {
        asked += 1;
        if (asked === 3) await put(store, 'schedulers', { ...rowOf('payroll'), rev: 1 });
        return asked < 3;
      },
      longestMs: 60_000,
    };
    const found = await verify(store, {
      projections: storedProjections,
      scope,
      settleMs: 0,
      signal,
      inFlight,
    });
    expect([asked, found.drifts]).toEqual([3, []]);
  });

  test('reports what lasts longer than any message waits, whatever is in flight', async () => {
    await drop(backend.store, 'schedulers', rowOf('payroll'));
    let passed = 0;
    const clock = createClock(
      {},
      () => morning,
      () => passed,
    );
    let asked = 0;
    const inFlight = {
      ask: () => {
        asked += 1;
        passed += 100_000;
        return Promise.resolve(true);
      },
      longestMs: 300_000,
    };
    const store = { ...backend.store, clock };
    const found = await verify(store, {
      projections: storedProjections,
      scope,
      settleMs: 0,
      signal,
      inFlight,
    });
    expect(asked).toBe(3);
    expect(found.drifts).toMatchObject([{ scheduler_id: 'payroll', field: 'row' }]);
  });

  test('asks the events queue whether there are any', async () => {
    const { sqs, queues, store } = backend;
    await drop(store, 'schedulers', rowOf('payroll'));
    const asked: string[] = [];
    sqs.send.middlewareStack.add(
      (next, { commandName }) =>
        (args) => {
          asked.push(`${commandName ?? ''} ${'QueueUrl' in args.input ? String(args.input.QueueUrl) : ''}`);
          return next(args);
        },
      { step: 'initialize', name: 'asked' },
    );
    expect((await printed('verify', '--settle', '0')).drifts).toHaveLength(1);
    expect(asked).toEqual([]);
    expect(await hasMessages(sqs.send, queues.events.url)).toBe(false);
    await send(sqs.send, queues.events.url, 'waiting');
    expect(await hasMessages(sqs.send, queues.events.url)).toBe(true);
    await receive(sqs.receive, queues.events.url);
    expect(await hasMessages(sqs.send, queues.events.url)).toBe(true);
  });
});

describe('rows with no event behind them', () => {
  const ghost = { scheduler_id: 'ghost', version, rev: 1, status: undefined };
  const registration = { ...bogus, service_name: 'taxes', job_name: 'close-day' };

  test('are found by verify of their service, and of no other', async () => {
    await put(backend.store, 'schedulers', { ...ghost, registration });
    expect((await printed('verify', '--service', 'billing')).drifts).toEqual([]);
    expect((await printed('verify', '--service', 'taxes')).drifts).toMatchObject([
      { scheduler_id: 'ghost', field: 'row' },
    ]);
  });

  test('are found by a replay that is resumed, also where an event is there that counts no more', async () => {
    const { store } = backend;
    const old = recorded(heartbeat({ scheduler_id: 'ghost', occurred_at: '2099-11-01T00:00:00.000Z' }));
    await recordAll(store, [old]);
    await put(store, 'schedulers', { ...ghost, registration });
    await keepCheckpoint(store, 'replay', {
      ...{ projections: ['current-state'], service: 'taxes', prune: true, segments: 2, finished: [0] },
      tally: {
        ...{ schedulers: 3, events: 12, changed: 1, unchanged: 11 },
        ...{ orphaned: 0, pruned: 0, carried: 0, conflicts: 0, newer: 0 },
      },
    });
    expect((await ronda(backend, 'replay', '--resume')).out).toContain(
      '1 row with no event behind them removed.\n',
    );
  });
});
