import { expect, test } from '@jest/globals';
import { expectationWords } from '../../src/board/expectation-words.ts';
import type { Expectation } from '../../src/events/expectation.ts';
import { expectation } from '../night/expected.ts';

test.each<[string, Partial<Expectation>]>([
  ['due daily at 01:00 (Asia/Jakarta)', {}],
  ['due once in each night of its board', { schedule: 'night' }],
  [
    'due at 01:30 by “30 1 * * MON-FRI” (Asia/Tokyo)',
    { schedule: '30 1 * * MON-FRI', timezone: 'Asia/Tokyo' },
  ],
  ['due daily at 01:00, 13:00 (Asia/Jakarta)', { schedule: '0 1,13 * * *' }],
  ['due by “*/30 * * * *” (Asia/Jakarta)', { schedule: '*/30 * * * *' }],
  [
    'due daily at 01:00 (Asia/Jakarta) on business days of the calendar id; for the business day before',
    { days: 'business', calendar: 'id', business_date: 'previous' },
  ],
  ['due daily at 01:00 (Asia/Jakarta) on the last business day of the month', { days: 'month-end' }],
  ['due daily at 01:00 (Asia/Jakarta) but on holidays of the calendar id', { calendar: 'id' }],
  [
    'due daily at 01:00 (Asia/Jakarta); begins within 20 min; ends by 05:30; takes 1 min to 2 h 00 min',
    {
      ...{ start_within_minutes: 20, finish_by: '05:30' },
      ...{ min_duration_ms: 60_000, max_duration_ms: 7_200_000 },
    },
  ],
  [
    'due daily at 01:00 (Asia/Jakarta); ends within 90 min; takes at least 30 s; records is at least 1 and at most 9; ' +
      'ok is true',
    {
      ...{ finish_within_minutes: 90, min_duration_ms: 30_000 },
      results: [
        { path: 'records', at_least: 1, at_most: 9 },
        { path: 'ok', equals: true },
      ],
    },
  ],
  [
    'due daily at 01:00 (Asia/Jakarta); waits for ledger, fx; severity critical; runbook at wiki.example.com',
    {
      ...{ depends_on: ['ledger', 'fx'], severity: 'critical' },
      runbook_url: 'https://wiki.example.com/close-day?x=1',
    },
  ],
])('an expectation in words is “%s”', (words, fields) => {
  expect(expectationWords(expectation(fields), 'Asia/Jakarta').join('; ')).toBe(words);
});
