import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fold, membership } from '../../projections/current-state.ts';
import type { RecordedEvent, StatusReported } from '../../src/events/event.ts';
import { boardOf, type Board } from '../../src/night/board.ts';
import { stream } from '../support/arbitraries.ts';
import { at } from '../support/events.ts';

/** Starts before, among and after the times of the events of `stream`. */
const start = fc
  .constantFrom(
    '16:59:59.999',
    '17:00:00.000',
    '17:00:00.001',
    '17:00:00.999',
    '17:00:01.000',
    '17:01:00.001',
  )
  .map((time) => Date.parse(at(time)));
const now = fc
  .constantFrom('17:00:00.500', '17:00:30.000', '18:00:00.000')
  .map((time) => Date.parse(at(time)));
const fleet = fc.array(fc.record({ events: stream, service: fc.constantFrom('a', 'b', 'c') }), {
  maxLength: 12,
});
const services = fc.option(fc.subarray(['a', 'b', 'c']), { nil: null });
const staleOnes = fc.uniqueArray(fc.nat({ max: 11 })).map((numbers) => new Set(numbers.map(idOfJob)));

function idOfJob(index: number): string {
  return `job-${index}`;
}

function nightFrom(start: number) {
  const window = { zone: 'Asia/Jakarta', window: '00:00-06:00' };
  return { ...window, date: '2099-11-24', start, end: start + 21_600_000 };
}

/** The same events, told by another service. */
function ofService(events: readonly RecordedEvent[], service_name: string): RecordedEvent[] {
  return events.map(({ event, envelope }) => ({
    event: 'service_name' in event ? { ...event, service_name } : event,
    envelope,
  }));
}

describe('a board of any fleet', () => {
  test('holds everybody who belongs there exactly once, sorted, and counts them', () => {
    fc.assert(
      fc.property(fleet, services, staleOnes, start, now, (fleet, services, staleIds, start, at) => {
        const rows = fleet.map(({ events, service }, index) =>
          fold(idOfJob(index), ofService(events, service)),
        );
        const board = boardOf({ rows, night: nightFrom(start), at, staleIds, services });
        const expected = fleet.flatMap(({ service }, index) => {
          const row = rows[index];
          if (row === undefined || membership(row) === 'removed') return [];
          if (row.registration === null && row.status === null) return [];
          return services === null || services.includes(service) ? [idOfJob(index)] : [];
        });
        expect(board.cells.map(({ scheduler_id }) => scheduler_id).sort()).toEqual(expected.sort());
        expectSortedAndCounted(board);
      }),
    );
  });

  test('does not depend on the order of the rows', () => {
    fc.assert(
      fc.property(fleet, staleOnes, start, now, (fleet, staleIds, start, at) => {
        const rows = fleet.map(({ events, service }, index) =>
          fold(idOfJob(index), ofService(events, service)),
        );
        const input = { night: nightFrom(start), at, staleIds, services: null };
        expect(boardOf({ rows: rows.toReversed(), ...input })).toEqual(boardOf({ rows, ...input }));
      }),
    );
  });
});

function expectSortedAndCounted({ cells, counts }: Board): void {
  const order = ['failed', 'stale', 'running', 'pending', 'completed'];
  const keys = cells.map(({ state, service_name, job_name, scheduler_id }) =>
    [order.indexOf(state), service_name, job_name, scheduler_id].join(' '),
  );
  expect(keys).toEqual(keys.toSorted((a, b) => (a < b ? -1 : 1)));
  for (const [state, count] of Object.entries(counts)) {
    expect(count).toBe(cells.filter((cell) => cell.state === state).length);
  }
  expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(cells.length);
}

describe('the cell of any scheduler', () => {
  test('is what a reader of the sorted stream would write on a board', () => {
    fc.assert(
      fc.property(stream, fc.boolean(), start, now, (events, stale, start, at) => {
        const board = boardOf({
          rows: [fold('payroll', events)],
          night: nightFrom(start),
          at,
          staleIds: new Set(stale ? ['payroll'] : []),
          services: null,
        });
        expect(board.cells).toEqual(writtenByHand(events, stale, start, at));
      }),
      { numRuns: 1_000 },
    );
  });
});

/** The specification, in the other way: from the events, sorted and read once. */
function writtenByHand(
  events: readonly RecordedEvent[],
  stale: boolean,
  start: number,
  now: number,
): object[] {
  const rank = ['pending', 'running', 'completed', 'failed'];
  const sorted = events
    .map(({ event }) => event)
    .sort((a, b) => (a.occurred_at + a.event_id < b.occurred_at + b.event_id ? -1 : 1));
  const statuses = sorted
    .filter((event): event is StatusReported => event.type === 'status_reported')
    .sort((a, b) =>
      a.occurred_at === b.occurred_at
        ? rank.indexOf(a.status) - rank.indexOf(b.status)
        : a.occurred_at < b.occurred_at
          ? -1
          : 1,
    );
  const last = statuses.at(-1);
  const names = sorted.findLast(({ type }) => type === 'scheduler_registered') ?? last;
  const registeredAt = sorted.findLast(({ type }) => type === 'scheduler_registered')?.occurred_at;
  const removedAt = sorted.findLast(({ type }) => type === 'scheduler_removed')?.occurred_at;
  if (removedAt !== undefined && (registeredAt === undefined || registeredAt < removedAt)) return [];
  if (names === undefined || !('service_name' in names)) return [];

  const tonight = last !== undefined && Date.parse(last.occurred_at) >= start;
  const shown = last !== undefined && (tonight || last.status === 'running') ? last.status : 'pending';
  const state = shown === 'running' && stale ? 'stale' : shown;
  const since = shown === 'pending' || last === undefined ? null : Date.parse(last.occurred_at);
  const signs = sorted.filter(({ type }) => type === 'status_reported' || type === 'heartbeat_received');
  const acknowledged = sorted.findLast((event) => event.type === 'failure_acknowledged');
  const snoozed = sorted.findLast((event) => event.type === 'alerts_snoozed');
  return [
    {
      scheduler_id: 'payroll',
      service_name: names.service_name,
      job_name: names.job_name,
      state,
      since,
      duration:
        since === null
          ? null
          : shown === 'running'
            ? Math.max(0, now - since)
            : timeOfLastRun(statuses, since),
      error: state === 'failed' ? (last?.error_message ?? null) : null,
      heartbeat: shown === 'running' ? Date.parse(signs.at(-1)?.occurred_at ?? '') : null,
      registered: registeredAt !== undefined,
      acknowledgedBy:
        state === 'failed' && acknowledged?.failure_event_id === last?.event_id ? acknowledged?.by : null,
      snoozed:
        snoozed !== undefined && Date.parse(snoozed.until) > now
          ? { until: Date.parse(snoozed.until), by: snoozed.by }
          : null,
      due: null,
    },
  ];
}

function timeOfLastRun(statuses: readonly StatusReported[], end: number): number | null {
  const last = statuses.at(-1);
  const begun = statuses.findLastIndex(({ status }) => status === 'running');
  const [first] = statuses.slice(begun);
  if (last === undefined || last.execution_time_ms !== null) return last?.execution_time_ms ?? null;
  if (begun === -1 || first === undefined) return null;
  const between = statuses.slice(begun + 1, -1);
  return between.length > 0 ? null : end - Date.parse(first.occurred_at);
}
