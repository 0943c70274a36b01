import { describe, expect, test } from '@jest/globals';
import { expectationText, readExpectation } from '../../src/events/expectation.ts';
import { issuesByField } from '../../src/events/members.ts';

function problems(value: unknown): string[] {
  const read = expectationText.safeParse(value);
  return read.success ? [] : issuesByField(read.error);
}

test('an expectation is kept as its text, with its fields in one order', () => {
  const text = expectationText.parse({ days: 'business', schedule: '0 1 * * *' });
  expect(text).toBe('{"schedule":"0 1 * * *","days":"business"}');
  expect(expectationText.parse(JSON.parse(text))).toBe(text);
  expect(readExpectation(text)).toEqual({ schedule: '0 1 * * *', days: 'business' });
});

test.each([
  ['0 1 * * *'],
  ['night'],
  ['*/15 0-5 * * MON-FRI'],
  ['0 22 L * *'],
  ['0 22 * * FRI#2'],
  ['30 1 1,15 * MON'],
  ['0 1 29 2 *'],
  // Neighbouring minutes of days that are never neighbours.
  ['55 23 1 * *'],
])('%s is a schedule', (schedule) => {
  expect(problems({ schedule })).toEqual([]);
});

test.each([
  ['0 1 * *', /^schedule: must be a cron expression of five fields/],
  ['0 0 1 * * *', /five fields/],
  ['@daily', /five fields/],
  ['0 25 * * *', /five fields.*hour/],
  ['0 0 30 2 *', /must fall on a day that there is/],
  ['*/10 * * * *', /at least 15 minutes from one time to the next, not 10/],
  ['0,5 1 * * *', /not 5/],
  ['50,0 0,23 * * *', /not 10/],
])('%s is none, and is told why', (schedule, why) => {
  expect(problems({ schedule })).toEqual([expect.stringMatching(why)]);
});

describe('what is wrong is named, and what would be right', () => {
  test.each([
    [{}, 'schedule: is required'],
    [{ schedule: 'night', grace: 5 }, /^grace: is no field of it, there are schedule, timezone/],
    [{ schedule: 'night', timezone: 'Jakarta' }, 'timezone: must be an IANA time zone, like Asia/Jakarta'],
    [{ schedule: 'night', timezone: '+07:00' }, 'timezone: must be an IANA time zone, like Asia/Jakarta'],
    [{ schedule: 'night', calendar: '..' }, 'calendar: must not be ., .. or __proto__'],
    [{ schedule: 'night', days: 'weekdays' }, 'days: must be one of all, business, month-start, month-end'],
    [
      { schedule: '*/15 * * * *', start_within_minutes: 15 },
      'start_within_minutes: must be less than the 15 minutes from one time of the schedule to the next',
    ],
    [
      { schedule: 'night', start_within_minutes: 0 },
      'start_within_minutes: must be a whole number from 1 to 720',
    ],
    [{ schedule: 'night', finish_by: '5:30' }, 'finish_by: must be a local time, like 05:30'],
    [
      { schedule: 'night', finish_by: '05:30', finish_within_minutes: 5 },
      'finish_within_minutes: must not stand beside finish_by',
    ],
    [
      { schedule: 'night', min_duration_ms: 2, max_duration_ms: 1 },
      'max_duration_ms: must not be less than min_duration_ms',
    ],
    [{ schedule: 'night', results: [{ path: 'a' }] }, 'results.0.at_least: or at_most or equals is required'],
    [
      { schedule: 'night', results: [{ path: 'a', at_least: 2, at_most: 1 }] },
      'results.0.at_most: must not be less than at_least',
    ],
    [{ schedule: 'night', depends_on: ['a', 'a'] }, 'depends_on: must name each scheduler once'],
    [{ schedule: 'night', depends_on: ['a b'] }, /^depends_on.0: must be 1 to 255 of/],
    [
      { schedule: 'night', runbook_url: 'javascript:alert(1)' },
      'runbook_url: must be an http or https address',
    ],
    [{ schedule: 'night', severity: 'high' }, 'severity: must be one of low, normal, critical'],
  ])('%j', (value, issue) => {
    const found = problems(value);
    expect(found).toHaveLength(1);
    if (typeof issue === 'string') expect(found[0]).toBe(issue);
    else expect(found[0]).toMatch(issue);
  });

  test('and 8 KiB is the most', () => {
    const results = Array.from({ length: 10 }, () => ({ path: 'a', equals: 'x'.repeat(1_000) }));
    expect(problems({ schedule: 'night', results })).toEqual([': must be at most 8192 bytes of JSON']);
  });
});
