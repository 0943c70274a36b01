import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  currentState,
  currentStateProjection,
  detailsOf,
  fold,
  join,
  fromEvent,
  membership,
  emptyRow,
} from '../../projections/current-state.ts';
import type { CurrentState } from '../../projections/current-state.ts';
import { covered } from '../../projections/projection.ts';
import { decidersOf, schedulerView } from '../../projections/scheduler-view.ts';
import { detailNames, jsonOf, type RecordedEvent, type RondaEvent } from '../../src/events/event.ts';
import { deliveries, parts, stream } from '../support/arbitraries.ts';
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

const [t0, t1, t2] = [at('17:00:00.000'), at('17:00:00.001'), at('17:00:01.000')];
const [a, b, c] = [idOf(1), idOf(2), idOf(3)];

/** Every order of a few items. */
function orders<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((first, index) => orders(items.toSpliced(index, 1)).map((rest) => [first, ...rest]));
}

/** What events leave behind, having been tried in every order. */
function given(...events: (RondaEvent | RecordedEvent)[]) {
  const all = events.map((event) => ('envelope' in event ? event : recorded(event)));
  const rows = orders(all).map((order) => fold('payroll', order));
  return {
    then: (expected: object) => {
      for (const row of rows) expect(row).toMatchObject(expected);
    },
    thenItIs: (expected: string) => {
      for (const row of rows) expect(membership(row)).toBe(expected);
    },
  };
}

describe('the current state is a join', () => {
  const row = (events: readonly RecordedEvent[]): CurrentState => fold('payroll', events);

  test('joining is commutative', () => {
    fc.assert(
      fc.property(parts, (some) => {
        const [x, y] = [row(some[0]), row(some[1])];
        expect(join(x, y)).toEqual(join(y, x));
      }),
    );
  });

  test('joining is associative', () => {
    fc.assert(
      fc.property(parts, (some) => {
        const [x, y, z] = [row(some[0]), row(some[1]), row(some[2])];
        expect(join(join(x, y), z)).toEqual(join(x, join(y, z)));
      }),
    );
  });

  test('joining is idempotent, and nothing is its neutral element', () => {
    fc.assert(
      fc.property(stream, (events) => {
        const x = row(events);
        expect(join(x, x)).toEqual(x);
        expect(join(x, emptyRow('payroll'))).toEqual(x);
        expect(join(emptyRow('payroll'), x)).toEqual(x);
      }),
    );
  });

  test('a row covers exactly what joining would not change', () => {
    fc.assert(
      fc.property(parts, (some) => {
        const [x, y] = [row(some[0]), row(some[1])];
        expect(covered(currentStateProjection, join(x, y), y)).toBe(true);
        expect(covered(currentStateProjection, x, y)).toBe(JSON.stringify(join(x, y)) === JSON.stringify(x));
      }),
    );
  });

  test('however a stream is ordered, duplicated and split into batches, the row is the same', () => {
    fc.assert(
      fc.property(deliveries, ({ events, batches }) => {
        const merged = batches.map((batch) => fold('payroll', batch)).reduce(join, emptyRow('payroll'));
        expect(merged).toEqual(fold('payroll', events));
      }),
      { numRuns: 300 },
    );
  });

  test('the row is what a reader of the sorted stream would write down', () => {
    fc.assert(
      fc.property(deliveries, ({ events, batches }) => {
        expect(fold('payroll', batches.flat())).toEqual(readInOrder(events));
      }),
      { numRuns: 500 },
    );
  });
});

