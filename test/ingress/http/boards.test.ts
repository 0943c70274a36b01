import { describe, expect, test } from '@jest/globals';
import { inParallel } from '../../../src/in-parallel.ts';
import { append } from '../../../src/store/events/event-store.ts';
import { record } from '../../../src/store/projections/record.ts';
import { beat } from '../../../src/store/roles.ts';
import { eod } from '../../support/boards.ts';
import {
  acknowledgement,
  at,
  heartbeat,
  idOf,
  recorded,
  registration,
  removal,
  snooze,
  status,
} from '../../support/events.ts';
import { arrayOf, clockAt, errorOf, newKey, newUuid, objectOf, openIngress, openWorld } from './fixtures.ts';

/** 02:00 in Jakarta. */
const clock = clockAt(at('19:00:00.000'));
const books = { ...eod, name: 'books', zone: 'Asia/Makassar', services: ['ledger'] };
const { backend, call } = await openWorld({ clock, ingress: { boards: [eod, books] } });
const { store } = backend;
await record(
  store,
  [
    registration({ scheduler_id: 'payroll', occurred_at: at('16:00:00.000') }),
    status({
      scheduler_id: 'payroll',
      status: 'running',
      occurred_at: at('17:30:00.000'),
      event_id: idOf(2),
    }),
    status({
      ...{ scheduler_id: 'payroll', status: 'failed', error_message: 'disk full\nat line 3' },
      ...{ occurred_at: at('17:40:00.000'), event_id: idOf(3) },
    }),
    acknowledgement({
      ...{ scheduler_id: 'payroll', failure_event_id: idOf(3) },
      ...{ occurred_at: at('17:50:00.000'), event_id: idOf(4) },
    }),
    registration({
      scheduler_id: 'post',
      service_name: 'ledger',
      job_name: 'post',
      occurred_at: at('16:00:00.000'),
    }),
    status({
      ...{ scheduler_id: 'post', service_name: 'ledger', job_name: 'post', status: 'running' },
      ...{ occurred_at: at('17:10:00.000'), event_id: idOf(2) },
    }),
    heartbeat({ scheduler_id: 'post', occurred_at: at('17:20:00.000'), event_id: idOf(3) }),
    snooze({
      scheduler_id: 'post',
      until: at('20:00:00.000'),
      occurred_at: at('18:00:00.000'),
      event_id: idOf(4),
    }),
    registration({ scheduler_id: 'gone', occurred_at: at('16:00:00.000') }),
    removal({ scheduler_id: 'gone', occurred_at: at('17:45:00.000') }),
  ].map((event) => recorded(event)),
);
for (const role of ['ingress', 'consumer'] as const)
  await beat(store, { role, instance: 'one', since: backend.clock.real() - 9_000_000, read_up_to: 'idle' });

const payroll = {
  ...{ scheduler_id: 'payroll', service_name: 'billing', job_name: 'close-day', state: 'failed' },
  ...{ since: at('17:40:00.000'), duration_ms: 600_000, note: 'acknowledged by sari; disk full' },
  ...{ error_message: 'disk full\nat line 3', last_heartbeat: null, registered: true },
  ...{ acknowledged_by: 'sari', snoozed_until: null, due: null },
};
const post = {
  ...{ scheduler_id: 'post', service_name: 'ledger', job_name: 'post', state: 'stale' },
  ...{ since: at('17:10:00.000'), duration_ms: 6_600_000, error_message: null },
  note: `last heard ${at('17:20:00.000')}; snoozed until ${at('20:00:00.000')} by sari`,
  ...{ last_heartbeat: at('17:20:00.000'), registered: true, acknowledged_by: null },
  snoozed_until: at('20:00:00.000'),
  due: null,
};
const now = {
  ...{ board: 'eod', night: '2099-11-24', zone: 'Asia/Jakarta' },
  ...{ at: at('19:00:00.000'), updated_at: at('19:00:00.000'), unreadable: [] },
  counts: { failed: 1, late: 0, stale: 1, running: 0, pending: 0, completed: 0 },
  not_due: 0,
  cells: [payroll, post],
};
const ofBooks = {
  ...{ ...now, board: 'books', zone: 'Asia/Makassar', cells: [post] },
  counts: { failed: 0, late: 0, stale: 1, running: 0, pending: 0, completed: 0 },
  not_due: 0,
};

