import { expect, test } from '@jest/globals';
import { retryAfterMs } from '../../../src/job/reports/http-client.ts';
import { start } from '../../simulate/night.ts';

test.each([
  ['7', 7_000],
  ['0', 0],
  ['Mon, 23 Nov 2026 17:00:30 GMT', 30_000],
  ['Mon, 23 Nov 2026 16:00:00 GMT', 0],
  ['999999999', 3_600_000],
  ['0.5', undefined],
  ['-1', undefined],
  ['1e3', undefined],
  ['soon', undefined],
  ['Monday, 23-Nov-26 17:00:30 GMT', 30_000],
  ['Mon Nov 23 17:00:30 2026 GMT', 30_000],
  [null, undefined],
])('a Retry-After of %p is waited for %p ms', (header, ms) => {
  expect(retryAfterMs(header, start)).toBe(ms);
});
