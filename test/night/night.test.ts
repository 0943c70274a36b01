import { afterEach, describe, expect, test } from '@jest/globals';
import { Settings } from 'luxon';
import { nightOf } from '../../src/night/night.ts';

const jakarta = { zone: 'Asia/Jakarta', window: '00:00-06:00' };
const lateJakarta = { zone: 'Asia/Jakarta', window: '22:00-04:00' };
const newYork = { zone: 'America/New_York', window: '22:00-04:00' };

function night(time: string, window: { zone: string; window: string }): string {
  return nightOf(Date.parse(time), window);
}

describe('a night that starts at midnight in Jakarta', () => {
  test.each([
    ['2026-11-23T23:59:59.999+07:00', '2026-11-23'],
    ['2026-11-24T00:00:00.000+07:00', '2026-11-24'],
    ['2026-11-24T05:59:59.999+07:00', '2026-11-24'],
    ['2026-11-24T06:00:00.000+07:00', '2026-11-24'],
    ['2026-11-24T15:00:00.000+07:00', '2026-11-24'],
  ])('%s belongs to that of %s', (time, date) => {
    expect(night(time, jakarta)).toBe(date);
  });

  test.each([
    ['2026-12-31T16:59:59.999Z', '2026-12-31'],
    ['2026-12-31T17:00:00.000Z', '2027-01-01'],
    ['2028-02-28T17:00:00.000Z', '2028-02-29'],
    ['2028-02-29T17:00:00.000Z', '2028-03-01'],
  ])('%s lies over the end of a year or a month, in %s', (time, date) => {
    expect(night(time, jakarta)).toBe(date);
  });
});

describe('a night across midnight in Jakarta', () => {
  test.each([
    ['2026-11-23T21:59:59.999+07:00', '2026-11-22'],
    ['2026-11-23T22:00:00.000+07:00', '2026-11-23'],
    ['2026-11-23T23:59:59.999+07:00', '2026-11-23'],
    ['2026-11-24T00:00:00.000+07:00', '2026-11-23'],
    ['2026-11-24T01:00:00.000+07:00', '2026-11-23'],
    ['2026-11-24T04:00:00.000+07:00', '2026-11-23'],
    ['2026-11-24T15:00:00.000+07:00', '2026-11-23'],
    ['2026-11-24T21:59:59.999+07:00', '2026-11-23'],
    ['2026-11-24T22:00:00.000+07:00', '2026-11-24'],
    ['2027-01-01T01:00:00.000+07:00', '2026-12-31'],
    ['2028-03-01T00:30:00.000+07:00', '2028-02-29'],
  ])('%s belongs to that of %s', (time, date) => {
    expect(night(time, lateJakarta)).toBe(date);
  });
});

describe('a night across midnight in New York', () => {
  test.each([
    // Clocks go forward on 2026-03-08 at 02:00 EST (07:00Z): 22:00 is 03:00Z before and 02:00Z after.
    ['the start in winter', '2026-03-08T02:59:59.999Z', '2026-03-06'],
    ['the start in winter', '2026-03-08T03:00:00.000Z', '2026-03-07'],
    ['the hour that is skipped', '2026-03-08T06:59:59.999Z', '2026-03-07'],
    ['the hour that is skipped', '2026-03-08T07:00:00.000Z', '2026-03-07'],
    ['the end, an hour early', '2026-03-08T08:00:00.000Z', '2026-03-07'],
    ['the first start in summer', '2026-03-09T01:59:59.999Z', '2026-03-07'],
    ['the first start in summer', '2026-03-09T02:00:00.000Z', '2026-03-08'],
    // Clocks go back on 2026-11-01 at 02:00 EDT (06:00Z): 22:00 is 02:00Z before and 03:00Z after.
    ['the last start in summer', '2026-11-01T01:59:59.999Z', '2026-10-30'],
    ['the last start in summer', '2026-11-01T02:00:00.000Z', '2026-10-31'],
    ['01:30 the first time', '2026-11-01T05:30:00.000Z', '2026-10-31'],
    ['01:30 the second time', '2026-11-01T06:30:00.000Z', '2026-10-31'],
    ['the end, an hour late', '2026-11-01T09:00:00.000Z', '2026-10-31'],
    ['the first start in winter', '2026-11-02T02:59:59.999Z', '2026-10-31'],
    ['the first start in winter', '2026-11-02T03:00:00.000Z', '2026-11-01'],
  ])('%s: %s belongs to that of %s', (_when, time, date) => {
    expect(night(time, newYork)).toBe(date);
  });
});

describe('a night whose start a clock change touches', () => {
  const window = '02:30-06:00';

  test('starts at 03:30 on the day that has no 02:30', () => {
    const zone = 'America/New_York';
    expect(night('2026-03-08T07:29:59.999Z', { zone, window })).toBe('2026-03-07');
    expect(night('2026-03-08T07:30:00.000Z', { zone, window })).toBe('2026-03-08');
  });

  test('starts at the first 01:30 on the day that has two', () => {
    const night130 = { zone: 'America/New_York', window: '01:30-06:00' };
    expect(night('2026-11-01T05:29:59.999Z', night130)).toBe('2026-10-31');
    expect(night('2026-11-01T05:30:00.000Z', night130)).toBe('2026-11-01');
    expect(night('2026-11-01T06:29:59.999Z', night130)).toBe('2026-11-01');
  });

  test('belongs to its own date in a zone where the day of the change has no midnight', () => {
    const santiago = { zone: 'America/Santiago', window: '00:00-06:00' };
    expect(night('2026-09-06T03:59:59.999Z', santiago)).toBe('2026-09-05');
    expect(night('2026-09-06T04:00:00.000Z', santiago)).toBe('2026-09-06');
  });
});

describe('the name of a night', () => {
  const { defaultLocale } = Settings;
  afterEach(() => {
    Settings.defaultLocale = defaultLocale;
  });

  test('is in ASCII digits whatever the language of the machine: it is a key', () => {
    Settings.defaultLocale = 'ar-EG';
    expect(night('2026-11-24T00:00:00.000+07:00', jakarta)).toBe('2026-11-24');
  });
});
