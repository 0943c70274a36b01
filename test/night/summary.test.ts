import { describe, expect, test } from '@jest/globals';
import type { RondaEvent } from '../../src/events/event.ts';
import type { JobRun } from '../../src/night/job-runs.ts';
import type { Judgement, Verdict } from '../../src/night/verdicts.ts';
import { at, idOf, removal } from '../support/events.ts';
import { name, summary } from './fleet.ts';
import { completed, failed, ms, night, pending, registered, running } from './fixtures.ts';

/** The same status again: another event, later. */
function again<T extends RondaEvent>(event: T, n: number): T {
  return { ...event, event_id: idOf(100 + n) };
}

const measured = (time: string, execution_time_ms: number) => ({ ...completed(time), execution_time_ms });

const nothingExpected = { slots: null, late: [], waiting: [], doubtful: [], notOwed: 0, unknown: 0 };

describe('the summary of a night', () => {
  test('says how many there were, how they stand, and when and how long they ran', () => {
    const fleet = {
      steady: [registered(), running('17:05:00.000'), completed('17:25:00.000')],
      flaky: [
        running('17:10:00.000'),
        failed('17:20:00.000'),
        again(running('17:30:00.000'), 1),
        completed('17:35:00.000'),
      ],
      broken: [running('18:00:00.000'), failed('18:30:00.000')],
      lazy: [registered()],
      endless: [running('22:00:00.000')],
    };
    expect(summary(fleet, { staleIds: new Set(['endless']) })).toEqual({
      night,
      schedulers: 5,
      completed: 2,
      firstStart: ms('17:05:00.000'),
      lastEnd: ms('18:30:00.000'),
      totalRunTime: (20 + 10 + 5 + 30) * 60_000,
      longest: [
        { ...name('broken'), duration: 30 * 60_000 },
        { ...name('steady'), duration: 20 * 60_000 },
        { ...name('flaky'), duration: 10 * 60_000 },
        { ...name('flaky'), duration: 5 * 60_000 },
      ],
      failures: [
        { ...name('flaky'), at: ms('17:20:00.000'), error: 'disk full', recoveredAt: ms('17:35:00.000') },
        { ...name('broken'), at: ms('18:30:00.000'), error: 'disk full', recoveredAt: null },
      ],
      neverStarted: [name('lazy')],
      stillRunning: [{ ...name('endless'), since: ms('22:00:00.000'), stale: true }],
      ...nothingExpected,
    });
  });

  test('of nobody is empty', () => {
    expect(summary({})).toEqual({
      night,
      schedulers: 0,
      completed: 0,
      firstStart: null,
      lastEnd: null,
      totalRunTime: 0,
      longest: [],
      failures: [],
      neverStarted: [],
      stillRunning: [],
      ...nothingExpected,
    });
  });

  test('leaves out who is removed, and whose service was not asked for', () => {
    const fleet = {
      gone: [registered(), failed('18:00:00.000'), removal({ occurred_at: at('18:30:00.000') })],
      other: [{ ...failed('18:00:00.000'), service_name: 'ledger' }],
      ours: [completed('19:00:00.000')],
    };
    expect(summary(fleet, { services: ['billing'] })).toMatchObject({
      schedulers: 1,
      completed: 1,
      lastEnd: ms('19:00:00.000'),
      failures: [],
    });
  });
});

