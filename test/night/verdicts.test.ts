import { describe, expect, test } from '@jest/globals';
import { slotsBetween } from '../../src/night/slots.ts';
import { unmetOf, verdictsOf, type Judge } from '../../src/night/verdicts.ts';
import { entry, expectation, expected, judgeAt, judgementAt, subject, wib } from './expected.ts';

const one = wib('01:00');
const ten = { start_within_minutes: 10 };
const verdictAt = (time: string, subjects = [subject(ten)], judge: Partial<Judge> = {}) =>
  judgementAt(one, judgeAt(wib(time), judge), subjects).verdict;

describe('a job that says nothing', () => {
  test.each([
    ['00:30', 'waiting'],
    ['01:09:59', 'waiting'],
    ['01:10', 'late'],
    ['12:59', 'late'],
    ['13:00', 'missed'],
  ])('at %s is %s', (time, verdict) => {
    expect(verdictAt(time)).toBe(verdict);
  });

  test('of times that come often is missed at the next one', () => {
    const dead = [subject({ schedule: '*/15 * * * *' })];
    expect(judgementAt(one, judgeAt(wib('01:14:59')), dead).verdict).toBe('late');
    expect(judgementAt(one, judgeAt(wib('01:15')), dead).verdict).toBe('missed');
  });

  test('is unknown while its deadline has passed by the clock and not by what has been heard', () => {
    expect(verdictAt('01:10:04', undefined, { judgedAt: wib('01:09:59') })).toBe('unknown');
    expect(verdictAt('01:10:05', undefined, { judgedAt: wib('01:10') })).toBe('late');
    expect(verdictAt('01:10:05', undefined, { judgedAt: null })).toBe('unknown');
    expect(verdictAt('01:05', undefined, { judgedAt: null })).toBe('waiting');
    const unapplied = new Map([['payroll', new Date(wib('01:05')).toISOString()]]);
    expect(verdictAt('02:00', undefined, { unapplied })).toBe('unknown');
  });

  test('is given as long again as nobody could hear it', () => {
    const gaps = [{ from: wib('01:05'), to: wib('01:30') }];
    expect(verdictAt('01:34:59', undefined, { gaps })).toBe('waiting');
    expect(verdictAt('01:35', undefined, { gaps })).toBe('late');
  });
});

