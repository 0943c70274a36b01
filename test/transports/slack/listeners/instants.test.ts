import { describe, expect, test } from '@jest/globals';
import { instantOfNight, snoozeEnd } from '../../../../src/transports/slack/listeners/instants.ts';

const jakarta = { zone: 'Asia/Jakarta', window: '00:00-06:00' };
const newYork = { zone: 'America/New_York', window: '22:00-04:00' };
const utc = (ms: number): string => new Date(ms).toISOString();

describe('a local time of the night', () => {
  test.each([
    [
      'of the night that has begun',
      '02:15',
      null,
      '2026-11-23T19:30:00Z',
      jakarta,
      '2026-11-23T19:15:00.000Z',
    ],
    ['of its very start', '00:00', null, '2026-11-23T17:00:00Z', jakarta, '2026-11-23T17:00:00.000Z'],
    [
      'of last night, in the evening',
      '02:15',
      null,
      '2026-11-23T16:59:59Z',
      jakarta,
      '2026-11-22T19:15:00.000Z',
    ],
    ['that has not come yet', '05:00', null, '2026-11-23T19:30:00Z', jakarta, '2026-11-23T22:00:00.000Z'],
    [
      'before midnight of a window across it',
      '22:30',
      null,
      '2026-11-24T06:00:00Z',
      newYork,
      '2026-11-24T03:30:00.000Z',
    ],
    [
      'after midnight of a window across it',
      '01:00',
      null,
      '2026-11-24T06:30:00Z',
      newYork,
      '2026-11-24T06:00:00.000Z',
    ],
    ['shown twice: the first', '01:30', null, '2026-11-01T09:00:00Z', newYork, '2026-11-01T05:30:00.000Z'],
    ['that was skipped', '02:30', null, '2026-03-08T09:00:00Z', newYork, '2026-03-08T07:30:00.000Z'],
    ['with its date', '02:15', '2026-11-20', '2026-11-23T19:30:00Z', jakarta, '2026-11-19T19:15:00.000Z'],
  ])('is found: %s', (_which, time, date, now, window, instant) => {
    expect(utc(instantOfNight(time, date, Date.parse(now), window))).toBe(instant);
  });
});

describe('a snooze', () => {
  test('for a while ends that much later', () => {
    expect(utc(snoozeEnd({ ms: 5_400_000 }, Date.parse('2026-11-23T19:30:00Z'), 'Asia/Jakarta'))).toBe(
      '2026-11-23T21:00:00.000Z',
    );
  });

  test.each([
    ['later today', '03:00', '2026-11-23T19:59:59.999Z', '2026-11-23T20:00:00.000Z'],
    ['tomorrow, when it is that time now', '03:00', '2026-11-23T20:00:00.000Z', '2026-11-24T20:00:00.000Z'],
    ['tomorrow, across a year’s end', '00:00', '2026-12-31T16:59:59.000Z', '2026-12-31T17:00:00.000Z'],
  ])('until a local time ends %s', (_when, time, from, end) => {
    expect(utc(snoozeEnd({ time }, Date.parse(from), 'Asia/Jakarta'))).toBe(end);
  });
});
