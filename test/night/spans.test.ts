import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  nightAt,
  nightOf,
  nightOn,
  previousNight,
  slotsOf,
  type NightWindow,
} from '../../src/night/night.ts';

const jakarta = { zone: 'Asia/Jakarta', window: '00:00-06:00' };
const lateJakarta = { zone: 'Asia/Jakarta', window: '22:00-04:00' };
const newYork = { zone: 'America/New_York', window: '22:00-04:00' };

function iso(instants: readonly number[]): string[] {
  return instants.map((at) => new Date(at).toISOString());
}

function span(date: string, window: NightWindow): string[] {
  const { start, end } = nightOn(date, window);
  return iso([start, end]);
}

function slots(date: string, window: NightWindow, updateMinutes = 60): string[] {
  return iso(slotsOf(nightOn(date, window), updateMinutes));
}

describe('the slots of a night', () => {
  test('are every hour of the window after its start, and its end', () => {
    expect(slots('2026-11-24', jakarta)).toEqual([
      '2026-11-23T18:00:00.000Z',
      '2026-11-23T19:00:00.000Z',
      '2026-11-23T20:00:00.000Z',
      '2026-11-23T21:00:00.000Z',
      '2026-11-23T22:00:00.000Z',
      '2026-11-23T23:00:00.000Z',
    ]);
  });

  test('are an hour fewer in the night in which New York loses an hour', () => {
    expect(span('2026-03-07', newYork)).toEqual(['2026-03-08T03:00:00.000Z', '2026-03-08T08:00:00.000Z']);
    expect(slots('2026-03-07', newYork)).toEqual([
      '2026-03-08T04:00:00.000Z',
      '2026-03-08T05:00:00.000Z',
      '2026-03-08T06:00:00.000Z',
      '2026-03-08T07:00:00.000Z',
      '2026-03-08T08:00:00.000Z',
    ]);
  });

  test('are an hour more in the night in which New York gains one', () => {
    expect(span('2026-10-31', newYork)).toEqual(['2026-11-01T02:00:00.000Z', '2026-11-01T09:00:00.000Z']);
    expect(slots('2026-10-31', newYork)).toEqual([
      '2026-11-01T03:00:00.000Z',
      '2026-11-01T04:00:00.000Z',
      '2026-11-01T05:00:00.000Z',
      '2026-11-01T06:00:00.000Z',
      '2026-11-01T07:00:00.000Z',
      '2026-11-01T08:00:00.000Z',
      '2026-11-01T09:00:00.000Z',
    ]);
  });

  test('go over the end of a year in Jakarta', () => {
    expect(span('2026-12-31', lateJakarta)).toEqual(['2026-12-31T15:00:00.000Z', '2026-12-31T21:00:00.000Z']);
    expect(slots('2026-12-31', lateJakarta, 120)).toEqual([
      '2026-12-31T17:00:00.000Z',
      '2026-12-31T19:00:00.000Z',
      '2026-12-31T21:00:00.000Z',
    ]);
    expect(slots('2027-01-01', jakarta, 180)).toEqual([
      '2026-12-31T20:00:00.000Z',
      '2026-12-31T23:00:00.000Z',
    ]);
  });

  test('end with a shorter step where the interval does not fit', () => {
    expect(slots('2026-11-24', { zone: 'Asia/Jakarta', window: '00:00-01:45' }, 50)).toEqual([
      '2026-11-23T17:50:00.000Z',
      '2026-11-23T18:40:00.000Z',
      '2026-11-23T18:45:00.000Z',
    ]);
  });

  test('are the end alone where the interval is as long as the window, or longer', () => {
    expect(slots('2026-11-24', jakarta, 360)).toEqual(['2026-11-23T23:00:00.000Z']);
    expect(slots('2026-11-24', jakarta, 1_440)).toEqual(['2026-11-23T23:00:00.000Z']);
  });

  test('are full hours after the start in Kathmandu, which is 5 h 45 min ahead', () => {
    expect(slots('2026-07-01', { zone: 'Asia/Kathmandu', window: '00:00-03:00' })).toEqual([
      '2026-06-30T19:15:00.000Z',
      '2026-06-30T20:15:00.000Z',
      '2026-06-30T21:15:00.000Z',
    ]);
  });
});

