import { describe, expect, test } from '@jest/globals';
import {
  longDate,
  momentOf,
  shortDate,
  shortMomentOf,
  timeOf,
  timeWithin,
  zonedTimeOf,
} from '../../../../src/transports/slack/render/format.ts';
import { night, wib, zone } from './samples.ts';

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