/** The specification, in the other way: all events sorted by time and id, then read once, each overwriting. */
function readInOrder(events: readonly RecordedEvent[]): CurrentState {
  const life = ['pending', 'running', 'completed', 'failed'];
  const sorted = events.toSorted((x, y) =>
    `${x.event.occurred_at} ${x.event.event_id}` < `${y.event.occurred_at} ${y.event.event_id}` ? -1 : 1,
  );
  const row = emptyRow('payroll');
  let lastEnd: CurrentState['completed'] = null;
  for (const { event, envelope } of sorted) {
    const mark = { at: event.occurred_at, id: event.event_id };
    if (event.type === 'status_reported' || event.type === 'scheduler_registered') {
      const { accepted_at } = envelope;
      if (row.updated === null || accepted_at >= row.updated.accepted_at)
        row.updated = { ...mark, accepted_at };
    }
    if (event.type === 'status_reported') {
      const { v, type, scheduler_id, occurred_at, event_id, ...said } = event;
      expect([v, type, scheduler_id]).toEqual([1, 'status_reported', 'payroll']);
      const { status: last } = row;
      const isEarlierInLife =
        last?.at === occurred_at && life.indexOf(said.status) < life.indexOf(last.status);
      if (!isEarlierInLife) row.status = { at: occurred_at, id: event_id, ...said };
      row[said.status] = mark;
      if (said.status === 'completed' || said.status === 'failed') {
        row.ended_before = lastEnd;
        lastEnd = mark;
      }
    }
    if (event.type === 'status_reported' || event.type === 'heartbeat_received')
      row.heartbeat = { ...mark, accepted_at: envelope.accepted_at };
    if (event.type === 'scheduler_registered') {
      const { service_name, job_name, owner_email, alert_user_id, heartbeat_timeout_minutes } = event;
      row.created ??= mark;
      row.registration = { ...mark, service_name, job_name };
      if (owner_email !== undefined) row.owner_email = { ...mark, value: owner_email };
      if (alert_user_id !== undefined) row.alert_user_id = { ...mark, value: alert_user_id };
      if (heartbeat_timeout_minutes !== undefined)
        row.heartbeat_timeout_minutes = { ...mark, value: heartbeat_timeout_minutes };
      if (event.expectation !== undefined) row.expectation = { ...mark, value: event.expectation };
    }
    if (event.type === 'expectation_set') row.expectation = { ...mark, value: event.expectation };
    if (event.type === 'scheduler_removed') row.removal = mark;
    if (event.type === 'failure_acknowledged') {
      row.acknowledgement = { ...mark, failure_event_id: event.failure_event_id, by: event.by };
    }
    if (event.type === 'alerts_snoozed') row.snooze = { ...mark, until: event.until, by: event.by };
  }
  return row;
}

describe('one event', () => {
  test('nothing is known of a scheduler without events', () => {
    expect(fold('payroll', [])).toEqual({
      scheduler_id: 'payroll',
      created: null,
      registration: null,
      owner_email: null,
      alert_user_id: null,
      heartbeat_timeout_minutes: null,
      expectation: null,
      removal: null,
      status: null,
      pending: null,
      running: null,
      completed: null,
      failed: null,
      ended_before: null,
      heartbeat: null,
      updated: null,
      acknowledgement: null,
      snooze: null,
    });
  });

  test('a status is the status, its own mark, a sign of life and an update, with all it said', () => {
    const event = status({
      occurred_at: t0,
      event_id: a,
      status: 'failed',
      execution_time_ms: 1_500.5,
      error_message: 'disk full',
      metadata: '{"rows":1}',
    });
    expect(fromEvent(recorded(event, { accepted_at: t2 }))).toEqual({
      ...emptyRow('payroll'),
      status: {
        at: t0,
        id: a,
        status: 'failed',
        service_name: 'billing',
        job_name: 'close-day',
        execution_time_ms: 1_500.5,
        error_message: 'disk full',
        metadata: '{"rows":1}',
        run_id: null,
        business_date: null,
      },
      failed: { at: t0, id: a },
      heartbeat: { at: t0, id: a, accepted_at: t2 },
      updated: { at: t0, id: a, accepted_at: t2 },
    });
  });

  test('a heartbeat is a sign of life and no update', () => {
    const event = heartbeat({ occurred_at: t0, event_id: a });
    expect(fromEvent(recorded(event, { accepted_at: t1 }))).toEqual({
      ...emptyRow('payroll'),
      heartbeat: { at: t0, id: a, accepted_at: t1 },
    });
  });

  test('a registration brings the scheduler into being and is no sign of life', () => {
    const event = registration({
      occurred_at: t0,
      event_id: a,
      owner_email: 'sari@example.com',
      alert_user_id: 'U012AB3CD',
      heartbeat_timeout_minutes: 15,
    });
    expect(fromEvent(recorded(event, { accepted_at: t1 }))).toEqual({
      ...emptyRow('payroll'),
      created: { at: t0, id: a },
      registration: { at: t0, id: a, service_name: 'billing', job_name: 'close-day' },
      owner_email: { at: t0, id: a, value: 'sari@example.com' },
      alert_user_id: { at: t0, id: a, value: 'U012AB3CD' },
      heartbeat_timeout_minutes: { at: t0, id: a, value: 15 },
      updated: { at: t0, id: a, accepted_at: t1 },
    });
  });
});

