import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { calendar } from '../../src/events/rules.ts';
import { slotsBetween } from '../../src/night/slots.ts';
import { expectation, expected, jakarta, timesOf, wib } from './expected.ts';

const week: [number, number] = [wib('00:00'), wib('00:00', '2026-11-30')];

test('a cron expression is due by the clock of its board, each day once', () => {
  const slots = slotsBetween(expected(), ...week);
  expect(timesOf(slots, 'Asia/Jakarta').slice(0, 2)).toEqual(['2026-11-23 01:00', '2026-11-24 01:00']);
  expect(slots).toHaveLength(7);
  expect(slots[0]).toMatchObject({
    date: '2026-11-23',
    businessDate: '2026-11-23',
    startBy: wib('01:15'),
    finishBy: null,
    missedAt: wib('13:00'),
    holiday: null,
    ruleIds: ['rule'],
  });
});

test('of times that come often, grace is half the gap, and the next slot says what is missed', () => {
  const [first] = slotsBetween(expected({ schedule: '*/15 * * * *' }), ...week);
  expect(first).toMatchObject({ startBy: wib('00:07:30'), missedAt: wib('00:15') });
});

test('a night is due at its start, and has the window to begin in', () => {
  const slots = slotsBetween(
    expected({ schedule: 'night' }, { board: { ...jakarta, window: '22:00-04:00' } }),
    ...week,
  );
  expect(slots[0]).toMatchObject({
    at: wib('22:00'),
    date: '2026-11-23',
    startBy: wib('04:00', '2026-11-24'),
  });
  expect(slots).toHaveLength(7);
});

test('a slot after midnight is of the night that it lies in; one of the day is of its own date', () => {
  const late = { ...jakarta, window: '22:00-04:00' };
  expect(slotsBetween(expected({}, { board: late }), ...week)[0]?.date).toBe('2026-11-22');
  expect(slotsBetween(expected({ schedule: '0 14 * * *' }, { board: late }), ...week)[0]?.date).toBe(
    '2026-11-23',
  );
});

test('finish_by is the next such time after the slot, in its own zone', () => {
  const ends = (finish_by: string, timezone?: string) =>
    slotsBetween(
      expected({ schedule: '0 23 * * *', finish_by, ...(timezone === undefined ? {} : { timezone }) }),
      ...week,
    )[0];
  expect(ends('23:30')?.finishBy).toBe(wib('23:30'));
  expect(ends('05:30')?.finishBy).toBe(wib('05:30', '2026-11-24'));
  expect(ends('05:30', 'UTC')).toMatchObject({ at: wib('06:00'), finishBy: wib('12:30') });
});

test('each slot is judged by what was in force at its instant', () => {
  const changed = expected(
    {},
    {
      expectations: [
        { at: 0, id: 'a', value: expectation() },
        { at: wib('12:00'), id: 'b', value: expectation({ schedule: '0 2 * * *' }) },
        { at: wib('12:00', '2026-11-25'), id: 'c', value: null },
      ],
    },
  );
  const slots = slotsBetween(changed, ...week);
  expect(timesOf(slots, 'Asia/Jakarta')).toEqual([
    '2026-11-23 01:00',
    '2026-11-24 02:00',
    '2026-11-25 02:00',
  ]);
  expect(slots.map(({ ruleIds }) => ruleIds)).toEqual([['a'], ['b'], ['b']]);
});

