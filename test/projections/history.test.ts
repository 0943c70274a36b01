import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { entryKey, initialEntry, join, fromEvent, type History } from '../../projections/history.ts';
import type { RecordedEvent } from '../../src/events/event.ts';
import { deliveries, parts } from '../support/arbitraries.ts';
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

const none: History = new Map();

function fold(events: readonly RecordedEvent[]): History {
  return events.map(fromEvent).reduce(join, none);
}

describe('the history is a join', () => {
  test('joining is commutative, associative and idempotent', () => {
    fc.assert(
      fc.property(parts, (some) => {
        const [x, y, z] = [fold(some[0]), fold(some[1]), fold(some[2])];
        expect(join(x, y)).toEqual(join(y, x));
        expect(join(join(x, y), z)).toEqual(join(x, join(y, z)));
        expect(join(x, x)).toEqual(x);
        expect(join(x, none)).toEqual(x);
      }),
    );
  });

  test('however a stream is ordered, duplicated and split, the history is one entry per status', () => {
    fc.assert(
      fc.property(deliveries, ({ events, batches }) => {
        const merged = batches.map(fold).reduce(join, none);
        const expected = events.flatMap(({ event }) =>
          event.type === 'status_reported' ? [`${event.occurred_at} ${event.event_id} ${event.status}`] : [],
        );
        expect(merged).toEqual(fold(events));
        expect([...merged.values()].map((e) => `${e.timestamp} ${e.id} ${e.status}`).toSorted()).toEqual(
          expected.toSorted(),
        );
      }),
      { numRuns: 300 },
    );
  });
});

describe('an entry', () => {
  const event = status({
    occurred_at: at('17:00:00.250'),
    event_id: idOf(7),
    status: 'failed',
    execution_time_ms: 12,
    error_message: 'disk full',
    metadata: '{"rows":1}',
    run_id: null,
    business_date: null,
  });
  const entry = {
    scheduler_id: 'payroll',
    id: idOf(7),
    status: 'failed',
    timestamp: at('17:00:00.250'),
    execution_time_ms: 12,
    error_message: 'disk full',
    metadata: '{"rows":1}',
    run_id: null,
    business_date: null,
  };

  test('says what its status said, under the key of its event', () => {
    expect([...fromEvent(recorded(event))]).toEqual([
      ['2099-11-23T17:00:00.250Z#00000000-0000-4000-8000-000000000007', entry],
    ]);
  });

  test('is no different for having been accepted at another time', () => {
    expect(fromEvent(recorded(event, { accepted_at: at('18:00:00.000'), sender: 'other' }))).toEqual(
      fromEvent(recorded(event)),
    );
  });

  test.each([
    ['heartbeat', heartbeat()],
    ['registration', registration()],
    ['removal', removal()],
    ['acknowledgement', acknowledgement()],
    ['snooze', snooze()],
  ])('comes of no %s', (_kind, other) => {
    expect(fromEvent(recorded(other)).size).toBe(0);
  });

  test('two statuses at one instant are two entries', () => {
    const other = status({ ...event, event_id: idOf(8) });
    expect(fold([recorded(event), recorded(other)]).size).toBe(2);
  });

  test('the first pending stands at the registration and has an id of its own that never changes', () => {
    const initial = initialEntry('payroll-nightly', { at: at('16:00:00.000'), id: idOf(3) });
    expect(initial).toEqual({
      scheduler_id: 'payroll-nightly',
      id: '284d8b16-65db-53f4-ab2c-551ef1afece8',
      status: 'pending',
      timestamp: at('16:00:00.000'),
      execution_time_ms: null,
      error_message: null,
      metadata: null,
      run_id: null,
      business_date: null,
    });
    expect(entryKey(initial)).toBe('2099-11-23T16:00:00.000Z#284d8b16-65db-53f4-ab2c-551ef1afece8');
  });
});