describe('the latest status', () => {
  test('of two a millisecond apart the later one counts, whatever its rank and id', () => {
    given(
      status({ occurred_at: t0, event_id: b, status: 'failed' }),
      status({ occurred_at: t1, event_id: a, status: 'running' }),
    ).then({ status: { at: t1, id: a, status: 'running' } });
  });

  test.each([
    ['running', 'pending'],
    ['completed', 'running'],
    ['failed', 'completed'],
    ['failed', 'pending'],
  ] as const)('at one instant %s comes after %s, whatever the ids', (later, earlier) => {
    given(
      status({ occurred_at: t0, event_id: a, status: later }),
      status({ occurred_at: t0, event_id: b, status: earlier }),
    ).then({ status: { at: t0, id: a, status: later }, [earlier]: { at: t0, id: b } });
  });

  test('of two alike at one instant the greater id counts', () => {
    given(
      status({ occurred_at: t0, event_id: a, status: 'failed', error_message: 'first' }),
      status({ occurred_at: t0, event_id: b, status: 'failed', error_message: 'second' }),
    ).then({ status: { at: t0, id: b, error_message: 'second' }, failed: { at: t0, id: b } });
  });

  test('each of the four keeps the time at which it was last reported', () => {
    given(
      status({ occurred_at: t0, event_id: a, status: 'pending' }),
      status({ occurred_at: t0, event_id: b, status: 'running' }),
      status({ occurred_at: t1, event_id: a, status: 'failed' }),
      status({ occurred_at: t1, event_id: b, status: 'running' }),
      status({ occurred_at: t2, event_id: a, status: 'completed' }),
    ).then({
      status: { at: t2, status: 'completed' },
      pending: { at: t0, id: a },
      running: { at: t1, id: b },
      failed: { at: t1, id: a },
      completed: { at: t2, id: a },
    });
  });
});

describe('membership', () => {
  const first = registration({ occurred_at: t0, event_id: a, job_name: 'close-day' });

  test('a scheduler that only reported is not registered', () => {
    given(status(), heartbeat({ event_id: b })).thenItIs('unregistered');
  });

  test('a registration registers', () => {
    given(first).thenItIs('registered');
  });

  test('a removal of what nobody registered is a removal', () => {
    given(removal()).thenItIs('removed');
  });

  test('a removal a millisecond later removes', () => {
    given(first, removal({ occurred_at: t1, event_id: a })).thenItIs('removed');
  });

  test('a registration a millisecond after a removal brings the scheduler back', () => {
    const back = registration({ occurred_at: t2, event_id: a, job_name: 'open-day' });
    const all = given(first, removal({ occurred_at: t1, event_id: c }), back);
    all.thenItIs('registered');
    all.then({ created: { at: t0, id: a }, registration: { at: t2, job_name: 'open-day' } });
  });

  test('at one instant registration stands above removal, whichever id is greater', () => {
    given(first, removal({ occurred_at: t0, event_id: b })).thenItIs('registered');
    given(removal({ occurred_at: t0, event_id: a }), { ...first, event_id: b }).thenItIs('registered');
  });
});

describe('registrations', () => {
  test('the least of all is when the scheduler came to be, the latest is what it is', () => {
    given(
      registration({ occurred_at: t1, event_id: b, service_name: 'ledger' }),
      registration({ occurred_at: t0, event_id: c, service_name: 'billing' }),
      registration({ occurred_at: t1, event_id: a, service_name: 'audit' }),
    ).then({
      created: { at: t0, id: c },
      registration: { at: t1, id: b, service_name: 'ledger' },
    });
  });

  test('of two at one instant the lesser id is the creation', () => {
    given(
      registration({ occurred_at: t0, event_id: b }),
      registration({ occurred_at: t0, event_id: a }),
    ).then({ created: { at: t0, id: a }, registration: { at: t0, id: b } });
  });

  test('a later one that leaves a field out keeps it, null clears it, each field by itself', () => {
    given(
      registration({
        occurred_at: t0,
        event_id: a,
        owner_email: 'sari@example.com',
        alert_user_id: 'U012AB3CD',
      }),
      registration({ occurred_at: t1, event_id: a, alert_user_id: null, heartbeat_timeout_minutes: 15 }),
      registration({ occurred_at: t2, event_id: a, job_name: 'open-day' }),
    ).then({
      registration: { at: t2, id: a, service_name: 'billing', job_name: 'open-day' },
      owner_email: { at: t0, id: a, value: 'sari@example.com' },
      alert_user_id: { at: t1, id: a, value: null },
      heartbeat_timeout_minutes: { at: t1, id: a, value: 15 },
    });
  });
});

