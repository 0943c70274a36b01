import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createClock } from '../../src/clock.ts';
import { extendCoverage, judgedUpTo, type Coverage, type LivingRole } from '../../src/night/coverage.ts';

const hour = 3_600_000;
const at = (time: string): number => Date.parse(`2026-11-24T${time}Z`);

function one(role: LivingRole['role'], since: string, seenAt: string): LivingRole {
  return { role, since: at(since), seenAt: at(seenAt) };
}

/** A look at a time, on a real clock. */
function look(previous: Coverage | null, now: string, ...living: LivingRole[]): Coverage | null {
  return extendCoverage(previous, living, { now: at(now), fromReal: (instant) => instant });
}

/** An hour of hearing that was seen last at 02:00:00. */
const heard: Coverage = { since: at('01:00:00'), until: at('02:00:00'), gaps: [] };
const consumer = one('consumer', '01:00:00', '02:10:00');

describe('the first start', () => {
  test('covers the time since the later of an ingress and a consumer began, without a gap', () => {
    const living = [one('ingress', '01:00:00', '01:00:10'), one('consumer', '01:00:04', '01:00:09')];
    expect(look(null, '01:00:11', ...living)).toEqual({
      since: at('01:00:04'),
      until: at('01:00:09'),
      gaps: [],
    });
  });

  test('covers the time since the oldest of several of a role', () => {
    const living = [
      one('ingress', '01:00:00', '01:00:10'),
      one('consumer', '01:00:09', '01:00:09'),
      one('consumer', '01:00:03', '01:00:08'),
    ];
    expect(look(null, '01:00:11', ...living)).toEqual({
      since: at('01:00:03'),
      until: at('01:00:09'),
      gaps: [],
    });
  });

  test.each([
    ['nobody', []],
    ['an ingress alone', [one('ingress', '01:00:00', '01:00:05')]],
    ['a consumer alone', [one('consumer', '01:00:00', '01:00:05')]],
    ['those who do not hear', [one('slack', '01:00:00', '01:00:05'), one('ingress', '01:00:00', '01:00:05')]],
  ])('has not happened with %s', (_who, living) => {
    expect(look(null, '01:00:06', ...living)).toBeNull();
  });
});

describe('hearing', () => {
  test('goes on up to where both roles were seen', () => {
    const living = [one('ingress', '01:00:00', '02:00:07'), one('consumer', '01:00:00', '02:00:04')];
    expect(look(heard, '02:00:08', ...living)).toEqual({ ...heard, until: at('02:00:04') });
  });

  test('goes on over the time in which the watch itself was away', () => {
    const living = [one('ingress', '01:59:00', '05:00:00'), one('consumer', '02:00:15', '05:00:00')];
    expect(look(heard, '05:00:01', ...living)).toEqual({ ...heard, until: at('05:00:00') });
  });

  test.each([
    ['02:00:15.000', heard.since, []],
    ['02:00:15.001', at('02:00:15.001'), [{ from: at('02:00:00'), to: at('02:00:15.001') }]],
  ])('known until 02:00:00 is hearing since %s', (began, since, gaps) => {
    expect(look(heard, '02:10:01', consumer, one('ingress', began, '02:10:00'))).toEqual({
      since,
      until: at('02:10:00'),
      gaps,
    });
  });

  test('breaks when either role was missing', () => {
    const ingress = one('ingress', '01:00:00', '02:10:00');
    expect(look(heard, '02:10:01', ingress, one('consumer', '02:05:00', '02:10:00'))).toEqual({
      since: at('02:05:00'),
      until: at('02:10:00'),
      gaps: [{ from: at('02:00:00'), to: at('02:05:00') }],
    });
  });

  test('does not break when one of two goes', () => {
    const living = [one('ingress', '02:09:00', '02:10:00'), one('ingress', '01:30:00', '02:09:50'), consumer];
    expect(look(heard, '02:10:01', ...living)).toEqual({ ...heard, until: at('02:10:00') });
  });

  test('stays where it was known while a role is missing, and the gap counts from there', () => {
    const missing = look(heard, '02:10:01', consumer);
    expect(missing).toEqual(heard);
    const back = look(missing, '02:20:06', one('ingress', '02:20:00', '02:20:05'), {
      ...consumer,
      seenAt: at('02:20:04'),
    });
    expect(back).toEqual({
      since: at('02:20:00'),
      until: at('02:20:04'),
      gaps: [{ from: at('02:00:00'), to: at('02:20:00') }],
    });
  });

  test('is never known for less than before, or for what lies ahead', () => {
    const late = [one('ingress', '01:00:00', '01:59:50'), one('consumer', '01:00:00', '01:59:50')];
    expect(look(heard, '02:00:01', ...late)).toEqual(heard);
    const ahead = [one('ingress', '01:00:00', '02:00:40'), one('consumer', '01:00:00', '02:00:40')];
    expect(look(heard, '02:00:01', ...ahead)).toEqual({ ...heard, until: at('02:00:01') });
  });

  test('starts anew, without a gap, where the clock stands before what was kept', () => {
    const living = [one('ingress', '00:10:00', '00:20:00'), one('consumer', '00:10:00', '00:20:00')];
    expect(look(heard, '00:20:01', ...living)).toEqual({
      since: at('00:10:00'),
      until: at('00:20:00'),
      gaps: [],
    });
  });

  test('allows for 15 s of real time on a fast clock', () => {
    const origin = at('02:00:00');
    const { fromReal } = createClock({ start: at('17:00:00'), speed: 240, origin });
    const previous = { since: at('17:00:00'), until: at('18:00:00'), gaps: [] };
    const living = (began: number): LivingRole[] => [
      { role: 'ingress', since: origin, seenAt: origin + 60_000 },
      { role: 'consumer', since: began, seenAt: origin + 60_000 },
    ];
    const reading = { now: fromReal(origin + 61_000), fromReal };
    // 18:00 on the fast clock is 15 s after its origin.
    expect(extendCoverage(previous, living(origin + 30_000), reading)).toEqual({
      ...previous,
      until: at('21:00:00'),
    });
    expect(extendCoverage(previous, living(origin + 31_000), reading)).toEqual({
      since: at('19:04:00'),
      until: at('21:00:00'),
      gaps: [{ from: at('18:00:00'), to: at('19:04:00') }],
    });
  });
});