describe('a job that runs', () => {
  const begun = (time: string, fields = {}) => subject({ ...ten, ...fields }, [entry('running', wib(time))]);

  test('is running, and overdue once it should have ended', () => {
    const run = [begun('01:02', { finish_by: '02:00' })];
    expect(verdictAt('01:30', run)).toBe('running');
    expect(verdictAt('02:00', run)).toBe('overdue');
    expect(verdictAt('02:00', run, { judgedAt: wib('01:59') })).toBe('unknown');
  });

  test('late says so, and when it ends, late too', () => {
    const late = subject({ ...ten, finish_within_minutes: 60 }, [
      entry('running', wib('01:47')),
      entry('completed', wib('02:10')),
    ]);
    const judged = judgementAt(one, judgeAt(wib('03:00')), [late]);
    expect(judged).toMatchObject({
      verdict: 'completed',
      flags: ['began_late', 'ended_late'],
      beganAt: wib('01:47'),
    });
  });

  test('failed and completed is completed; the earliest beginning decides whether it was late', () => {
    const twice = subject(ten, [
      entry('running', wib('01:05')),
      entry('failed', wib('01:10')),
      entry('running', wib('01:25')),
      entry('completed', wib('01:30')),
    ]);
    expect(judgementAt(one, judgeAt(wib('03:00')), [twice])).toMatchObject({
      verdict: 'completed',
      flags: [],
    });
  });

  test('too short, too long, or with a result that nobody wants', () => {
    const fields = {
      min_duration_ms: 60_000,
      max_duration_ms: 600_000,
      results: [{ path: 'records.processed', at_least: 1 }],
    };
    const flags = (took: number, metadata: string | null) =>
      judgementAt(one, judgeAt(wib('03:00')), [
        subject(fields, [entry('completed', wib('01:14'), { execution_time_ms: took, metadata })]),
      ]).flags;
    expect(flags(59_999, '{"records":{"processed":1}}')).toEqual(['too_short']);
    expect(flags(600_001, '{"records":{"processed":0}}')).toEqual(['too_long', 'unmet']);
    expect(flags(60_000, null)).toEqual(['unmet']);
    const goesOn = (time: string) =>
      judgementAt(one, judgeAt(wib(time)), [subject(fields, [entry('running', one)])]).flags;
    expect(goesOn('01:10')).toEqual([]);
    expect(goesOn('01:10:01')).toEqual(['too_long']);
  });

  test('yesterday’s catch-up, or a manual run of the afternoon, is none of tonight’s', () => {
    const catchUp = subject(ten, [
      entry('running', wib('01:02'), { business_date: '2026-11-22' }),
      entry('completed', wib('01:04'), { business_date: '2026-11-22' }),
    ]);
    expect(verdictAt('01:10', [catchUp])).toBe('late');
    expect(judgementAt(wib('01:00', '2026-11-22'), judgeAt(wib('02:00')), [catchUp]).verdict).toBe(
      'completed',
    );
    const manual = subject(ten, [entry('running', wib('14:00')), entry('completed', wib('14:05'))]);
    expect(verdictAt('15:00', [manual])).toBe('missed');
    expect(
      judgementAt(wib('01:00', '2026-11-24'), judgeAt(wib('02:00', '2026-11-24')), [manual]).verdict,
    ).toBe('late');
  });

  test('with a bank’s own dating, the day before is tonight’s', () => {
    const dated = subject({ ...ten, business_date: 'previous' }, [
      entry('running', wib('01:02'), { business_date: '2026-11-20' }),
      entry('completed', wib('01:04'), { business_date: '2026-11-20' }),
    ]);
    // The 23rd is a Monday.
    expect(verdictAt('02:00', [dated])).toBe('completed');
  });

  test('two that overlap do not end one another', () => {
    const both = subject({ ...ten, schedule: '0 1,2 * * *' }, [
      entry('running', wib('01:01'), { run_id: 'a' }),
      entry('running', wib('02:01'), { run_id: 'b' }),
      entry('completed', wib('02:05'), { run_id: 'b' }),
    ]);
    expect(verdictAt('03:00', [both])).toBe('running');
    expect(judgementAt(wib('02:00'), judgeAt(wib('03:00')), [both]).verdict).toBe('completed');
  });
});

describe('what excuses a job that does not begin', () => {
  test('a holiday of its calendar', () => {
    const value = {
      weekend: ['sat' as const],
      holidays: [{ date: '2026-11-23', name: 'Founders’ Day' }],
      workdays: [],
    };
    const calendars = () => [{ at: 0, id: 'calendar', value }];
    const free = subject({ days: 'business', calendar: 'bank' }, [], { calendars });
    expect(judgementAt(one, judgeAt(wib('05:00')), [free])).toMatchObject({
      verdict: 'excused',
      excuse: 'Founders’ Day',
    });
  });

  const maintenance = { id: 'm', plannedAt: 0, from: wib('00:55'), until: wib('02:00'), reason: 'new disks' };
  test('maintenance that its slot lies in; one that begins in its grace puts that off', () => {
    const within = subject(ten, [], { maintenances: [maintenance] });
    expect(judgementAt(one, judgeAt(wib('03:00')), [within])).toMatchObject({
      verdict: 'excused',
      excuse: 'maintenance: new disks',
      decidingEvents: ['rule', 'm'],
    });
    const later = [subject(ten, [], { maintenances: [{ ...maintenance, from: wib('01:05') }] })];
    expect(verdictAt('01:59', later)).toBe('waiting');
    expect(verdictAt('02:00', later)).toBe('late');
    expect(
      verdictAt('03:00', [subject(ten, [], { maintenances: [{ ...maintenance, plannedAt: wib('01:01') }] })]),
    ).toBe('late');
  });

  test('that nothing is expected any more, or that it is gone, before it counted as missed', () => {
    const away = (at: number) => [
      { at: 0, id: 'a', value: expectation(ten) },
      { at, id: 'b', value: null },
    ];
    const of = (at: number) =>
      subject(ten, [], {
        slots: slotsBetween(
          expected({}, { expectations: away(at) }),
          wib('00:00'),
          wib('00:00', '2026-11-24'),
        ),
      });
    expect(verdictAt('20:00', [of(wib('01:20'))])).toBe('excused');
    expect(verdictAt('20:00', [of(wib('14:00'))])).toBe('missed');
    expect(verdictAt('20:00', [subject(ten, [], { removedAt: wib('01:20') })])).toBe('excused');
  });
});