describe('a run', () => {
  const times = (...events: RondaEvent[]) => {
    const { longest, totalRunTime } = summary({ payroll: events });
    expect(longest.reduce((sum, { duration }) => sum + duration, 0)).toBe(totalRunTime);
    return longest.map(({ duration }) => duration);
  };

  test('lasts as long as the service says, also where nothing tells its start', () => {
    expect(times(running('17:10:00.000'), measured('17:30:00.000', 1_500))).toEqual([1_500]);
    expect(times(measured('17:30:00.000', 1_500))).toEqual([1_500]);
  });

  test('without start and measure counts for nothing but the last end', () => {
    expect(times(completed('17:30:00.000'))).toEqual([]);
    expect(summary({ payroll: [completed('17:30:00.000')] })).toMatchObject({
      firstStart: null,
      lastEnd: ms('17:30:00.000'),
    });
  });

  test('has one end: a second one without a start has no length', () => {
    const events = [running('17:10:00.000'), completed('17:20:00.000'), again(completed('22:00:00.000'), 1)];
    expect(times(...events)).toEqual([600_000]);
  });

  test('that was under way when the night began counts whole, though it did not start tonight', () => {
    const events = [running('16:50:00.000'), completed('17:10:00.000')];
    expect(times(...events)).toEqual([1_200_000]);
    expect(summary({ payroll: events }).firstStart).toBeNull();
  });

  test.each([
    ['ended', failed('16:55:00.000')],
    ['ended at its own instant', failed('16:50:00.000')],
    ['was put back', pending('16:55:00.000')],
  ])('that had %s before the night is not under way', (_what, end) => {
    expect(times(running('16:50:00.000'), end, completed('17:10:00.000'))).toEqual([]);
  });

  test('that began at the same instant as a pending before the night is under way', () => {
    expect(times(pending('16:50:00.000'), running('16:50:00.000'), completed('17:10:00.000'))).toEqual([
      1_200_000,
    ]);
  });

  test('that is the first gives the first start, the last one the last end', () => {
    const rerun = [again(running('17:30:00.000'), 1), again(completed('17:40:00.000'), 2)];
    const events = [running('17:10:00.000'), completed('17:20:00.000'), ...rerun];
    const later = [running('17:15:00.000'), completed('17:35:00.000')];
    expect(summary({ payroll: events, billing: later })).toMatchObject({
      firstStart: ms('17:10:00.000'),
      lastEnd: ms('17:40:00.000'),
    });
  });

  test('lies in the night from its first instant to before the next night', () => {
    const next = '2099-11-24T17:00:00.000Z';
    const fleet = {
      before: [measured('16:59:59.999', 1)],
      first: [measured('17:00:00.000', 2)],
      last: [{ ...measured('17:00:00.000', 3), occurred_at: '2099-11-24T16:59:59.999Z' }],
      after: [{ ...measured('17:00:00.000', 4), occurred_at: next }],
    };
    expect(summary(fleet).longest.map(({ duration }) => duration)).toEqual([3, 2]);
  });

  test('is among the five longest, by name where equal', () => {
    const fleet = Object.fromEntries(
      [40, 10, 30, 20, 30, 50, 30].map((minutes, index) => [
        `job-${index}`,
        [measured('18:00:00.000', minutes)],
      ]),
    );
    expect(summary(fleet).longest.map(({ scheduler_id, duration }) => [scheduler_id, duration])).toEqual([
      ['job-5', 50],
      ['job-0', 40],
      ['job-2', 30],
      ['job-4', 30],
      ['job-6', 30],
    ]);
  });
});

describe('a failure', () => {
  test('recovers with the first completion after it, not with one before or at its instant', () => {
    const events = [
      completed('17:10:00.000'),
      failed('17:20:00.000'),
      again(completed('17:20:00.000'), 1),
      again(failed('17:25:00.000'), 2),
      again(completed('17:30:00.000'), 3),
      again(completed('17:40:00.000'), 4),
      again(failed('17:50:00.000'), 5),
    ];
    expect(summary({ payroll: events }).failures.map(({ at, recoveredAt }) => [at, recoveredAt])).toEqual([
      [ms('17:20:00.000'), ms('17:30:00.000')],
      [ms('17:25:00.000'), ms('17:30:00.000')],
      [ms('17:50:00.000'), null],
    ]);
  });

  test('is listed by time, then by name', () => {
    const fleet = {
      b: [failed('17:20:00.000')],
      a: [failed('17:20:00.000')],
      c: [failed('17:10:00.000')],
    };
    expect(summary(fleet).failures.map(({ scheduler_id }) => scheduler_id)).toEqual(['c', 'a', 'b']);
  });
});

describe('a job that stands at pending', () => {
  test.each([
    ['said nothing', [registered()], true],
    ['ran yesterday', [running('16:00:00.000'), completed('16:30:00.000')], true],
    ['only said that it is pending', [pending('17:10:00.000')], true],
    ['began and was put back', [running('17:10:00.000'), pending('17:20:00.000')], false],
    ['ended and is pending again', [completed('17:10:00.000'), pending('17:20:00.000')], false],
  ])('and %s never started: %s', (_what, events, expected) => {
    expect(summary({ payroll: events }).neverStarted).toEqual(expected ? [name('payroll')] : []);
  });
});