describe('a row of version 2', () => {
  const by = { at: t0, id: a };
  const names = { service_name: 'billing', job_name: 'close-day' };

  test('is read: its registration decided every optional field', () => {
    const contacts = { owner_email: 'sari@example.com', alert_user_id: null, heartbeat_timeout_minutes: 0 };
    const stored = {
      scheduler_id: 'payroll',
      version: 2,
      rev: 7,
      registration: { ...by, ...names, ...contacts },
    };
    expect(currentState.parse(stored)).toEqual({
      ...emptyRow('payroll'),
      registration: { ...by, ...names },
      owner_email: { ...by, value: 'sari@example.com' },
      alert_user_id: { ...by, value: null },
      heartbeat_timeout_minutes: { ...by, value: 0 },
    });
  });

  test('is no longer read so once it is of today', () => {
    const stored = { scheduler_id: 'payroll', version: 3, rev: 8, registration: { ...by, ...names } };
    expect(currentState.parse(stored)).toEqual({ ...emptyRow('payroll'), registration: { ...by, ...names } });
  });
});

describe('acknowledgement, snooze and update', () => {
  test('the latest acknowledgement wins by time', () => {
    given(
      acknowledgement({ occurred_at: t0, event_id: b, by: 'sari', failure_event_id: idOf(8) }),
      acknowledgement({ occurred_at: t1, event_id: a, by: 'budi', failure_event_id: idOf(9) }),
    ).then({ acknowledgement: { at: t1, id: a, by: 'budi', failure_event_id: idOf(9) } });
  });

  test('the latest snooze wins, even where it ends sooner', () => {
    given(
      snooze({ occurred_at: t0, event_id: b, until: at('23:00:00.000') }),
      snooze({ occurred_at: t1, event_id: a, until: at('18:00:00.000') }),
    ).then({ snooze: { at: t1, id: a, until: at('18:00:00.000'), by: 'sari' } });
  });

  test('updated is the latest acceptance, though what was accepted is old', () => {
    given(
      recorded(status({ occurred_at: t2, event_id: a }), { accepted_at: at('17:05:00.000') }),
      recorded(status({ occurred_at: t0, event_id: b }), { accepted_at: at('17:05:00.001') }),
    ).then({ updated: { at: t0, id: b, accepted_at: at('17:05:00.001') }, status: { at: t2 } });
  });

  test('heartbeats, removals, acknowledgements and snoozes update nothing', () => {
    const late = { accepted_at: at('23:00:00.000') };
    given(
      recorded(registration({ event_id: a }), { accepted_at: at('17:30:00.000') }),
      recorded(heartbeat({ event_id: b }), late),
      recorded(removal({ event_id: c }), late),
      recorded(acknowledgement({ event_id: idOf(4) }), late),
      recorded(snooze({ event_id: idOf(5) }), late),
    ).then({ updated: { id: a, accepted_at: at('17:30:00.000') } });
  });
});

describe('whatever a registration says beside names', () => {
  test.each(detailNames)('is shown, and with the event that decides it: %s', (name) => {
    const value = name === 'heartbeat_timeout_minutes' ? 15 : `a value of ${name}`;
    const row = fold('payroll', [recorded(registration({ event_id: b, [name]: value }))]);
    expect(detailsOf(row)[name]).toBe(value);
    expect(schedulerView(row)).toMatchObject(jsonOf({ [name]: value }));
    expect(decidersOf(row).get(name)).toMatchObject({ id: b });
    expect(detailsOf(join(row, emptyRow('payroll')))[name]).toBe(value);
  });
});
