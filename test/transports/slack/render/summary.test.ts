import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Summary } from '../../../../src/night/summary.ts';
import type { Content } from '../../../../src/transports/slack/content.ts';
import {
  completionRate,
  renderSummary,
  type SummaryOptions,
} from '../../../../src/transports/slack/render/summary.ts';
import {
  due,
  expectHarmless,
  footers,
  hostileDue,
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
  ...{ slots: null, late: [], waiting: [], doubtful: [], notOwed: 0, unknown: 0 },
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

  test('of sixty failures shows what is open before what recovered, as much as is read at a glance', () => {
    const failures = Array.from({ length: 60 }, (_, n) => ({
      ...{ ...job, scheduler_id: `job-${n}`, job_name: `close-${n}` },
      ...{ at: wib('01:00') + n * 60_000, error: `could not read file ${'abcdefghij'.repeat(n)}` },
      recoveredAt: n < 19 ? wib('03:00') : null,
    }));
    const content = renderSummary({ ...clear, completed: 0, failures }, options);
    const lines = texts(content.blocks).join('\n').split('\n');
    const shown = lines.filter((line) => line.startsWith('❌ billing / close-'));
    expect(shown).toHaveLength(12);
    expect(lines).toContain('Not recovered (41):');
    expect(lines).toContain('and 29 more');
    expect(lines.at(-2)).toMatch(/^Recovered \(19\): billing \/ close-0, .* and 1\d more$/);
    expect(linesOf(content)).toBeLessThan(25);
    expect(refusals(content)).toEqual([]);
  });

  test('says failures of one cause in one line, the most frequent first', () => {
    const failed = (n: number, error: string, minute: number) => ({
      ...{ ...job, scheduler_id: `job-${n}`, job_name: `close-${n}` },
      ...{ at: wib('02:30') + minute * 60_000, error, recoveredAt: null },
    });
    const refused = (attempt: number) =>
      `could not connect to ledger-db-1:5432: Connection refused (attempt ${attempt} of 8)`;
    const failures = [
      failed(1, 'disk full', 0),
      ...[1, 2, 3].map((n) => failed(n + 1, refused(n), n)),
      failed(5, 'could not connect to ledger-db-2:5432: Connection refused (attempt 1 of 8)', 5),
    ];
    const { blocks } = renderSummary({ ...clear, completed: 35, failures }, options);
    expect(texts(blocks)[2]).toBe(
      [
        'Not recovered (5):',
        '❌ 3 jobs: could not connect to ledger-db-1:5432: Connection refused (attempt 1 of 8) · ' +
          'billing / close-2, billing / close-3, billing / close-4 · failed 02:31 to 02:33',
        '❌ billing / close-1 · disk full · failed 02:30',
        '❌ billing / close-5 · could not connect to ledger-db-2:5432: Connection refused (attempt 1 of 8) · failed 02:35',
      ].join('\n'),
    );
  });

  test('of a night with expectations gives their numbers, and who is late, waits or did oddly', () => {
    const late = (verdict: 'late' | 'missed' | 'overdue', fields = {}) => ({
      ...{ ...job, job_name: verdict, since: wib('01:05') },
      due: due({ verdict, ...fields }),
    });
    const { text, blocks } = renderSummary(
      {
        ...clear,
        completed: 33,
        late: [late('late'), late('missed'), late('overdue', { finishBy: wib('02:30') })],
        waiting: [{ ...job, job_name: 'report', waitingFor: ['ledger', 'fx'] }],
        doubtful: [
          { ...job, since: wib('01:05'), due: due({ verdict: 'completed', flags: ['too_short', 'unmet'] }) },
        ],
        ...{ notOwed: 2, unknown: 1 },
        slots: {
          ...{ expected: 40, inTime: 30, late: 4, overdue: 1, failed: 0, missed: 1, excused: 2, unknown: 1 },
          ...{ running: 0, waiting: 1 },
        },
      },
      options,
    );
    const verdict =
      '⏰ Not all clear: 33 of 38 jobs completed: 1 late, 1 overdue, 1 missed, 1 waiting for others, ' +
      '1 with a doubtful result, 1 not known yet.';
    expect(text).toBe(
      `Night of 23 November 2026 is over. ${verdict} Late: billing / late, billing / missed, billing / overdue.`,
    );
    expect(texts(blocks).slice(1, -1)).toEqual([
      verdict,
      [
        'Late, overdue or missed (3):',
        '⏰ billing / late · late, due 01:00 · not begun by 01:15',
        '⏰ billing / missed · missed, due 01:00 · never began',
        '⏰ billing / overdue · overdue, due 01:00 · not ended by 02:30',
      ].join('\n'),
      'Waiting for others (1):\n⬜ billing / report · waits for ledger, fx',
      'Doubtful results (1):\n✅ billing / close-day · took less time than expected · result is not as expected',
    ]);
    expect(richTexts(blocks)[0]).toMatch(
      /^Expected: 40: 30 completed in time, 4 late, 1 overdue, 0 failed, 1 missed, 2 excused, 1 unknown, 1 waiting\nCompletion rate: 86.8 %\n/,
    );
  });

  test('of a night in which all that was owed completed is all clear', () => {
    const slots = {
      ...{ expected: 40, inTime: 38, late: 0, overdue: 0, failed: 0, missed: 0, excused: 2, unknown: 0 },
      ...{ running: 0, waiting: 0 },
    };
    const { blocks } = renderSummary({ ...clear, completed: 38, notOwed: 2, slots }, options);
    expect(texts(blocks)[1]).toBe('✅ All clear: 38 jobs completed, 2 not due or excused.');
    expect(richTexts(blocks)[0]).toContain('Completion rate: 100 %');
  });

  test('of forty jobs has under 25 lines, whatever they are called and whatever became of them', () => {
    const causes = fc.array(hostileText, { minLength: 3, maxLength: 3 });
    const fate = fc.constantFrom('open', 'over', 'late', 'waiting', 'never', 'doubtful', 'stale', 'running');
    const jobs = fc.array(
      fc.record({ service_name: hostileText, job_name: hostileText, fate, which: fc.nat(2) }),
      {
        ...{ minLength: 40, maxLength: 40 },
      },
    );
    fc.assert(
      fc.property(jobs, causes, fc.boolean(), (jobs, causes, complete) => {
        const named = (wanted: string) =>
          jobs.flatMap(({ fate, which, ...names }, n) =>
            fate === wanted ? [{ scheduler_id: `job-${n}`, ...names, which }] : [],
          );
        const failed = (recoveredAt: number | null) => (one: { which: number }) => ({
          ...{ ...job, ...one, at: wib('02:05'), error: causes[one.which] ?? null, recoveredAt },
        });
        const content = renderSummary(
          {
            ...clear,
            completed: 0,
            longest: named('over')
              .slice(0, 5)
              .map((one) => ({ ...one, duration: 60_000 })),
            failures: [...named('open').map(failed(null)), ...named('over').map(failed(wib('03:00')))],
            late: named('late').map((one) => ({ ...one, since: null, due: due({ verdict: 'late' }) })),
            waiting: named('waiting').map((one) => ({ ...one, waitingFor: ['ledger', 'fx'] })),
            neverStarted: named('never'),
            doubtful: named('doubtful').map((one) => ({
              ...{ ...one, since: null, due: due({ verdict: 'completed', flags: ['unmet', 'too_short'] }) },
            })),
            stillRunning: [
              ...named('stale').map((one) => ({ ...one, since: wib('04:00'), stale: true })),
              ...named('running').map((one) => ({ ...one, since: wib('04:00'), stale: false })),
            ],
            slots: {
              ...{
                expected: 40,
                inTime: 0,
                late: 40,
                overdue: 0,
                failed: 0,
                missed: 0,
                excused: 0,
                unknown: 0,
              },
              ...{ running: 1, waiting: 1 },
            },
          },
          { ...options, complete, boardLink: 'https://ronda.slack.com/archives/C0RONDA/p1' },
        );
        expect(linesOf(content)).toBeLessThan(25);
        expectHarmless(content, ['<https://ronda.slack.com/archives/C0RONDA/p1|Open the board>']);
        // Each list that has anybody says how many.
        const all = texts(content.blocks).join('\n');
        for (const [fate, title] of [
          ['open', 'Not recovered'],
          ['late', 'Late, overdue or missed'],
          ['never', 'Never started'],
          ['over', 'Recovered'],
        ] as const) {
          const { length } = named(fate);
          if (length > 0) expect(all).toContain(`${title} (${length})`);
        }
      }),
      { numRuns: 60 },
    );
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
      slots: fc.constant(null),
      late: many(fc.record({ ...name, since: fc.option(instant, { nil: null }), due: hostileDue })),
      waiting: many(fc.record({ ...name, waitingFor: fc.array(hostileText, { maxLength: 20 }) })),
      doubtful: many(fc.record({ ...name, since: fc.option(instant, { nil: null }), due: hostileDue })),
      notOwed: fc.nat(),
      unknown: fc.nat(),
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

/** How many lines a reader sees. */
function linesOf({ blocks }: Content): number {
  const read = [...texts(blocks), ...richTexts(blocks), ...footers(blocks)].join('\n');
  return read.split('\n').length;
}