describe('the span of a night', () => {
  test.each([
    // Lord Howe's clocks change by half an hour at 02:00: back to 01:30 in April, on to 02:30 in October.
    [
      'starts at the first 01:45',
      '2026-04-05',
      'Australia/Lord_Howe',
      '01:45-05:00',
      '04-04T14:45',
      '04-04T18:30',
    ],
    [
      'starts half an hour late',
      '2026-10-04',
      'Australia/Lord_Howe',
      '02:15-05:00',
      '10-03T15:45',
      '10-03T18:00',
    ],
    // Havana shows the first hour of 1 November twice.
    [
      'starts at the first 00:30',
      '2026-11-01',
      'America/Havana',
      '00:30-06:00',
      '11-01T04:30',
      '11-01T11:00',
    ],
    ['ends at the first 00:30', '2026-10-31', 'America/Havana', '22:00-00:30', '11-01T02:00', '11-01T04:30'],
    // Santiago shows the last hour of 4 April twice, and no midnight on 6 September.
    [
      'starts at the first 23:30',
      '2026-04-04',
      'America/Santiago',
      '23:30-06:00',
      '04-05T02:30',
      '04-05T10:00',
    ],
    ['starts at 01:00', '2026-09-06', 'America/Santiago', '00:00-06:00', '09-06T04:00', '09-06T09:00'],
    // Nuuk shows no 23:00 to 24:00 on 28 March.
    ['starts on the next day', '2026-03-28', 'America/Nuuk', '23:30-04:00', '03-29T01:30', '03-29T05:00'],
    ['ends an hour late', '2026-03-08', 'America/New_York', '00:30-02:30', '03-08T05:30', '03-08T07:30'],
  ])('%s on %s in %s', (_what, date, zone, window, start, end) => {
    expect(span(date, { zone, window })).toEqual([`2026-${start}:00.000Z`, `2026-${end}:00.000Z`]);
  });

  test('is empty, with one slot, where a clock change swallows the window', () => {
    const swallowed = { zone: 'America/New_York', window: '02:30-03:10' };
    expect(span('2026-03-08', swallowed)).toEqual(['2026-03-08T07:30:00.000Z', '2026-03-08T07:30:00.000Z']);
    expect(slots('2026-03-08', swallowed)).toEqual(['2026-03-08T07:30:00.000Z']);
  });

  test('carries its window, zone and date', () => {
    expect(nightOn('2026-11-24', jakarta)).toEqual({
      zone: 'Asia/Jakarta',
      window: '00:00-06:00',
      date: '2026-11-24',
      start: Date.parse('2026-11-24T00:00:00+07:00'),
      end: Date.parse('2026-11-24T06:00:00+07:00'),
    });
  });
});

describe('the night of an instant', () => {
  test('is the one before until a start that was put past midnight', () => {
    const nuuk = { zone: 'America/Nuuk', window: '23:30-04:00' };
    expect(nightOf(Date.parse('2026-03-29T01:29:59.999Z'), nuuk)).toBe('2026-03-27');
    expect(nightOf(Date.parse('2026-03-29T01:30:00.000Z'), nuuk)).toBe('2026-03-28');
  });

  test('stays the same when clocks go back over a midnight that was its start', () => {
    // Until 2011 clocks in St John's went back at 00:01, to 23:01 of the day before.
    const stJohns = { zone: 'America/St_Johns', window: '00:00-06:00' };
    expect(nightOf(Date.parse('2010-11-07T02:29:59.999Z'), stJohns)).toBe('2010-11-06');
    expect(nightOf(Date.parse('2010-11-07T02:30:00.000Z'), stJohns)).toBe('2010-11-07');
    expect(nightOf(Date.parse('2010-11-07T02:45:00.000Z'), stJohns)).toBe('2010-11-07');
    expect(nightOf(Date.parse('2010-11-07T03:30:00.000Z'), stJohns)).toBe('2010-11-07');
  });

  test('does not change while Havana shows the hour of its start again', () => {
    const havana = { zone: 'America/Havana', window: '00:30-06:00' };
    expect(nightOf(Date.parse('2026-11-01T04:29:59.999Z'), havana)).toBe('2026-10-31');
    expect(nightOf(Date.parse('2026-11-01T04:30:00.000Z'), havana)).toBe('2026-11-01');
    expect(nightOf(Date.parse('2026-11-01T05:15:00.000Z'), havana)).toBe('2026-11-01');
  });

  test('has one before it, also over a year and a clock change', () => {
    expect(previousNight(nightOn('2027-01-01', jakarta)).date).toBe('2026-12-31');
    const { date, end } = previousNight(nightOn('2026-03-08', newYork));
    expect([date, ...iso([end])]).toEqual(['2026-03-07', '2026-03-08T08:00:00.000Z']);
  });
});

