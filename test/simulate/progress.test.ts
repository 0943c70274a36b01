import { describe, expect, test } from '@jest/globals';
import { hourOf, progressLine, summaryText, type Played } from '../../src/simulate/progress.ts';
import type { Tally } from '../../src/simulate/tally.ts';
import { minute, start } from './night.ts';

const night: Played = { seed: 3, schedulers: 40, start, window: 360 * minute };
const fast: Played = { ...night, window: 90_000 };
const sent = { register: 40, pending: 20, running: 50, completed: 33, failed: 18, heartbeat: 339 };
const whole: Tally = { sent, retried: 0, refused: 0, reasons: [], unsent: 0 };

describe('the hour of a night', () => {
  test.each([
    [night, -minute, '00:00'],
    [night, 0, '00:00'],
    [night, minute - 1, '00:00'],
    [night, 134 * minute, '02:14'],
    [night, 360 * minute, '06:00'],
    [night, 400 * minute, '06:00'],
    [fast, 45_000, '03:00'],
  ])('runs from 00:00 to 06:00 however fast it passes: %j at %p ms is %p', (played, ms, hour) => {
    expect(hourOf(start + ms, played)).toBe(hour);
  });
});

describe('the progress line', () => {
  test('shows the hour, how much is done and how much failed', () => {
    const half = { ...whole, sent: { ...sent, heartbeat: 89, failed: 18 }, unsent: 250 };
    expect(progressLine(start + 134 * minute, night, half)).toBe(
      '02:14 [############............] 250 of 500 sent, 18 failed',
    );
  });

  test('shows repeats and refusals once there are any', () => {
    const some = { ...whole, sent: { ...sent, heartbeat: 337 }, retried: 4, refused: 2 };
    expect(progressLine(start + 360 * minute, night, some)).toBe(
      '06:00 [########################] 498 of 500 sent, 18 failed, 4 retried, 2 refused',
    );
  });
});

describe('the summary', () => {
  const counts = 'register 40, pending 20, running 50, completed 33, failed 18, heartbeat 339';

  test('of a night without failures of ours is one line', () => {
    expect(summaryText(night, whole, 89_600)).toBe(
      `Played night 3 of 40 schedulers in 1 min: 500 reports sent (${counts}).\n`,
    );
  });

  test('counts repeats, of what was left, and why reports were refused', () => {
    const tally = { ...whole, retried: 2, refused: 3, reasons: ['first reason', 'second reason'], unsent: 1 };
    expect(summaryText(night, tally, 12_000)).toBe(
      [
        `Stopped night 3 of 40 schedulers in 12 s: 500 reports sent (${counts}).`,
        'Tried again: 2.',
        'Not sent: 1.',
        'Refused: 3.',
        '  first reason',
        '  second reason',
        '  and 1 more',
        '',
      ].join('\n'),
    );
  });
});
