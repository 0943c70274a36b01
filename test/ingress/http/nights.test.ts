import { describe, expect, test } from '@jest/globals';
import type { RondaEvent } from '../../../src/events/event.ts';
import { record } from '../../../src/store/projections/record.ts';
import { beat } from '../../../src/store/roles.ts';
import { keepGap } from '../../../src/store/state/gap-rows.ts';
import { eod } from '../../support/boards.ts';
import { at, expectationSet, idOf, recorded, registration, status } from '../../support/events.ts';
import { arrayOf, clockAt, errorOf, newKey, objectOf, openWorld } from './fixtures.ts';

/** 02:00 in Jakarta. */
const clock = clockAt(at('19:00:00.000'));
const books = { ...eod, name: 'books', services: ['ledger'] };
const { backend, call } = await openWorld({ clock, ingress: { boards: [eod, books] } });
const { store } = backend;
const before = '2099-11-20T00:00:00.000Z';

const jobs = (id: string, service_name: string, expectation: object, job_name = id): RondaEvent[] => [
  registration({ scheduler_id: id, service_name, job_name, occurred_at: before }),
  expectationSet({
    ...{ scheduler_id: id, event_id: idOf(2), occurred_at: before },
    expectation: JSON.stringify(expectation),
  }),
];
const run = (id: string, time: string, n: number, fields: Parameters<typeof status>[0] = {}) =>
  status({
    scheduler_id: id,
    service_name: 'ledger',
    job_name: id,
    occurred_at: time,
    event_id: idOf(n),
    ...fields,
  });

const atOne = { schedule: '0 1 * * *' };
await record(
  store,
  [
    ...jobs('close', 'ledger', { ...atOne, results: [{ path: 'rows', at_least: 1 }] }),
    run('close', at('18:00:30.000'), 3, { status: 'running', run_id: 'r1' }),
    run('close', at('18:10:00.000'), 4, { run_id: 'r1', metadata: '{"rows":0}' }),
    ...jobs('slow', 'ledger', { ...atOne, finish_by: '05:30' }),
    run('slow', at('18:47:00.000'), 3, { status: 'running' }),
    ...jobs('none', 'billing', atOne, '=HYPERLINK("http://evil.example")'),
    ...jobs('waits', 'billing', { schedule: '30 1 * * *', depends_on: ['close', 'none'] }),
    ...jobs('nightly', 'billing', { schedule: 'night' }),
    registration({ scheduler_id: 'free', occurred_at: before }),
  ].map((event) => recorded(event)),
);
for (const role of ['ingress', 'consumer'] as const)
  await beat(store, { role, instance: 'one', since: backend.clock.real() - 9_000_000, read_up_to: 'idle' });
// Within the night, but before anything was due; and one of another day.
await keepGap(store, { from: Date.parse(at('17:30:00.000')), to: Date.parse(at('17:40:00.000')) });
await keepGap(store, { from: Date.parse(at('10:00:00.000')), to: Date.parse(at('11:00:00.000')) });