describe('gaps', () => {
  test('are forgotten after 48 hours', () => {
    const end = at('02:00:01') - 48 * hour;
    const gaps = [
      { from: end - hour, to: end },
      { from: end, to: end + 1 },
    ];
    const living = [one('ingress', '01:00:00', '02:00:00'), one('consumer', '01:00:00', '02:00:00')];
    expect(look({ ...heard, gaps }, '02:00:01', ...living)?.gaps).toEqual([{ from: end, to: end + 1 }]);
    expect(look({ ...heard, gaps }, '02:00:01')?.gaps).toEqual([{ from: end, to: end + 1 }]);
  });

  test('are at most twenty, the newest', () => {
    const gaps = Array.from({ length: 20 }, (_, index) => ({
      from: at('01:00:00') + index * 60_000,
      to: at('01:00:30') + index * 60_000,
    }));
    const next = look({ ...heard, gaps }, '02:10:01', consumer, one('ingress', '02:05:00', '02:10:00'));
    expect(next?.gaps).toHaveLength(20);
    expect(next?.gaps[0]).toEqual({ from: at('01:01:00'), to: at('01:01:30') });
    expect(next?.gaps.at(-1)).toEqual({ from: at('02:00:00'), to: at('02:05:00') });
  });

  test('lie apart, in order, before a hearing that always had both roles within 15 s, whoever comes and goes', () => {
    const seconds = fc.integer({ min: 0, max: 200 });
    const spans = fc.array(
      fc.record({ role: fc.constantFrom('ingress', 'consumer', 'slack'), since: seconds, length: seconds }),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(spans, fc.uniqueArray(seconds, { maxLength: 12 }), (spans, looks) => {
        let coverage: Coverage | null = null;
        for (const now of looks.sort((a, b) => a - b)) {
          // Beats every 5 s from the start to the end of each, believed for 15 s.
          const living = spans.flatMap(({ role, since, length }) => {
            const beats = Math.floor((Math.min(now, since + length) - since) / 5);
            const seenAt = since + beats * 5;
            return beats >= 0 && seenAt > now - 15
              ? [{ role, since: since * 1_000, seenAt: seenAt * 1_000 }]
              : [];
          });
          const next: Coverage | null = extendCoverage(coverage, living, {
            now: now * 1_000,
            fromReal: (real) => real,
          });
          if (coverage !== null) {
            expect(next?.until).toBeGreaterThanOrEqual(coverage.until);
            expect(next?.gaps.slice(0, coverage.gaps.length)).toEqual(coverage.gaps);
          }
          coverage = next;
        }
        if (coverage === null) return;
        const { since, until, gaps } = coverage;
        const edges = [...gaps.flatMap(({ from, to }) => [from, to]), since, until];
        expect(edges).toEqual(edges.toSorted((a, b) => a - b));
        expect(gaps.every(({ from, to }) => to - from > 15_000)).toBe(true);
        for (let second = since / 1_000; second <= until / 1_000; second += 1) {
          const there = spans.filter(
            ({ since, length }) => since - 15 <= second && second <= since + length + 15,
          );
          expect(there.map(({ role }) => role)).toEqual(expect.arrayContaining(['ingress', 'consumer']));
        }
      }),
      { numRuns: 500 },
    );
  });
});

test.each([
  [null, heard, null],
  [at('01:30:00'), null, null],
  [at('01:30:00'), heard, at('01:30:00')],
  [at('02:30:00'), heard, at('02:00:00')],
])('with a watermark of %s stale is judged no further than is covered', (watermark, coverage, expected) => {
  expect(judgedUpTo(watermark, coverage)).toBe(expected);
});
