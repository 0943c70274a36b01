import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { admit } from '../../../src/ingress/rate-limit/rolling-window.ts';
import { mostWithin } from './accepted.ts';

const windowMs = 60_000;
const start = 1_795_000_000_000;

/** Instants of arrival, in order: bursts, trickles and steps that land on a window's edge. */
const arrivals = fc
  .array(
    fc.oneof(
      fc.constantFrom(0, 1, 59_999, 60_000, 60_001),
      fc.integer({ min: 0, max: 300 }),
      fc.integer({ min: 0, max: 30_000 }),
    ),
    { maxLength: 120 },
  )
  .map((steps) => {
    let now = start;
    return steps.map((step) => (now += step));
  });
const limits = fc.integer({ min: 1, max: 12 });

function run(times: readonly number[], limit: number) {
  const accepted: number[] = [];
  const refused: { at: number; resetAt: number }[] = [];
  let hits: readonly number[] = [];
  for (const now of times) {
    const step = admit(hits, now, limit, windowMs);
    hits = step.hits;
    if (step.admitted) accepted.push(now);
    else refused.push({ at: now, resetAt: step.resetAt });
  }
  return { accepted, refused, hits };
}

describe('the rolling window', () => {
  test('never admits more than the limit in any interval of 60 s', () => {
    fc.assert(
      fc.property(arrivals, limits, (times, limit) => {
        expect(mostWithin(windowMs, run(times, limit).accepted)).toBeLessThanOrEqual(limit);
      }),
    );
  });

  test('refuses only when the limit is used up by the last 60 s', () => {
    fc.assert(
      fc.property(arrivals, limits, (times, limit) => {
        const { accepted, refused } = run(times, limit);
        for (const { at } of refused) {
          expect(accepted.filter((hit) => hit <= at && hit > at - windowMs)).toHaveLength(limit);
        }
      }),
    );
  });

  test('admits at the time a refusal names, and not a millisecond before', () => {
    fc.assert(
      fc.property(arrivals, limits, (times, limit) => {
        const { hits } = run(times, limit);
        const { admitted, resetAt } = admit(hits, times.at(-1) ?? start, limit, windowMs);
        if (admitted) return;
        expect(admit(hits, resetAt - 1, limit, windowMs).admitted).toBe(false);
        expect(admit(hits, resetAt, limit, windowMs).admitted).toBe(true);
      }),
    );
  });

  test('remembers no more than the limit, in order', () => {
    fc.assert(
      fc.property(arrivals, limits, (times, limit) => {
        const { hits } = run(times, limit);
        expect(hits.length).toBeLessThanOrEqual(limit);
        expect(hits).toEqual(hits.toSorted((a, b) => a - b));
      }),
    );
  });

  test('counts every hit, and blocks for no longer than a window, after the clock was set back', () => {
    const unsteady = fc.array(fc.integer({ min: 0, max: 300_000 }), { maxLength: 60 });
    fc.assert(
      fc.property(unsteady, limits, (offsets, limit) => {
        const times = offsets.map((offset) => start + offset);
        const { hits } = run(times, limit);
        const { totalHits, resetAt, admitted } = admit(hits, start - 1, limit, windowMs);
        expect(totalHits).toBe(hits.length + 1);
        expect(admitted).toBe(hits.length < limit);
        expect(resetAt).toBe(start - 1 + windowMs);
      }),
    );
  });

  test('holds a request exactly until its 60 s are over', () => {
    expect(admit([1_000], 60_999, 1, windowMs)).toEqual({
      hits: [1_000],
      admitted: false,
      totalHits: 2,
      resetAt: 61_000,
    });
    expect(admit([1_000], 61_000, 1, windowMs)).toEqual({
      hits: [61_000],
      admitted: true,
      totalHits: 1,
      resetAt: 121_000,
    });
  });

  test('names the time of the place that becomes free when the limit was lowered', () => {
    expect(admit([1_000, 2_000, 3_000], 4_000, 2, windowMs)).toEqual({
      hits: [1_000, 2_000, 3_000],
      admitted: false,
      totalHits: 4,
      resetAt: 62_000,
    });
  });

  test('takes a hit from the future as one of now', () => {
    expect(admit([5_000, 9_000_000], 10_000, 2, windowMs)).toEqual({
      hits: [5_000, 10_000],
      admitted: false,
      totalHits: 3,
      resetAt: 65_000,
    });
  });

  test('admits nothing at a limit of 0', () => {
    expect(admit([], 1_000, 0, windowMs)).toEqual({
      hits: [],
      admitted: false,
      totalHits: 1,
      resetAt: 61_000,
    });
  });
});
