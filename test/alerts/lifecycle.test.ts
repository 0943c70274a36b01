import { describe, expect, test } from '@jest/globals';
import { fold, type CurrentState } from '../../projections/current-state.ts';
import type { RondaEvent } from '../../src/events/event.ts';
import { hasCompletedAfter, isOver, progressOf, snoozeAt } from '../../src/alerts/lifecycle.ts';
import {
  acknowledgement,
  at,
  idOf,
  recorded,
  registration,
  removal,
  snooze,
  status,
} from '../support/events.ts';

const failure = status({ status: 'failed', occurred_at: at('18:40:00.000'), event_id: idOf(40) });
const ms = (time: string): number => Date.parse(at(time));
const now = ms('20:30:00.000');

/** The job's row after these events. */
function after(...events: RondaEvent[]): CurrentState {
  return fold(
    'payroll',
    events.map((event) => recorded(event)),
  );
}
const progress = (row: CurrentState | undefined, first: string | null = null, known = {}) =>
  progressOf(failure.event_id, row, first, known, now);
const unchanged = { acknowledged: null, recovered: null, snoozed: null, removed: null };

describe('a failure', () => {
  test('is open while nobody knows more of the job, or anything', () => {
    expect([progress(undefined), progress(after(failure))]).toEqual([unchanged, unchanged]);
    expect(isOver(unchanged)).toBe(false);
  });

  test.each(['running', 'pending', 'failed'] as const)('is not over when the job is %s later', (state) => {
    const later = status({ status: state, occurred_at: at('18:40:00.020'), event_id: idOf(41) });
    const row = after(failure, later);
    expect(hasCompletedAfter(failure, row)).toBe(false);
    expect(isOver(progress(row))).toBe(false);
  });

  test.each([
    ['18:39:59.999', false],
    ['18:40:00.000', false],
    ['18:40:00.001', true],
  ])('may be over once the job completed at %s: %s', (when, expected) => {
    const completed = status({ status: 'completed', occurred_at: at(when), event_id: idOf(50) });
    expect(hasCompletedAfter(failure, after(failure, completed))).toBe(expected);
  });

  test('has the recovery that was found, and what is written down stays, whatever is found later', () => {
    expect(progress(after(failure), at('19:15:00.000')).recovered).toEqual({ at: ms('19:15:00.000') });
    const known = { recovered: { at: ms('18:50:00.000') } };
    expect(progress(after(failure), at('19:15:00.000'), known).recovered).toEqual({ at: ms('18:50:00.000') });
  });

  test('names who acknowledged it, once, and not who acknowledged another', () => {
    const by = (failure_event_id: string, who = 'rina') =>
      acknowledgement({ failure_event_id, by: who, occurred_at: at('18:50:00.000'), event_id: idOf(70) });
    const known = { acknowledged: { by: 'rina', at: ms('18:50:00.000') } };
    expect(progress(after(failure, by(idOf(40)))).acknowledged).toEqual(known.acknowledged);
    expect(progress(after(failure, by(idOf(41)))).acknowledged).toBeNull();
    expect(progress(after(failure, by(idOf(40), 'budi')), null, known).acknowledged?.by).toBe('rina');
  });

  test('is over when its job is removed', () => {
    const gone = after(
      registration({ occurred_at: at('10:00:00.000'), event_id: idOf(1) }),
      failure,
      removal({ occurred_at: at('19:00:00.000'), event_id: idOf(2) }),
    );
    expect(progress(gone)).toEqual({ ...unchanged, removed: { at: ms('19:00:00.000') } });
    expect(isOver(progress(gone))).toBe(true);
  });
});

test.each([
  ['before it begins', '18:59:59.999', null],
  ['from its first instant', '19:00:00.000', { until: ms('20:00:00.000'), by: 'sari' }],
  ['until its last', '19:59:59.999', { until: ms('20:00:00.000'), by: 'sari' }],
  ['when it is over', '20:00:00.000', null],
])('a snooze is in force %s', (_when, time, expected) => {
  const row = after(snooze({ occurred_at: at('19:00:00.000'), until: at('20:00:00.000') }));
  expect(snoozeAt(row, ms(time))).toEqual(expected);
});
