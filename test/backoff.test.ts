import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { backoffMs, jitteredMs } from '../src/backoff.ts';

const policy = { firstMs: 1_000, maxMs: 300_000 };

test.each([
  [0, 1_000],
  [1, 1_000],
  [2, 2_000],
  [3, 4_000],
  [9, 256_000],
  [10, 300_000],
  [5_000, 300_000],
])('after try %i it is %i ms', (attempt, ms) => {
  expect(backoffMs(policy, attempt)).toBe(ms);
});

test('a random part is never negative and never longer than the whole', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 100 }), (attempt) => {
      const ms = jitteredMs(policy, attempt);
      expect(ms).toBeGreaterThanOrEqual(0);
      expect(ms).toBeLessThanOrEqual(backoffMs(policy, attempt));
    }),
  );
});
