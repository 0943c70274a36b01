import { expect, test } from '@jest/globals';
import { durationText, parseDuration } from '../src/duration.ts';

const day = 86_400_000;

test.each([
  [0, 'under 1 s'],
  [999, 'under 1 s'],
  [1_000, '1 s'],
  [48_999, '48 s'],
  [59_999, '59 s'],
  [60_000, '1 min'],
  [35 * 60_000 + 59_999, '35 min'],
  [3_599_999, '59 min'],
  [3_600_000, '1 h 00 min'],
  [7_500_000, '2 h 05 min'],
  [86_399_999, '23 h 59 min'],
  [86_400_000, '1 d 00 h'],
  [273_600_000, '3 d 04 h'],
  [1e15, '11574074 d 01 h'],
  [-5_000, 'under 1 s'],
  [Number.NaN, 'under 1 s'],
])('a duration of %d ms reads %s', (ms, text) => {
  expect(durationText(ms)).toBe(text);
});

test.each([
  ['0m', 0],
  ['5s', 5_000],
  ['90m', 5_400_000],
  ['30min', 1_800_000],
  ['24h', day],
  ['1h30m', 5_400_000],
  ['1h30min15s', 5_415_000],
  ['7d', 7 * day],
  ['2w', 14 * day],
  ['3650d', 3_650 * day],
  ['3651d', undefined],
  ['99999999w', undefined],
  ['1.5h', undefined],
  ['1 h', undefined],
  ['-1h', undefined],
  ['7D', undefined],
  ['1y', undefined],
  ['90', undefined],
  ['h', undefined],
  ['', undefined],
])('%j is %p ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test('how long a duration may be is for the reader to say', () => {
  expect(parseDuration('61m', 3_600_000)).toBeUndefined();
  expect(parseDuration('60m', 3_600_000)).toBe(3_600_000);
  expect(parseDuration('99999d', Infinity)).toBe(99_999 * day);
});
