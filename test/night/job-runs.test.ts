import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { jobRunsOf, slotOf } from '../../src/night/job-runs.ts';
import { entry, wib } from './expected.ts';

const brief = (entries: Parameters<typeof jobRunsOf>[0]) =>
  jobRunsOf(entries).map(({ run_id, startedAt, endedAt, status, abandoned }) => [
    run_id,
    startedAt - wib('00:00'),
    endedAt === null ? null : endedAt - wib('00:00'),
    `${status}${abandoned ? ' abandoned' : ''}`,
  ]);
const minute = (n: number) => n * 60_000;
const m = (n: number) => wib('00:00') + minute(n);

describe('without ids', () => {
  test('a run lies between a beginning and its end', () => {
    expect(
      brief([
        entry('completed', m(5)),
        entry('running', m(1)),
        entry('running', m(9)),
        entry('failed', m(12)),
      ]),
    ).toEqual([
      [null, minute(1), minute(5), 'completed'],
      [null, minute(9), minute(12), 'failed'],
    ]);
  });

  test('an end alone began as long before as it took, but not before the end before it, nor 12 h back', () => {
    expect(brief([entry('completed', m(60), { execution_time_ms: minute(20) })])).toEqual([
      [null, minute(40), minute(60), 'completed'],
    ]);
    expect(
      brief([entry('completed', m(50)), entry('completed', m(60), { execution_time_ms: minute(20) })]).at(-1),
    ).toEqual([null, minute(60), minute(60), 'completed']);
    expect(brief([entry('completed', m(60), { execution_time_ms: minute(720) })])).toEqual([
      [null, minute(60), minute(60), 'completed'],
    ]);
  });

  test('one that begins again leaves the one before abandoned', () => {
    expect(brief([entry('running', m(1)), entry('running', m(20)), entry('completed', m(30))])).toEqual([
      [null, minute(1), null, 'running abandoned'],
      [null, minute(20), minute(30), 'completed'],
    ]);
  });

  test('pending takes back what has just begun, and not what died the night before', () => {
    expect(brief([entry('running', m(1)), entry('pending', m(2))])).toEqual([]);
    expect(brief([entry('running', m(1)), entry('pending', m(1_440))])).toEqual([
      [null, minute(1), null, 'running abandoned'],
    ]);
  });
});

describe('with ids', () => {
  test('runs overlap, and do not end one another', () => {
    expect(
      brief([
        entry('running', m(1), { run_id: 'a' }),
        entry('running', m(2), { run_id: 'b' }),
        entry('completed', m(3), { run_id: 'a' }),
        entry('failed', m(9), { run_id: 'b' }),
      ]),
    ).toEqual([
      ['a', minute(1), minute(3), 'completed'],
      ['b', minute(2), minute(9), 'failed'],
    ]);
  });

  test('an end without an id ends the run that began last', () => {
    expect(
      brief([
        entry('running', m(1), { run_id: 'a' }),
        entry('running', m(2), { run_id: 'b' }),
        entry('completed', m(3)),
      ]),
    ).toEqual([
      ['a', minute(1), null, 'running'],
      ['b', minute(2), minute(3), 'completed'],
    ]);
  });

  test('a try after a failure is the same run; 12 h later it is another', () => {
    const tries = [entry('running', m(1), { run_id: 'a' }), entry('failed', m(2), { run_id: 'a' })];
    expect(
      brief([...tries, entry('running', m(3), { run_id: 'a' }), entry('completed', m(9), { run_id: 'a' })]),
    ).toEqual([['a', minute(1), minute(9), 'completed']]);
    expect(brief([...tries, entry('completed', m(722), { run_id: 'a' })])).toHaveLength(2);
  });
});

const anyEntry = fc
  .record({
    status: fc.constantFrom('pending' as const, 'running' as const, 'completed' as const, 'failed' as const),
    at: fc.integer({ min: 0, max: 3_000 }),
    run_id: fc.constantFrom(null, 'a', 'b'),
    took: fc.option(fc.integer({ min: 0, max: 1_000 }), { nil: null }),
  })
  .map(({ status, at, run_id, took }) =>
    entry(status, m(at), { run_id, execution_time_ms: took === null ? null : minute(took) }),
  );

test('order and number of the entries never matter', () => {
  fc.assert(
    fc.property(fc.array(anyEntry, { maxLength: 12 }), fc.array(fc.nat(11)), (entries, again) => {
      const doubled = [...entries, ...again.flatMap((n) => entries[n] ?? [])].toReversed();
      expect(jobRunsOf(doubled)).toEqual(jobRunsOf(entries));
    }),
  );
});

test('every end is in exactly one run, and runs have ends after their beginnings', () => {
  fc.assert(
    fc.property(fc.array(anyEntry, { maxLength: 12 }), (entries) => {
      for (const { startedAt, endedAt } of jobRunsOf(entries))
        if (endedAt !== null) expect(endedAt).toBeGreaterThanOrEqual(startedAt);
    }),
  );
});

describe('the slot of a run', () => {
  const slots = [
    { at: wib('01:00'), businessDate: '2026-11-23' },
    { at: wib('01:20'), businessDate: '2026-11-23' },
    { at: wib('01:00', '2026-11-24'), businessDate: '2026-11-24' },
  ];
  const of = (time: string, businessDate: string | null = null, date?: string) =>
    slotOf({ startedAt: wib(time, date), businessDate }, slots)?.at;

  test.each([
    ['00:29:59', undefined],
    ['00:30', wib('01:00')],
    ['01:00', wib('01:00')],
    ['01:09:59', wib('01:00')],
    ['01:10', wib('01:20')],
    ['13:20', wib('01:20')],
    ['13:20:01', undefined],
  ])('that begins at %s', (time, slot) => {
    expect(of(time)).toBe(slot);
  });

  test('that names its day is of that day, whenever it runs; of several slots the nearest', () => {
    expect(of('03:00', '2026-11-23', '2026-11-24')).toBe(wib('01:20'));
    expect(of('00:50', '2026-11-23')).toBe(wib('01:00'));
    expect(of('01:00', '2026-11-20')).toBeUndefined();
  });
});