describe('a job that waits for another', () => {
  const upstream = (...entries: ReturnType<typeof entry>[]) =>
    subject({ ...ten, schedule: '0 0 * * *' }, entries, { scheduler_id: 'ledger' });
  const dependent = (more = {}) => subject({ ...ten, depends_on: ['ledger'], ...more });
  const zero = wib('00:00');

  test('waits, and says for which, and is given its grace from there', () => {
    const late = [dependent(), upstream()];
    expect(judgementAt(one, judgeAt(wib('01:30')), late)).toMatchObject({
      verdict: 'waiting',
      waitingFor: ['ledger'],
    });
    const done = [dependent(), upstream(entry('running', wib('00:05')), entry('completed', wib('02:00')))];
    expect(verdictAt('02:09:59', done)).toBe('waiting');
    expect(verdictAt('02:10', done)).toBe('late');
    expect(judgementAt(zero, judgeAt(wib('02:10')), done, 'ledger').verdict).toBe('completed');
  });

  test('is missed after 12 h', () => {
    expect(verdictAt('12:59', [dependent(), upstream()])).toBe('waiting');
    expect(verdictAt('13:00', [dependent(), upstream()])).toBe('missed');
  });

  test('does not wait for what is excused, or has no slot that day', () => {
    const gone = subject({ schedule: '0 0 * * SUN' }, [], { scheduler_id: 'ledger' });
    expect(verdictAt('01:10', [dependent(), gone])).toBe('late');
    expect(verdictAt('01:10', [dependent()])).toBe('late');
  });

  test('a run of its own comes before all that', () => {
    const ran = subject({ ...ten, depends_on: ['ledger'] }, [entry('completed', wib('01:40'))]);
    expect(judgementAt(one, judgeAt(wib('02:00')), [ran, upstream()])).toMatchObject({
      verdict: 'completed',
      flags: [],
    });
  });

  test('of a circle all edges are ignored, and shown', () => {
    const a = subject({ ...ten, depends_on: ['b'] }, [], { scheduler_id: 'a' });
    const b = subject({ ...ten, depends_on: ['a'] }, [], { scheduler_id: 'b' });
    expect(verdictAt('01:10', [a, b])).toBe('late');
    expect(verdictsOf([a, b], judgeAt(wib('01:10'))).circles('a')).toEqual(['b']);
    expect(verdictsOf([dependent(), upstream()], judgeAt(wib('01:10'))).circles('payroll')).toEqual([]);
  });
});

test('an assertion on a result says what was found', () => {
  const results = [
    { path: 'a.b', at_least: 2 },
    { path: 'a.b', at_most: 0 },
    { path: 'state', equals: 'ok' },
    { path: '__proto__.x', equals: 1 },
  ];
  expect(unmetOf(expectation({ results }), '{"a":{"b":1},"state":"bad"}')).toEqual([
    'a.b is 1, not at least 2',
    'a.b is 1, not at most 0',
    'state is "bad", not "ok"',
    '__proto__.x is not there, not 1',
  ]);
});