test('a job that runs over the end of the night is still running, since it began', () => {
  expect(summary({ payroll: [running('16:30:00.000')] }).stillRunning).toEqual([
    { ...name('payroll'), since: ms('16:30:00.000'), stale: false },
  ]);
});

describe('what was expected', () => {
  const expects = registered({ expectation: '{"schedule":"0 1 * * *"}' });
  const slot = ms('18:00:00.000');
  const judgement = (verdict: Verdict, fields: Partial<Judgement> = {}): Judgement => ({
    slot: {
      ...{ scheduler_id: 'payroll', at: slot, date: night.date, businessDate: night.date },
      ...{ startBy: slot + 900_000, finishBy: null, missedAt: slot + 43_200_000, ruleIds: [] },
      ...{ expectation: { schedule: '0 1 * * *' }, holiday: null, takenAwayAt: null },
    },
    ...{
      verdict,
      heard: verdict,
      flags: [],
      resultHeard: true,
      startBy: slot + 900_000,
      finishBy: null,
      waitingFor: [],
      excuse: null,
    },
    ...{ run: null, beganAt: null, decidingEvents: [] },
    ...fields,
  });
  const run: JobRun = {
    ...{ run_id: null, businessDate: null, startedAt: slot, endedAt: slot + 60_000, duration: 60_000 },
    ...{ status: 'completed', error: null, metadata: null, abandoned: false, eventIds: [] },
  };
  const done = { run, beganAt: slot } as const;
  const otherNight = judgement('completed', done);
  const fates: Readonly<Record<string, readonly Judgement[]>> = {
    good: [judgement('completed', done)],
    late: [judgement('late')],
    slow: [judgement('completed', { ...done, flags: ['ended_late'] })],
    empty: [judgement('completed', { ...done, flags: ['unmet'] })],
    missed: [judgement('missed')],
    overdue: [judgement('overdue', { run: { ...run, status: 'running', endedAt: null } })],
    failed: [judgement('failed', { run: { ...run, status: 'failed', error: 'disk full' } })],
    free: [judgement('excused', { excuse: 'Idul Fitri' })],
    waits: [judgement('waiting', { waitingFor: ['failed'] })],
    evening: [judgement('waiting')],
    deaf: [judgement('unknown')],
    runs: [judgement('running', { run: { ...run, status: 'running', endedAt: null } })],
    tomorrow: [{ ...otherNight, slot: { ...otherNight.slot, date: '2099-11-25' } }],
    nobody: [],
  };
  const fleet = Object.fromEntries(
    Object.keys(fates).map((id) => [id, [id === 'nobody' ? registered() : expects]]),
  );
  const told = summary(fleet, { judgementsOf: (id) => fates[id] ?? [] });

  test('is counted by what became of it, each slot of the night once', () => {
    const { expected, ...counts } = told.slots ?? { expected: 0 };
    expect({ expected, ...counts }).toEqual({
      ...{ expected: 12, inTime: 2, late: 2, overdue: 1, failed: 1, missed: 1, excused: 1, unknown: 1 },
      ...{ running: 1, waiting: 2 },
    });
    expect(Object.values(counts).reduce((sum, n) => sum + n, 0)).toBe(expected);
  });

  test('names who is late, who waits and whose result is doubtful; what is not owed never started nowhere', () => {
    const ids = (jobs: readonly { readonly scheduler_id: string }[]) =>
      jobs.map(({ scheduler_id }) => scheduler_id);
    expect(ids(told.late)).toEqual(['late', 'missed', 'overdue']);
    expect(told.waiting).toEqual([{ ...name('waits'), waitingFor: ['failed'] }]);
    expect(ids(told.doubtful)).toEqual(['empty']);
    expect(ids(told.stillRunning)).toEqual(['runs']);
    expect(ids(told.neverStarted)).toEqual(['nobody']);
    expect(told).toMatchObject({ schedulers: 13, completed: 3, notOwed: 2, unknown: 1 });
  });

  test('counts slots of jobs that were removed since, and only of the services asked for', () => {
    const gone = { gone: [expects, removal({ occurred_at: at('18:30:00.000') })] };
    const judgementsOf = () => [judgement('completed', done)];
    expect(summary(gone, { judgementsOf }).slots).toMatchObject({ expected: 1, inTime: 1 });
    expect(summary(gone, { judgementsOf, services: ['ledger'] }).slots).toBeNull();
  });
});
