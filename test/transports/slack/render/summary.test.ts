import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Summary } from '../../../../src/night/summary.ts';
import {
  completionRate,
  renderSummary,
  type SummaryOptions,
} from '../../../../src/transports/slack/render/summary.ts';
import {
  expectHarmless,
  footers,
  hostileError,
  hostileText,
  instant,
  mrkdwnIn,
  night,
  refusals,
  richTexts,
  texts,
  wib,
  zone,
} from './samples.ts';

const job = { scheduler_id: 'eod-billing', service_name: 'billing', job_name: 'close-day' };
const options: SummaryOptions = { zone, boardLink: null, complete: true, name: 'eod' };
const clear: Summary = {
  night,
  schedulers: 40,
  completed: 40,
  firstStart: wib('00:00:30'),
  lastEnd: wib('05:12'),
  totalRunTime: 90_000_000,
  longest: [{ ...job, duration: 7_500_000 }],
  failures: [],
  neverStarted: [],
  stillRunning: [],
};

describe('a summary', () => {
  test('of a quiet night is all clear', () => {
    const { text, blocks } = renderSummary(clear, options);
    expect(text).toBe('Night of 23 November 2026 is over. ✅ All clear: 40 jobs completed.');
    expect(texts(blocks)).toEqual([
      'Night summary · Monday 23 November 2026 (Asia/Jakarta)',
      '✅ All clear: 40 jobs completed.',
      'Longest jobs (1):\n2 h 05 min · billing / close-day',
    ]);
    expect(richTexts(blocks)).toEqual([
      'Completion rate: 100 %\nFirst start: 00:00\nLast end: 05:12\nTotal run time: 1 d 01 h',
    ]);
    expect(footers(blocks)).toEqual([]);
  });

  test('of a night whose failures all recovered is all clear, and tells of them', () => {
    const failures = [{ ...job, at: wib('02:05'), error: 'disk full\nx', recoveredAt: wib('02:40') }];
    const { blocks } = renderSummary({ ...clear, failures }, options);
    expect(texts(blocks).slice(1, 3)).toEqual([
      '✅ All clear: 40 jobs completed, 1 failure recovered.',
      'Recovered (1):\n✅ billing / close-day · recovered 02:40 after 35 min',
    ]);
  });

  test('of a bad night says what is not clear', () => {
    const { text, blocks } = renderSummary(
      {
        ...clear,
        completed: 36,
        failures: [
          { ...job, at: wib('01:05'), error: 'first', recoveredAt: null },
          {
            ...job,
            at: wib('02:05'),
            error: 'Traceback (most recent call last):\n  x\nE: no',
            recoveredAt: null,
          },
          { ...job, service_name: 'ledger', at: wib('03:00'), error: 'no', recoveredAt: wib('03:30') },
        ],
        neverStarted: [{ ...job, service_name: 'fraud' }],
        stillRunning: [
          { ...job, service_name: 'stock', since: wib('04:50'), stale: false },
          { ...job, service_name: 'payroll', since: wib('23:10', '2026-11-22'), stale: true },
        ],
      },
      options,
    );
    const verdict =
      '❌ Not all clear: 36 of 40 jobs completed: 1 failed, 1 stale, 1 never started, 1 still running, ' +
      '1 failure recovered.';
    expect(text).toBe(`Night of 23 November 2026 is over. ${verdict} Failed: billing / close-day.`);
    expect(texts(blocks).slice(1)).toEqual([
      verdict,
      'Not recovered (1):\n❌ billing / close-day · E: no · failed 2 times, last 02:05',
      'Stale (1):\n⚠ payroll / close-day · since 22 Nov 23:10',
      'Never started (1):\n⬜ fraud / close-day',
      'Still running (1):\n🟡 stock / close-day · since 04:50',
      'Recovered (1):\n✅ ledger / close-day · recovered 03:30 after 30 min',
      'Longest jobs (1):\n2 h 05 min · billing / close-day',
    ]);
    expect(richTexts(blocks)[0]).toMatch(/^Completion rate: 90 %\n/);
  });

  test('of sixty failures shows every one that is open before any that recovered', () => {
    const failures = Array.from({ length: 60 }, (_, n) => ({
      ...{ ...job, scheduler_id: `job-${n}`, job_name: `close-${n}` },
      ...{ at: wib('01:00') + n * 60_000, error: 'could not connect to ledger-db-1' },
      recoveredAt: n < 19 ? wib('03:00') : null,
    }));
    const { blocks } = renderSummary({ ...clear, completed: 0, failures }, options);
    const lines = texts(blocks).join('\n').split('\n');
    const shown = lines.filter((line) => line.startsWith('❌ billing / close-'));
    expect(shown).toHaveLength(41);
    expect(lines.indexOf('Recovered (19):')).toBeGreaterThan(lines.indexOf(shown.at(-1) ?? ''));
    expect(refusals(renderSummary({ ...clear, failures }, options))).toEqual([]);
  });

  test('without schedulers or runs says so', () => {
    const empty = {
      ...clear,
      schedulers: 0,
      completed: 0,
      firstStart: null,
      lastEnd: null,
      totalRunTime: 0,
      longest: [],
    };
    const { text, blocks } = renderSummary(empty, options);
    expect(text).toBe('Night of 23 November 2026 is over. ⬜ No jobs to watch.');
    expect(richTexts(blocks)[0]).toMatch(/^Completion rate: no jobs\nFirst start: none\nLast end: none\n/);
  });

  test('written before everything had been read says so', () => {
    const { text, blocks } = renderSummary(clear, { ...options, complete: false });
    expect(text).toMatch(/ Not all is known yet\.$/);
    expect(footers(blocks)).toEqual([
      'Not every event up to the end of the window had been read when this was written: the board may know more.',
    ]);
  });

  test('of another board than eod names it', () => {
    const { text, blocks } = renderSummary(clear, { ...options, name: 'payments' });
    expect(text).toMatch(/^payments: night of 23 November 2026 is over\. /);
    expect(texts(blocks)[0]).toBe('Night summary payments · Monday 23 November 2026 (Asia/Jakarta)');
  });

  test('links to the board', () => {
    const boardLink = 'https://ronda.slack.com/archives/C0RONDA/p1795366800000100?a=1&b=2';
    expect(mrkdwnIn(renderSummary(clear, { ...options, boardLink }).blocks)).toEqual([
      '<https://ronda.slack.com/archives/C0RONDA/p1795366800000100?a=1&amp;b=2|Open the board>',
    ]);
  });

  test.each(['javascript:alert(1)', 'x', 'mailto:a@b.example', ''])('does not link to %j', (boardLink) => {
    expect(mrkdwnIn(renderSummary(clear, { ...options, boardLink }).blocks)).toEqual([]);
  });

  test('rounds the completion rate down: only all are 100 %', () => {
    expect(completionRate({ completed: 1_999, schedulers: 2_000 })).toBe('99.9 %');
    expect(completionRate({ completed: 39, schedulers: 40 })).toBe('97.5 %');
    expect(completionRate({ completed: 0, schedulers: 40 })).toBe('0 %');
  });

  test('of anything is taken by Slack and parses as nothing but its link', () => {
    const name = {
      scheduler_id: fc.constant('eod-billing'),
      service_name: hostileText,
      job_name: hostileText,
    };
    const many = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
      fc
        .tuple(fc.array(one, { maxLength: 4 }), fc.constantFrom(1, 20, 200))
        .map(([few, times]) => Array.from({ length: times }, () => few).flat());
    const duration = fc.double({ min: 0, max: 1e15, noNaN: true });
    const failure = fc.record({
      ...name,
      at: instant,
      error: hostileError,
      recoveredAt: fc.option(instant, { nil: null }),
    });
    const summary: fc.Arbitrary<Summary> = fc.record({
      night: fc.constant(night),
      schedulers: fc.nat(),
      completed: fc.nat(),
      firstStart: fc.option(instant, { nil: null }),
      lastEnd: fc.option(instant, { nil: null }),
      totalRunTime: duration,
      longest: fc.array(fc.record({ ...name, duration }), { maxLength: 5 }),
      failures: many(failure),
      neverStarted: many(fc.record(name)),
      stillRunning: many(fc.record({ ...name, since: instant, stale: fc.boolean() })),
    });
    const link = 'https://ronda.slack.com/archives/C0RONDA/p1';
    const anyOptions: fc.Arbitrary<SummaryOptions> = fc.record({
      zone: fc.constant(zone),
      boardLink: fc.constantFrom(null, link),
      complete: fc.boolean(),
      name: fc.oneof(fc.constant('eod'), hostileText),
    });
    fc.assert(
      fc.property(summary, anyOptions, (one, options) => {
        const content = renderSummary(one, options);
        expectHarmless(content, [`<${link}|Open the board>`]);
      }),
      { numRuns: 40 },
    );
  });
});