describe('a night that is the whole day', () => {
  const lengthOf = (date: string, zone: string): number => {
    const { start, end } = nightOn(date, { zone, window: '00:00-24:00' });
    return (end - start) / 3_600_000;
  };

  test.each([
    ['a usual one', '2026-11-24', 'Asia/Jakarta', 24],
    ['the one whose clocks go forward', '2026-03-08', 'America/New_York', 23],
    ['the one whose clocks go back', '2026-11-01', 'America/New_York', 25],
    ['the one that has no midnight', '2026-09-06', 'America/Santiago', 23],
  ])('lasts all of it: %s', (_which, date, zone, hours) => {
    expect(lengthOf(date, zone)).toBe(hours);
  });

  test('ends where the next begins', () => {
    const window = { zone: 'America/Santiago', window: '00:00-24:00' };
    expect(nightOn('2026-09-05', window).end).toBe(nightOn('2026-09-06', window).start);
  });
});

describe('nights tile time', () => {
  const zones = [
    ...['Asia/Jakarta', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'America/New_York', 'America/Havana'],
    ...['America/Santiago', 'America/Nuuk', 'America/St_Johns', 'Europe/London', 'Africa/Casablanca'],
  ];
  const time = fc
    .tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom(0, 1, 15, 30, 45, 59))
    .map((parts) => parts.map((part) => String(part).padStart(2, '0')).join(':'));
  const window = fc
    .record({ zone: fc.constantFrom(...zones), from: time, to: time })
    .filter(({ from, to }) => from !== to)
    .chain((times) => fc.constantFrom(times, { ...times, to: '24:00' }))
    .map(({ zone, from, to }) => ({ zone, window: `${from}-${to}` }));
  // Whole quarters of an hour and a millisecond beside: where starts, ends and clock changes lie.
  const instant = fc
    .tuple(
      fc.integer({ min: Date.UTC(2005, 0) / 900_000, max: Date.UTC(2036, 0) / 900_000 }),
      fc.constantFrom(-1, 0, 1),
    )
    .map(([quarter, beside]) => quarter * 900_000 + beside);
  const dayLater = (date: string): string =>
    new Date(Date.parse(`${date}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);

  test('every instant lies from the start of its night to before the start of the next', () => {
    fc.assert(
      fc.property(window, instant, (window, at) => {
        const night = nightAt(at, window);
        expect(night.date).toBe(nightOf(at, window));
        expect(night.start).toBeLessThanOrEqual(at);
        expect(nightOn(dayLater(night.date), window).start).toBeGreaterThan(at);
        expect(night.end).toBeGreaterThanOrEqual(night.start);
        expect(dayLater(previousNight(night).date)).toBe(night.date);
      }),
      { numRuns: 500 },
    );
  });

  test('slots rise by the interval from the start and end with the end', () => {
    fc.assert(
      fc.property(window, instant, fc.integer({ min: 1, max: 1_440 }), (window, at, minutes) => {
        const night = nightAt(at, window);
        const slots = slotsOf(night, minutes);
        expect(slots.at(-1)).toBe(night.end);
        const steps = slots.map((slot, index) => slot - (slots[index - 1] ?? night.start));
        expect(steps.slice(0, -1).every((step) => step === minutes * 60_000)).toBe(true);
        expect(steps.at(-1)).toBeLessThanOrEqual(minutes * 60_000);
        if (night.end > night.start) expect(steps.at(-1)).toBeGreaterThan(0);
      }),
    );
  });
});
