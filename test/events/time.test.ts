import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { msOf, parseTime, utc } from '../../src/events/time.ts';

describe('a time is read as', () => {
  test.each([
    ['UTC', '2026-11-23T17:30:00Z', '2026-11-23T17:30:00.000Z'],
    ['UTC with milliseconds', '2026-11-23T17:30:00.250Z', '2026-11-23T17:30:00.250Z'],
    ['minutes without seconds', '2026-11-23T17:30Z', '2026-11-23T17:30:00.000Z'],
    ['tenths of a second', '2026-11-23T17:30:00.5Z', '2026-11-23T17:30:00.500Z'],
    ['a decimal comma', '2026-11-23T17:30:00,5Z', '2026-11-23T17:30:00.500Z'],
    ['microseconds, which are cut', '2026-11-23T17:30:00.123999Z', '2026-11-23T17:30:00.123Z'],
    ['nanoseconds, which are never rounded up', '2026-11-23T23:59:59.999999999Z', '2026-11-23T23:59:59.999Z'],
    ['Jakarta', '2026-11-24T00:30:00+07:00', '2026-11-23T17:30:00.000Z'],
    ['an offset without colon', '2026-11-24T00:30:00+0700', '2026-11-23T17:30:00.000Z'],
    ['an offset of half hours', '2026-11-23T23:00:00+05:30', '2026-11-23T17:30:00.000Z'],
    ['a negative offset over the end of a year', '2026-12-31T22:00:00-03:00', '2027-01-01T01:00:00.000Z'],
    ['an offset of zero', '2026-11-23T17:30:00+00:00', '2026-11-23T17:30:00.000Z'],
    ['the greatest offset', '2026-11-24T17:29:00+23:59', '2026-11-23T17:30:00.000Z'],
    ['29 February of a leap year', '2028-02-29T12:00:00Z', '2028-02-29T12:00:00.000Z'],
    ['29 February of 2000', '2000-02-29T12:00:00Z', '2000-02-29T12:00:00.000Z'],
    ['the first instant that sorts as text', '0000-01-01T00:00:00Z', '0000-01-01T00:00:00.000Z'],
    ['the last instant that sorts as text', '9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
    ['a year past 9999 that is none in UTC', '9999-12-31T23:59:59.999+00:01', '9999-12-31T23:58:59.999Z'],
    ['a two-digit year as what it says', '0099-06-01T00:00:00Z', '0099-06-01T00:00:00.000Z'],
  ])('%s: %s', (_kind, text, time) => {
    expect(parseTime(text)).toBe(time);
  });
});

describe('a time is refused', () => {
  test.each([
    ['without an offset', '2026-11-23T17:30:00'],
    ['without a time', '2026-11-23'],
    ['with a blank for the T', '2026-11-23 17:30:00Z'],
    ['in lower case', '2026-11-23t17:30:00z'],
    ['with blanks around it', ' 2026-11-23T17:30:00Z'],
    ['with a line break behind it', '2026-11-23T17:30:00Z\n'],
    ['in the basic format', '20261123T173000Z'],
    ['as a number of seconds', '1795455000'],
    ['as another format', 'Mon, 23 Nov 2026 17:30:00 GMT'],
    ['on 29 February of no leap year', '2026-02-29T12:00:00Z'],
    ['on 29 February of 2100', '2100-02-29T12:00:00Z'],
    ['on 30 February', '2028-02-30T12:00:00Z'],
    ['on 31 April', '2026-04-31T12:00:00Z'],
    ['in month 13', '2026-13-01T12:00:00Z'],
    ['in month 0', '2026-00-01T12:00:00Z'],
    ['on day 0', '2026-11-00T12:00:00Z'],
    ['at 24:00', '2026-11-23T24:00:00Z'],
    ['in minute 60', '2026-11-23T17:60:00Z'],
    ['in a leap second', '2026-12-31T23:59:60Z'],
    ['with ten digits of a second', '2026-11-23T17:30:00.1234567890Z'],
    ['with a point and no digits', '2026-11-23T17:30:00.Z'],
    ['with an offset of 24 hours', '2026-11-23T17:30:00+24:00'],
    ['with 60 minutes of offset', '2026-11-23T17:30:00+07:60'],
    ['in year 10000 of UTC', '9999-12-31T23:59:59.999-00:01'],
    ['in a year before 0 of UTC', '0000-01-01T00:00:00+00:01'],
    ['with a year of five digits', '12026-11-23T17:30:00Z'],
    ['with an extended year', '+002026-11-23T17:30:00Z'],
    ['with digits that are not ASCII', '２０２６-11-23T17:30:00Z'],
    ['when it is empty', ''],
  ])('%s: %j', (_why, text) => {
    expect(parseTime(text)).toBeUndefined();
  });
});

test('a time that was read is read as itself again, and sorts as text as it does in time', () => {
  const instant = fc.integer({ min: -62_167_219_200_000, max: 253_402_300_799_999 });
  fc.assert(
    fc.property(instant, instant, (a, b) => {
      expect(parseTime(utc(a))).toBe(utc(a));
      expect(msOf(utc(a))).toBe(a);
      expect(utc(a) < utc(b)).toBe(a < b);
    }),
  );
});

test('any offset names the same instant as UTC', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 4_102_444_800_000 }),
      fc.constantFrom('+', '-'),
      fc.integer({ min: 0, max: 23 }),
      fc.integer({ min: 0, max: 59 }),
      fc.constantFrom(':', ''),
      (ms, sign, hours, minutes, colon) => {
        const shift = (hours * 60 + minutes) * 60_000 * (sign === '+' ? 1 : -1);
        const local = utc(ms + shift).slice(0, -1);
        const offset = `${sign}${String(hours).padStart(2, '0')}${colon}${String(minutes).padStart(2, '0')}`;
        expect(parseTime(`${local}${offset}`)).toBe(utc(ms));
      },
    ),
  );
});