describe('a board', () => {
  test('is the night as it stands, what needs a person first', async () => {
    const answer = await call('GET', '/boards/eod');
    expect([answer.status, answer.json]).toEqual([200, now]);
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  test('has only the jobs of its services, and its own zone', async () => {
    expect((await call('GET', '/boards/books')).json).toEqual(ofBooks);
  });

  test('stands in the list with all others', async () => {
    const answer = await call('GET', '/boards');
    expect([answer.status, answer.json]).toEqual([200, [now, ofBooks]]);
  });

  test('as it stood says what was known of that time by now', async () => {
    const then = at('17:30:00.001');
    const answer = await call('GET', `/boards/eod?at=${then}`);
    expect(answer.json).toMatchObject({
      ...{ night: '2099-11-24', at: then, updated_at: at('19:00:00.000') },
      counts: { failed: 0, late: 0, stale: 1, running: 1, pending: 1, completed: 0 },
      not_due: 0,
      cells: [
        { scheduler_id: 'post', state: 'stale', snoozed_until: null, due: null },
        {
          scheduler_id: 'payroll',
          state: 'running',
          duration_ms: 1,
          note: `last heard ${at('17:30:00.000')}`,
        },
        { scheduler_id: 'gone', state: 'pending', since: null, duration_ms: null, note: null },
      ],
    });
    const offset = await call('GET', '/boards/eod?at=2099-11-24T00:30:00.001+07:00');
    expect(offset.json).toEqual(answer.json);
    expect(arrayOf(await call('GET', `/boards?at=${then}`))[0]).toEqual(answer.json);
  });

  test('of a time to come shows what is known, and judges nobody stale beyond what is covered', async () => {
    const answer = await call('GET', '/boards/eod?at=9999-12-31T23:59:59.999Z');
    expect([answer.status, objectOf(answer)['counts']]).toEqual([
      200,
      { failed: 0, late: 0, stale: 0, running: 1, pending: 1, completed: 0 },
    ]);
  });

  test('of the night before is that of its own night', async () => {
    expect((await call('GET', `/boards/eod?at=${at('16:59:59.999')}`)).json).toMatchObject({
      night: '2099-11-23',
    });
    expect((await call('GET', `/boards/eod?at=${at('17:00:00.000')}`)).json).toMatchObject({
      night: '2099-11-24',
    });
  });

  test.each([
    ['yesterday', 'must be an ISO 8601 time with offset or Z, like 2026-11-23T17:30:00.000Z'],
    ['2098-10-19T19:00:00.000Z', 'lies before the retention of statuses, so nothing true can be said of it'],
  ])('at %s is a 400', async (time, why) => {
    for (const path of [`/boards/eod?at=${time}`, `/boards?at=${time}`]) {
      const answer = await call('GET', path);
      expect(answer.json).toEqual(errorOf(400, ['GET', path], [`at: ${why}`]));
    }
  });

  test('that there is not is a 404', async () => {
    const answer = await call('GET', '/boards/EOD');
    expect(answer.json).toEqual(errorOf(404, ['GET', '/boards/EOD'], 'Board EOD not found'));
  });
});

describe('a key', () => {
  test('without the scope read sees no board', async () => {
    const headers = { 'x-api-key': await newKey(backend, { scopes: ['ingest', 'admin'] }) };
    for (const path of ['/boards', '/boards/eod', '/boards/none'])
      expect((await call('GET', path, undefined, headers)).status).toBe(403);
  });

  test('of some services sees only their jobs, and counts only those', async () => {
    const headers = { 'x-api-key': await newKey(backend, { scopes: ['read'], services: ['ledger'] }) };
    expect((await call('GET', '/boards/eod', undefined, headers)).json).toEqual({
      ...{ ...now, cells: [post] },
      counts: ofBooks.counts,
    });
    const other = { 'x-api-key': await newKey(backend, { scopes: ['read'], services: ['none'] }) };
    expect(
      objectOf(await call('GET', `/boards/eod?at=${at('17:40:00.000')}`, undefined, other)),
    ).toMatchObject({
      counts: { failed: 0, late: 0, stale: 0, running: 0, pending: 0, completed: 0 },
      not_due: 0,
      cells: [],
    });
  });

  test('pays a further request for every thousand schedulers and events that a past board reads', async () => {
    const own = await openWorld({ clock });
    const beats = Array.from({ length: 998 }, () =>
      recorded(heartbeat({ event_id: newUuid(), occurred_at: at('17:31:00.000') })),
    );
    await record(own.backend.store, [recorded(status({ status: 'running' }))]);
    await inParallel(beats, 20, (one) => append(own.backend.store, one));
    const limited = await openIngress(own.backend, { limit: 3 });
    const past = `/boards/eod?at=${at('18:00:00.000')}`;
    expect((await limited.call('GET', past)).status).toBe(200);
    expect((await limited.call('GET', past)).status).toBe(429);
    expect((await limited.call('GET', '/boards')).status).toBe(429);
  });
});
