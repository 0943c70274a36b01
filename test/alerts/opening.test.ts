import { describe, expect, test } from '@jest/globals';
import { fold, type CurrentState } from '../../projections/current-state.ts';
import { isLate, openingOf, registeredAt } from '../../src/alerts/opening.ts';
import type { RondaEvent } from '../../src/events/event.ts';
import { at, idOf, recorded, registration, removal, snooze, status } from '../support/events.ts';

const failure = status({ status: 'failed', occurred_at: at('18:40:00.000'), event_id: idOf(40) });
const ms = (time: string): number => Date.parse(at(time));
const registers = (time: string, n = 1) => registration({ occurred_at: at(time), event_id: idOf(n) });
const removes = (time: string, n = 2) => removal({ occurred_at: at(time), event_id: idOf(n) });

function after(...events: RondaEvent[]): CurrentState {
  return fold(
    'payroll',
    events.map((event) => recorded(event)),
  );
}

function opening(row: CurrentState | undefined, registered = true) {
  return openingOf(failure, row, registered);
}
const known = after(registers('10:00:00.000'), failure);

describe('a failure', () => {
  test('of a registered job opens an alert', () => {
    expect(opening(known)).toEqual({ open: true });
  });

  test.each([
    [0, false],
    [1, true],
  ])('24 h and %i ms old is late: %s', (more, late) => {
    const failedAt = ms('18:40:00.000');
    expect(isLate(failedAt, failedAt + 86_400_000 + more)).toBe(late);
  });

  test('of what nobody registered opens none', () => {
    expect(opening(undefined)).toEqual({ open: false, why: 'unregistered' });
    expect(opening(after(failure))).toEqual({ open: false, why: 'unregistered' });
  });

  test('of what is removed, or was then, opens none', () => {
    const gone = after(registers('10:00:00.000'), failure, removes('18:40:30.000'));
    expect(opening(gone)).toEqual({ open: false, why: 'removed' });
    expect(opening(known, false)).toEqual({ open: false, why: 'removed' });
  });

  test.each([
    ['19:00:00.000', '18:39:00.000', false],
    ['18:40:00.000', '18:39:00.000', true],
    ['19:00:00.000', '18:40:00.001', true],
  ])('snoozed until %s since %s opens an alert: %s', (until, since, open) => {
    const asleep = snooze({ occurred_at: at(since), until: at(until), event_id: idOf(80) });
    const row = after(registers('10:00:00.000'), failure, asleep);
    expect(opening(row).open).toBe(open);
  });
});

describe('a scheduler was registered', () => {
  test.each<[string, boolean | undefined, RondaEvent[]]>([
    ['not when nobody ever registered it', false, [failure]],
    ['when it is registered, and never was removed', true, [registers('10:00:00.000')]],
    ['before its first registration too, since clocks run behind', true, [registers('18:41:00.000')]],
    ['not after its removal', false, [registers('10:00:00.000'), removes('18:40:00.000')]],
    ['when it was registered again', true, [removes('18:00:00.000'), registers('18:00:00.000')]],
    [
      'as only its events can tell, when it was removed later',
      undefined,
      [registers('10:00:00.000'), removes('18:50:00.000')],
    ],
    [
      'as only its events can tell, when it was registered later',
      undefined,
      [registers('10:00:00.000'), removes('18:30:00.000'), registers('18:50:00.000', 3)],
    ],
  ])('%s', (_when, expected, events) => {
    expect(registeredAt(after(...events), failure.occurred_at)).toBe(expected);
  });
});