describe('clocks that change', () => {
  const board = { zone: 'Europe/Berlin', window: '00:00-06:00' };
  const days = (from: string): [number, number] => [
    Date.parse(`${from}T00:00Z`) - 7_200_000,
    Date.parse(`${from}T22:00Z`),
  ];

  test('a time that is skipped is as long after the change', () => {
    const slots = slotsBetween(expected({ schedule: '30 2 * * *' }, { board }), ...days('2026-03-29'));
    expect(timesOf(slots, board.zone)).toEqual(['2026-03-29 03:30']);
  });

  test('two that fall together are one', () => {
    const slots = slotsBetween(expected({ schedule: '0 2,3 * * *' }, { board }), ...days('2026-03-29'));
    expect(timesOf(slots, board.zone)).toEqual(['2026-03-29 03:00']);
  });

  test('a time that occurs twice counts once, the first', () => {
    const slots = slotsBetween(expected({ schedule: '30 2 * * *' }, { board }), ...days('2026-10-25'));
    expect(slots.map(({ at }) => new Date(at).toISOString())).toEqual(['2026-10-25T00:30:00.000Z']);
  });

  test.each([
    'Europe/Berlin',
    'America/New_York',
    'Australia/Lord_Howe',
    'America/Santiago',
    'Africa/Casablanca',
  ])('over three years each date of %s has its slot once', (zone) => {
    const slots = slotsBetween(
      expected({ schedule: '30 2 * * *' }, { board: { zone, window: '00:00-06:00' } }),
      Date.parse('2026-01-02T00:00Z'),
      Date.parse('2029-01-02T00:00Z'),
    );
    expect(slots).toHaveLength(1_096);
    expect(new Set(slots.map(({ date }) => date)).size).toBe(1_096);
  });
});

describe('the business days of Indonesia, over three years', () => {
  const file = z.object({ calendars: z.object({ indonesia: calendar }) });
  const { indonesia } = file.parse(JSON.parse(readFileSync('examples/indonesia.json', 'utf8'))).calendars;
  const calendars = () => [{ at: 0, id: 'calendar', value: indonesia }];
  const three: [number, number] = [wib('00:00', '2025-01-01'), wib('00:00', '2028-01-01')];
  const slots = (days: 'all' | 'business' | 'month-start' | 'month-end', more = {}) =>
    slotsBetween(expected({ days, calendar: 'indonesia', ...more }, { calendars }), ...three);

  test('a holiday is expected, and excused by its name; a weekend is not expected', () => {
    const business = slots('business');
    expect(business.some(({ date }) => date === '2026-08-15')).toBe(false);
    expect(business.find(({ date }) => date === '2026-08-17')?.holiday).toMatch(/Independence/);
    expect(business.filter(({ holiday }) => holiday !== null).map(({ date }) => date)).toContain(
      '2026-12-25',
    );
    expect(slots('all')).toHaveLength(1_095);
  });

  test('a month begins and ends with a business day, once', () => {
    for (const days of ['month-start', 'month-end'] as const) {
      const found = slots(days);
      expect(found).toHaveLength(36);
      expect(new Set(found.map(({ date }) => date.slice(0, 7))).size).toBe(36);
      expect(found.filter(({ holiday }) => holiday !== null)).toEqual([]);
    }
    expect(slots('month-end').find(({ date }) => date.startsWith('2026-05'))?.date).toBe('2026-05-29');
    expect(slots('month-start').find(({ date }) => date.startsWith('2026-01'))?.date).toBe('2026-01-02');
  });

  test('runs carry the date of the business day before, where a bank dates so', () => {
    const found = slots('business', { business_date: 'previous' });
    expect(found.find(({ date }) => date === '2026-08-18')?.businessDate).toBe('2026-08-14');
    expect(found.find(({ date }) => date === '2026-11-24')?.businessDate).toBe('2026-11-23');
  });
});

test('a long calendar is looked through once for a day, not for each of its slots', () => {
  const mondays = Array.from({ length: 1_000 }, (_, n) => wib('12:00', '2026-12-07') - n * 7 * 86_400_000);
  const holidays = mondays.map((at) => ({ date: new Date(at).toISOString().slice(0, 10) }));
  let asked = 0;
  const long = {
    ...{
      weekend: [
        'tue' as const,
        'wed' as const,
        'thu' as const,
        'fri' as const,
        'sat' as const,
        'sun' as const,
      ],
    },
    workdays: [],
    get holidays() {
      asked += 1;
      return holidays;
    },
  };
  const calendars = () => [{ at: 0, id: 'calendar', value: long }];
  const often = expected(
    { schedule: '*/15 * * * *', business_date: 'previous', calendar: 'long' },
    { calendars },
  );
  const slots = slotsBetween(often, wib('00:00'), wib('24:00'));
  expect(slots).toHaveLength(96);
  expect(asked).toBeLessThan(2_000);
});