const close = {
  ...{ scheduler_id: 'close', service_name: 'ledger', job_name: 'close', business_date: '2099-11-24' },
  ...{ slot: at('18:00:00.000'), start_by: at('18:15:00.000'), finish_by: null },
  ...{ verdict: 'completed', flags: ['unmet'], waiting_for: [], excuse: null },
  run: {
    ...{ run_id: 'r1', started_at: at('18:00:30.000'), ended_at: at('18:10:00.000') },
    ...{ duration_ms: 570_000, status: 'completed' },
  },
  deciding_events: [idOf(2), idOf(3), idOf(4)],
};
const slow = {
  ...{ scheduler_id: 'slow', service_name: 'ledger', job_name: 'slow', business_date: '2099-11-24' },
  ...{ slot: at('18:00:00.000'), start_by: at('18:15:00.000'), finish_by: at('22:30:00.000') },
  ...{ verdict: 'running', flags: ['began_late'], waiting_for: [], excuse: null },
  run: {
    ...{ run_id: null, started_at: at('18:47:00.000'), ended_at: null },
    ...{ duration_ms: null, status: 'running' },
  },
  deciding_events: [idOf(2), idOf(3)],
};
const none = {
  ...{ scheduler_id: 'none', service_name: 'billing', job_name: '=HYPERLINK("http://evil.example")' },
  ...{ business_date: '2099-11-24', slot: at('18:00:00.000'), start_by: at('18:15:00.000'), finish_by: null },
  ...{ verdict: 'late', flags: [], waiting_for: [], excuse: null, run: null, deciding_events: [idOf(2)] },
};
const waits = {
  ...{ scheduler_id: 'waits', service_name: 'billing', job_name: 'waits', business_date: '2099-11-24' },
  ...{ slot: at('18:30:00.000'), start_by: at('18:45:00.000'), finish_by: null },
  ...{ verdict: 'waiting', flags: [], waiting_for: ['none'], excuse: null, run: null },
  deciding_events: [idOf(2)],
};
const nightly = {
  ...{ scheduler_id: 'nightly', service_name: 'billing', job_name: 'nightly', business_date: '2099-11-24' },
  ...{ slot: at('17:00:00.000'), start_by: at('23:10:00.000'), finish_by: null },
  ...{ verdict: 'waiting', flags: [], waiting_for: [], excuse: null, run: null, deciding_events: [idOf(2)] },
};
const noCounts = {
  ...{ expected: 0, completed: 0, running: 0, waiting: 0, late: 0, missed: 0, overdue: 0 },
  ...{ failed: 0, excused: 0, unknown: 0 },
};
const tonight = {
  ...{ night: '2099-11-24', board: 'eod', zone: 'Asia/Jakarta' },
  ...{ from: at('17:00:00.000'), until: at('23:00:00.000'), as_of: at('19:00:00.000') },
  coverage: [
    { from: at('17:00:00.000'), until: at('17:30:00.000') },
    { from: at('17:40:00.000'), until: at('19:00:00.000') },
  ],
  counts: { ...noCounts, expected: 5, completed: 1, running: 1, waiting: 2, late: 1 },
  slots: [nightly, close, none, slow, waits],
};

describe('a night', () => {
  test('tells what was due, what became of it and by what events, as of now', async () => {
    const answer = await call('GET', '/nights/2099-11-24?board=eod');
    expect([answer.status, answer.json]).toEqual([200, tonight]);
    expect((await call('GET', '/nights/2099-11-24')).json).toEqual(tonight);
  });

  test('of a board has its services alone, and so has a key of some services', async () => {
    const ofLedger = {
      ...{ ...tonight, slots: [close, slow] },
      counts: { ...noCounts, expected: 2, completed: 1, running: 1 },
    };
    expect((await call('GET', '/nights/2099-11-24?board=books')).json).toEqual({
      ...ofLedger,
      board: 'books',
    });
    const headers = { 'x-api-key': await newKey(backend, { scopes: ['read'], services: ['ledger'] }) };
    expect((await call('GET', '/nights/2099-11-24', undefined, headers)).json).toEqual(ofLedger);
  });

  test('is a table for spreadsheets, in which nothing is a formula', async () => {
    const answer = await call('GET', '/nights/2099-11-24', undefined, { accept: 'text/csv' });
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    const [head, , , third, ...others] = answer.text.split('\r\n');
    expect(head).toBe(
      '"scheduler_id","service_name","job_name","business_date","slot","start_by","finish_by","verdict",' +
        '"flags","waiting_for","excuse","run_id","started_at","ended_at","duration_ms","run_status","deciding_events"',
    );
    expect(third).toBe(
      `"none","billing","'=HYPERLINK(""http://evil.example"")","2099-11-24","${at('18:00:00.000')}",` +
        `"${at('18:15:00.000')}","","late","","","","","","","","","${idOf(2)}"`,
    );
    expect(others).toHaveLength(3);
  });

  test('to come waits; further than tomorrow, or back than is kept, is a 400', async () => {
    expect((await call('GET', '/nights/2099-11-25')).json).toMatchObject({
      counts: { ...noCounts, expected: 5, waiting: 5 },
    });
    expect((await call('GET', '/nights/2099-10-26')).json).toMatchObject({ counts: noCounts, slots: [] });
    for (const [date, why] of [
      ['2099-11-26', 'must not lie beyond tomorrow, 2099-11-25'],
      ['2099-10-25', 'lies further back than runs and coverage are kept, so nothing true can be said of it'],
      ['2099-11-31', 'must be a date, like 2026-11-23'],
      ['tonight', 'must be a date, like 2026-11-23'],
    ])
      expect((await call('GET', `/nights/${date}`)).json).toEqual(
        errorOf(400, ['GET', `/nights/${date}`], [`date: ${why}`]),
      );
  });

  test('of a board that there is not is a 404', async () => {
    const path = '/nights/2099-11-24?board=none';
    expect((await call('GET', path)).json).toEqual(errorOf(404, ['GET', path], 'Board none not found'));
  });
});

