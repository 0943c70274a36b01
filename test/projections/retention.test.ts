import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  currentStateProjection,
  fold,
  join,
  emptyRow,
  type CurrentState,
} from '../../projections/current-state.ts';
import { carry as carryFor } from '../../projections/projection.ts';
import { counts, expiryOf, retentionOf } from '../../projections/retention.ts';
import { stream } from '../support/arbitraries.ts';
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
} from '../support/events.ts';

const carry = (rebuilt: CurrentState, old: CurrentState, now: number): CurrentState =>
  carryFor(currentStateProjection, rebuilt, old, now, retention);

const retention = retentionOf({
  HISTORY_RETENTION_DAYS: 30,
  EVENT_RETENTION_DAYS: 400,
  HEARTBEAT_RETENTION_DAYS: 7,
});

test('days are 24 hours', () => {
  expect(retention).toEqual({ historyMs: 2_592_000_000, eventMs: 34_560_000_000, heartbeatMs: 604_800_000 });
});

describe('an event of 2099-11-23T17:30:00.000Z', () => {
  test.each([
    ['a status', status()],
    ['an acknowledgement', acknowledgement()],
    ['a snooze', snooze()],
  ])('that is %s counts for 400 days, to the millisecond', (_kind, event) => {
    expect(expiryOf(event, retention)).toBe(Date.parse('2100-12-28T17:30:00.000Z'));
    expect(counts(event, Date.parse('2100-12-28T17:29:59.999Z'), retention)).toBe(true);
    expect(counts(event, Date.parse('2100-12-28T17:30:00.000Z'), retention)).toBe(false);
  });

  test('that is a heartbeat counts for 7 days, to the millisecond', () => {
    expect(expiryOf(heartbeat(), retention)).toBe(Date.parse('2099-11-30T17:30:00.000Z'));
    expect(counts(heartbeat(), Date.parse('2099-11-30T17:29:59.999Z'), retention)).toBe(true);
    expect(counts(heartbeat(), Date.parse('2099-11-30T17:30:00.000Z'), retention)).toBe(false);
  });

  test.each([
    ['a registration', registration()],
    ['a removal', removal()],
  ])('that is %s counts for ever', (_kind, event) => {
    expect(expiryOf(event, retention)).toBeUndefined();
    expect(counts(event, Date.parse('9999-12-31T23:59:59.999Z'), retention)).toBe(true);
  });
});

describe('what is carried into a rebuilt row', () => {
  const events = [
    registration({ event_id: idOf(1) }),
    status({ event_id: idOf(2), status: 'pending' }),
    status({ event_id: idOf(3), status: 'running' }),
    status({ event_id: idOf(4), status: 'completed' }),
    status({ event_id: idOf(5), status: 'failed', error_message: 'disk full' }),
    acknowledgement({ event_id: idOf(6), failure_event_id: idOf(5) }),
    snooze({ event_id: idOf(7) }),
  ].map((event) => recorded(event));
  const old = fold('payroll', events);
  const mark = (n: number) => ({ at: at('17:30:00.000'), id: idOf(n) });
  /** What the stream still tells when everything but the registration is past its retention. */
  const rebuilt = fold('payroll', events.slice(0, 1));

  test('at 400 days: every field that a status, an acknowledgement or a snooze decided', () => {
    const row = carry(rebuilt, old, Date.parse('2100-12-28T17:30:00.000Z'));
    expect(row).toEqual(old);
    expect(row).toMatchObject({
      status: { ...mark(5), status: 'failed', error_message: 'disk full' },
      pending: mark(2),
      running: mark(3),
      completed: mark(4),
      failed: mark(5),
      heartbeat: mark(5),
      updated: mark(5),
      acknowledgement: { ...mark(6), failure_event_id: idOf(5) },
      snooze: { ...mark(7), until: at('20:00:00.000') },
    });
  });

  test('a millisecond before: nothing of them, since the stream must still tell it', () => {
    const row = carry(rebuilt, old, Date.parse('2100-12-28T17:29:59.999Z'));
    expect(row).toEqual({ ...rebuilt, heartbeat: old.heartbeat });
  });

  test('a sign of life is carried at 7 days and not a millisecond before', () => {
    const beaten = fold('payroll', [recorded(heartbeat({ event_id: idOf(9) }))]);
    const none = emptyRow('payroll');
    expect(carry(none, beaten, Date.parse('2099-11-30T17:29:59.999Z'))).toEqual(none);
    expect(carry(none, beaten, Date.parse('2099-11-30T17:30:00.000Z'))).toEqual(beaten);
  });

  test('a false field that no stream backs and that is not past its retention is dropped', () => {
    const wrong = { ...old, status: { ...mark(9), ...job, status: 'pending' as const } };
    expect(carry(old, wrong, Date.parse('2099-11-24T00:00:00.000Z'))).toEqual(old);
  });

  test('a registration and a removal are never carried: their events never expire', () => {
    const row = fold('payroll', [recorded(registration()), recorded(removal({ event_id: idOf(2) }))]);
    const {
      created,
      registration: made,
      removal: gone,
    } = carry(emptyRow('payroll'), row, Date.parse('9999-12-31T00:00:00.000Z'));
    expect([created, made, gone]).toEqual([null, null, null]);
  });

  test('what the stream tells that is newer wins over what is carried', () => {
    const newer = status({ occurred_at: '2100-12-01T00:00:00.000Z', event_id: idOf(8), status: 'completed' });
    const row = carry(fold('payroll', [recorded(newer)]), old, Date.parse('2100-12-28T17:30:00.000Z'));
    expect(row).toMatchObject({
      status: { id: idOf(8), status: 'completed' },
      completed: { id: idOf(8) },
      heartbeat: { id: idOf(8) },
      failed: mark(5),
    });
  });

  test('a row rebuilt from what still counts, with what is carried, is the old row: nothing is lost', () => {
    fc.assert(
      fc.property(stream, fc.integer({ min: -1, max: 90_000 }), (events, ms) => {
        const now = Date.parse('2100-12-28T17:00:00.000Z') + ms;
        const row = fold('payroll', events);
        const left = events.filter(({ event }) => counts(event, now, retention));
        expect(carry(fold('payroll', left), row, now)).toEqual(row);
        expect(join(row, fold('payroll', left))).toEqual(row);
      }),
    );
  });
});

const job = {
  service_name: 'billing',
  job_name: 'close-day',
  execution_time_ms: null,
  error_message: null,
  metadata: null,
  run_id: null,
  business_date: null,
};
