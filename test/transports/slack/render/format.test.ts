import { describe, expect, test } from '@jest/globals';
import {
  durationText,
  longDate,
  momentOf,
  shortDate,
  shortMomentOf,
  timeOf,
  timeWithin,
  zonedTimeOf,
} from '../../../../src/transports/slack/render/format.ts';
import { night, wib, zone } from './samples.ts';

describe('a duration', () => {
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
  ])('of %d ms reads %s', (ms, text) => {
    expect(durationText(ms)).toBe(text);
  });
});

describe('a time', () => {
  test.each([
    ['Asia/Jakarta', '02:00 WIB'],
    ['Asia/Pontianak', '02:00 WIB'],
    ['Asia/Makassar', '03:00 WITA'],
    ['Asia/Jayapura', '04:00 WIT'],
    ['America/New_York', '14:00 EST'],
    ['Asia/Kathmandu', '00:45 GMT+5:45'],
    ['UTC', '19:00 UTC'],
  ])('in %s is local, with the short name of its zone', (zone, text) => {
    expect(zonedTimeOf(wib('02:00'), zone)).toBe(text);
  });

  test('of 23:59:59 is not yet the next minute', () => {
    expect(timeOf(wib('23:59:59'), zone)).toBe('23:59');
  });

  test('of today stands alone, one of another local day has its date', () => {
    const now = wib('00:00');
    expect(momentOf(wib('23:59:59'), now, zone)).toBe('23:59 WIB');
    expect(momentOf(wib('23:59:59', '2026-11-22'), now, zone)).toBe('22 November 2026, 23:59 WIB');
  });

  test('of the 24 hours from the night’s start on stands alone, an earlier or later one has its date', () => {
    const within = (at: number): string => timeWithin(at, night.start, zone);
    expect(within(wib('00:00'))).toBe('00:00');
    expect(within(wib('23:59:59'))).toBe('23:59');
    expect(within(wib('23:59:59', '2026-11-22'))).toBe('22 Nov 23:59');
    expect(within(wib('00:00', '2026-11-24'))).toBe('24 Nov 00:00');
  });

  test('of a list has its day', () => {
    expect(shortMomentOf(wib('02:14'), zone)).toBe('23 Nov 02:14');
  });
});

test('a date is written out in English', () => {
  expect(longDate('2026-11-23')).toBe('Monday 23 November 2026');
  expect(shortDate('2027-01-01')).toBe('1 January 2027');
});