describe('the runs of a job', () => {
  test('tell of each its slot and what is to be said of it', async () => {
    expect((await call('GET', '/schedulers/close/runs')).json).toEqual([
      { ...close.run, business_date: null, slot: at('18:00:00.000'), flags: ['unmet'] },
    ]);
    expect((await call('GET', '/schedulers/slow/runs')).json).toEqual([
      { ...slow.run, business_date: null, slot: at('18:00:00.000'), flags: ['began_late'] },
    ]);
    expect((await call('GET', '/schedulers/free/runs')).json).toEqual([]);
    expect((await call('GET', '/schedulers/nobody/runs')).status).toBe(404);
  });

  test('are the latest, newest first, of the time that is asked for, also where nothing is expected', async () => {
    const times = ['18:01:00.000', '18:02:00.000', '18:03:00.000'].map((time) => at(time));
    await record(
      store,
      times.map((time, n) =>
        recorded(
          run('free', time, 10 + n, { service_name: 'billing', execution_time_ms: 1_000, run_id: `r${n}` }),
        ),
      ),
    );
    const runsOf = async (query: string) =>
      arrayOf(await call('GET', `/schedulers/free/runs${query}`)).map(({ run_id, slot }) => [run_id, slot]);
    expect(await runsOf('')).toEqual([
      ['r2', null],
      ['r1', null],
      ['r0', null],
    ]);
    expect(await runsOf('?limit=1')).toEqual([['r2', null]]);
    const exact = `?from=${at('18:01:59.000')}&to=${at('18:01:59.000')}`;
    expect(await runsOf(exact)).toEqual([['r1', null]]);
    const path = '/schedulers/free/runs?limit=501';
    expect((await call('GET', path)).json).toEqual(
      errorOf(400, ['GET', path], ['limit: must be a whole number from 1 to 500']),
    );
  });

  test('are for a key of their service alone', async () => {
    const headers = { 'x-api-key': await newKey(backend, { scopes: ['read'], services: ['billing'] }) };
    expect((await call('GET', '/schedulers/close/runs', undefined, headers)).status).toBe(403);
    expect((await call('GET', '/schedulers/free/runs', undefined, headers)).status).toBe(200);
  });
});

test('a run of a later day that is for a night changes what became of it', async () => {
  clock.set('2099-11-25T05:00:00.000Z');
  const late = { business_date: '2099-11-24', service_name: 'billing', run_id: 'again' };
  await record(store, [recorded(run('none', '2099-11-25T04:00:00.000Z', 9, late))]);
  const { slots } = objectOf(await call('GET', '/nights/2099-11-24'));
  expect(slots).toContainEqual(
    expect.objectContaining({
      ...{ scheduler_id: 'none', verdict: 'completed', flags: ['began_late'] },
      run: expect.objectContaining({ run_id: 'again' }),
    }),
  );
  expect((await call('GET', '/schedulers/none/runs')).json).toMatchObject([
    { run_id: 'again', business_date: '2099-11-24', slot: at('18:00:00.000'), flags: ['began_late'] },
  ]);
});
