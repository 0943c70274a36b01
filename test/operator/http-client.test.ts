import { expect, test } from '@jest/globals';
import { retryAfterMs } from '../../src/operator/http-client.ts';
import { start } from './simulate/night.ts';

test.each([
  ['7', 7_000],
  ['0', 0],
  ['Mon, 23 Nov 2026 17:00:30 GMT', 30_000],
  ['Mon, 23 Nov 2026 16:00:00 GMT', 0],
  ['999999999', 3_600_000],
  ['soon', undefined],
  [null, undefined],
])('a Retry-After of %p is waited for %p ms', (header, ms) => {
  expect(retryAfterMs(header, start)).toBe(ms);
});
