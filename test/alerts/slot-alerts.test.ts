import { describe, expect, test } from '@jest/globals';
import { fold } from '../../projections/current-state.ts';
import {
  dependentsIn,
  dependentsOf,
  openingsOf,
  severityOf,
  slotAlertKey,
  updatedSlot,
  withDependents,
} from '../../src/alerts/slot-alerts.ts';
import { utc } from '../../src/events/time.ts';
import { verdictsOf, type Subject } from '../../src/night/verdicts.ts';
import { alertRow, type SlotRow } from '../../src/store/alerts/alert-rows.ts';
import { entry, judgeAt, subject, wib } from '../night/expected.ts';
import { recorded, registration, removal, snooze } from '../support/events.ts';

const registered = registration({ occurred_at: utc(wib('12:00', '2026-11-20')) });
const state = (...more: Parameters<typeof recorded>[0][]) =>
  fold(
    'payroll',
    [registered, ...more].map((one) => recorded(one)),
  );
const ten = { start_within_minutes: 10 };

const judged = (time: string, ...subjects: Subject[]) => verdictsOf(subjects, judgeAt(wib(time)));
const tonight = (time: string, one: Subject) =>
  judged(time, one)
    .of('payroll')
    .filter(({ slot }) => slot.at >= wib('00:00'));

function opened(time: string, one: Subject): SlotRow {
  const [opening] = openingsOf(state(), tonight(time, one), [], wib(time));
  if (opening === undefined) throw new Error('there is one');
  const row = alertRow.parse({
    ...{
      night: 'eod/2026-11-23',
      alert_key: slotAlertKey(opening.kind, opening.judgement.slot),
      kind: opening.kind,
      situation: opening.situation,
    },
    ...{
      scheduler_id: 'payroll',
      slot: utc(opening.judgement.slot.at),
      state: 'open',
      created_at: utc(wib(time)),
    },
    transitions: [{ type: 'opened', at: utc(wib(time)) }],
  });
  if (row.kind === 'failure' || row.kind === 'stale') throw new Error('it is a slot’s');
  return row;
}

describe('a slot calls', () => {
  const kinds = (time: string, one: Subject, row = state(), known: SlotRow[] = []) =>
    openingsOf(row, tonight(time, one), known, wib(time)).map(({ kind }) => kind);

  test('when it is late, once', () => {
    expect(kinds('01:09', subject(ten))).toEqual([]);
    expect(kinds('01:10', subject(ten))).toEqual(['late']);
    const often = subject({ schedule: '*/15 1-2 * * *' });
    expect(kinds('02:50', often)).toEqual(['late']);
    expect(kinds('02:50', often, state(), [opened('01:10', often)])).toEqual([]);
  });

  test('nobody while it is snoozed, when it is removed, or waits for another, nor a day later', () => {
    const until = utc(wib('02:00'));
    expect(kinds('01:10', subject(ten), state(snooze({ occurred_at: utc(wib('00:30')), until })))).toEqual(
      [],
    );
    expect(kinds('01:10', subject(ten), state(removal({ occurred_at: utc(wib('00:30')) })))).toEqual([]);
    const upstream = subject({ schedule: '0 0 * * *' }, [], { scheduler_id: 'ledger' });
    const waits = judged('14:00', subject({ ...ten, depends_on: ['ledger'] }), upstream);
    const own = waits.of('payroll').filter(({ slot }) => slot.at === wib('01:00'));
    expect(own.map(({ verdict }) => verdict)).toEqual(['missed']);
    expect(openingsOf(state(), own, [], wib('14:00'))).toEqual([]);
    const first = tonight('01:10', subject(ten)).slice(0, 1);
    expect(openingsOf(state(), first, [], wib('13:00', '2026-11-24') + 1)).toEqual([]);
  });
});

describe('an open alert', () => {
  test('says that its job began, and is over', () => {
    const began = subject(ten, [entry('running', wib('01:47'))]);
    const row = updatedSlot(opened('01:10', subject(ten)), tonight('01:48', began), wib('01:48'));
    expect(row).toMatchObject({ state: 'over', progress: { outcome: { kind: 'began', at: wib('01:47') } } });
    expect(row.transitions.map(({ type, outcome }) => [type, outcome])).toEqual([
      ['opened', null],
      ['resolved', 'began'],
    ]);
  });

  test('counts further slots of a job that does not begin; told again it stays the same row', () => {
    const often = subject({ schedule: '*/15 1-2 * * *' });
    const row = updatedSlot(opened('01:08', often), tonight('01:23', often), wib('01:23'));
    expect(row.situation).toMatchObject({ slots: 2, latest_slot: wib('01:15') });
    expect(row.transitions.map(({ type }) => type)).toEqual(['opened', 'updated']);
    expect(updatedSlot(row, tonight('01:23', often), wib('01:24'))).toBe(row);
  });

  test('names the jobs that wait for its job', () => {
    const waiting = subject({ schedule: '30 1 * * *', depends_on: ['payroll'] }, [], {
      scheduler_id: 'report',
    });
    const verdicts = judged('01:40', subject(ten), waiting);
    const of = (id: string) => [id, verdicts.of(id)] as const;
    const waits = dependentsIn(new Map([of('payroll'), of('report')]), wib('01:40')).get('payroll');
    const dependents = dependentsOf(waits, { kind: 'late', slot: wib('01:00') });
    // Those of another day wait for nothing that has gone wrong.
    expect(dependentsOf(waits, { kind: 'unmet', slot: wib('01:00', '2026-11-24') })).toEqual([]);
    const row = withDependents(opened('01:10', subject(ten)), dependents, wib('01:40'));
    expect(row.dependents).toEqual(['report']);
    expect(withDependents(row, dependents, wib('01:41'))).toBe(row);
  });
});

test.each([
  [undefined, 'error'],
  ['low', 'warning'],
  ['normal', 'error'],
  ['critical', 'critical'],
] as const)('an expectation of severity %s makes alerts of %s', (severity, expected) => {
  expect(severityOf(severity === undefined ? undefined : { severity })).toBe(expected);
});
