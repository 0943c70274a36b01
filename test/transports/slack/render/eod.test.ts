import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { statuses } from '../../../../src/events/order.ts';
import type { JobRun } from '../../../../src/night/job-runs.ts';
import { verdicts, type Judgement } from '../../../../src/night/verdicts.ts';
import {
  renderAcknowledged,
  renderChoices,
  renderNotFound,
  renderNothingThere,
  renderSnoozed,
  renderProblem,
  renderUnsnoozed,
  renderMaintenance,
  renderUnknownService,
  renderUsage,
} from '../../../../src/transports/slack/render/eod.ts';
import { renderSchedulerAnswer } from '../../../../src/transports/slack/render/scheduler-answer.ts';
import {
  cell,
  due,
  expectHarmless,
  hostileCell,
  hostileError,
  hostileText,
  instant,
  night,
  refusals,
  richTexts,
  texts,
  wib,
  zone,
} from './samples.ts';

const times = {
  zone,
  from: night.start,
  now: wib('02:10'),
  owner: { user: null, email: null },
  expected: { words: [], slots: [] },
};
const job = {
  scheduler_id: 'eod-billing',
  service_name: 'billing',
  job_name: 'close-day',
  state: 'failed',
} as const;

const run: JobRun = {
  ...{ run_id: null, businessDate: null, startedAt: wib('01:47', '2026-11-22') },
  ...{ endedAt: wib('02:00', '2026-11-22'), duration: 780_000, status: 'completed', error: null },
  ...{ metadata: null, abandoned: false, eventIds: [] },
};
const judgement: Judgement = {
  slot: {
    ...{ scheduler_id: 'eod-billing', at: wib('01:00'), date: '2026-11-23', businessDate: '2026-11-23' },
    ...{ startBy: wib('01:15'), finishBy: null, missedAt: wib('13:00'), ruleIds: [], holiday: null },
    expectation: { schedule: '0 1 * * *', results: [{ path: 'records', at_least: 1 }] },
    takenAwayAt: null,
  },
  ...{
    verdict: 'waiting',
    heard: 'waiting',
    flags: [],
    resultHeard: true,
    startBy: wib('01:15'),
    finishBy: null,
    waitingFor: [],
  },
  ...{ excuse: null, run: null, beganAt: null, decidingEvents: [] },
};
const hostileExpected = fc.record({
  words: fc.array(hostileText, { maxLength: 12 }),
  slots: fc.array(
    fc
      .tuple(fc.constantFrom(...verdicts), hostileText, fc.boolean())
      .map(([verdict, excuse, isUnmet]): Judgement => ({
        ...judgement,
        ...{ verdict, excuse, flags: ['began_late', 'too_short', 'unmet'] },
        run: isUnmet ? { ...run, metadata: JSON.stringify({ records: excuse }) } : null,
      })),
    { maxLength: 6 },
  ),
});

describe('the answer about one scheduler', () => {
  test('says how it stands and how it ran', () => {
    const failed = cell({
      state: 'failed',
      since: wib('02:05'),
      duration: 240_000,
      error: 'disk full\nat x',
    });
    const { text, blocks } = renderSchedulerAnswer(
      failed,
      [
        { status: 'failed', at: wib('02:05'), duration: 240_000, error: 'disk full\nat x' },
        { status: 'completed', at: wib('02:14', '2026-11-22'), duration: 2_100_000, error: null },
        { status: 'running', at: wib('01:39', '2026-11-22'), duration: null, error: null },
      ],
      times,
    );
    expect(text).toBe('billing / close-day: failed since 02:05 WIB (disk full)');
    expect(texts(blocks)).toEqual([
      'billing / close-day',
      'Last runs:\n❌ failed · 23 Nov 02:05 · 4 min · disk full\n✅ completed · 22 Nov 02:14 · 35 min\n' +
        '🟡 running · 22 Nov 01:39',
    ]);
    expect(richTexts(blocks)).toEqual([
      'Status: ❌ failed\nSince: 02:05 WIB\nDuration: 4 min\nError: disk full\nNote: disk full\nScheduler: eod-billing',
    ]);
  });

  test('shows the whole line that tells the cause, and whose job it is', () => {
    const failed = cell({ state: 'failed', since: wib('02:05'), error: `${'e'.repeat(1_500)}\nat x` });
    const owner = { user: 'U0SARI', email: 'sari@example.com' };
    const content = renderSchedulerAnswer(failed, [], { ...times, owner });
    expect(richTexts(content.blocks)[0]).toContain(`Error: ${'e'.repeat(1_500)}\n`);
    expect(richTexts(content.blocks)[0]).toContain('\nOwner: sari@example.com\n');
    expect(texts(content.blocks)).toContain('Owner: <@U0SARI>');
    expect(refusals(content)).toEqual([]);
  });

  test('says what is expected of it, and what became of that', () => {
    const slot = (date: string, at: string, fields: Partial<Judgement>): Judgement => ({
      ...judgement,
      ...{ startBy: wib('01:15', date), finishBy: wib('02:30', date) },
      slot: { ...judgement.slot, at: wib(at, date) },
      ...fields,
    });
    const slots = [
      slot('2026-11-24', '01:00', { verdict: 'waiting' }),
      slot('2026-11-23', '01:00', { verdict: 'late' }),
      slot('2026-11-22', '01:00', {
        ...{ verdict: 'completed', flags: ['began_late', 'unmet'], beganAt: wib('01:47', '2026-11-22') },
        run: { ...run, metadata: '{"records":0}' },
      }),
      slot('2026-11-21', '01:00', { verdict: 'excused', excuse: 'Idul Fitri' }),
      slot('2026-11-20', '01:00', { verdict: 'waiting', waitingFor: ['ledger'] }),
    ];
    const expected = { words: ['due daily at 01:00 (Asia/Jakarta)', 'ends by 02:30'], slots };
    const { text, blocks } = renderSchedulerAnswer(
      cell({ state: 'late', since: wib('01:00'), due: due({ verdict: 'missed' }) }),
      [],
      { ...times, expected },
    );
    expect(text).toBe('billing / close-day: missed since 01:00 WIB');
    expect(richTexts(blocks)[0]).toContain('Status: ⏰ missed\n');
    expect(richTexts(blocks)[0]).toContain('\nExpected: due daily at 01:00 (Asia/Jakarta); ends by 02:30\n');
    expect(texts(blocks)[1]).toBe(
      [
        'Last verdicts:',
        '⬜ waiting · due 24 Nov 01:00',
        '⏰ late · due 23 Nov 01:00 · not begun by 23 Nov 01:15',
        '✅ completed · due 22 Nov 01:00 · began 47 min late · records is 0, not at least 1',
        '⬜ excused · due 21 Nov 01:00 · excused: Idul Fitri',
        '⬜ waiting · due 20 Nov 01:00 · waits for ledger, due until 20 Nov 02:30',
      ].join('\n'),
    );
  });

  test('without runs says so', () => {
    const { text, blocks } = renderSchedulerAnswer(cell(), [], times);
    expect(text).toBe('billing / close-day: pending');
    expect(texts(blocks)).toEqual(['billing / close-day', 'No runs yet.']);
    expect(richTexts(blocks)[0]).toBe(
      'Status: ⬜ pending\nSince: –\nDuration: –\nNote: –\nScheduler: eod-billing',
    );
  });

  test('of anything is taken by Slack and parses as text', () => {
    const run = fc.record({
      status: fc.constantFrom(...statuses),
      at: instant,
      duration: fc.option(fc.nat(), { nil: null }),
      error: hostileError,
    });
    fc.assert(
      fc.property(hostileCell, fc.array(run, { maxLength: 60 }), hostileExpected, (one, runs, expected) => {
        const content = renderSchedulerAnswer(one, runs, { ...times, expected });
        expectHarmless(content);
      }),
      { numRuns: 60 },
    );
  });
});

describe('a question that names several jobs', () => {
  test('is answered with their states and ids', () => {
    const { text, blocks } = renderChoices('close', [
      job,
      { ...job, scheduler_id: 'eod-ledger', service_name: 'ledger', state: 'running' },
    ]);
    expect(text).toBe('2 jobs match “close”: ask for one by its id.');
    expect(texts(blocks)).toEqual([
      '2 jobs match “close”. Ask for one by its id:',
      '❌ failed · billing / close-day · /eod eod-billing\n🟡 running · ledger / close-day · /eod eod-ledger',
    ]);
  });

  test('with too many answers says how many are left out', () => {
    const jobs = Array.from({ length: 500 }, (_, n) => ({ ...job, scheduler_id: `eod-${n}` }));
    const content = renderChoices('close', jobs, '/eod snooze');
    const lines = texts(content.blocks).slice(1).join('\n').split('\n');
    expect(lines[0]).toBe('❌ failed · billing / close-day · /eod snooze eod-0');
    expect(lines.at(-1)).toBe(`and ${500 - (lines.length - 1)} more`);
    expect(refusals(content)).toEqual([]);
  });
});

describe('short answers', () => {
  test('say what was done', () => {
    expect(texts(renderAcknowledged(job).blocks)).toEqual([
      'billing / close-day: acknowledged. The board and the alert say that it was you.',
    ]);
    const snoozed = { ...job, until: wib('04:10'), now: wib('02:10'), zone };
    expect(renderSnoozed(snoozed).text).toBe(
      'billing / close-day: alerts call nobody until 04:10 WIB. The board shows it.',
    );
    const planned = { service: 'billing', reason: 'new disks', until: wib('04:10'), now: wib('02:10'), zone };
    expect(renderMaintenance(planned).text).toBe(
      'billing: maintenance until 04:10 WIB (new disks). Its failures are shown and call nobody; what is due ' +
        'until then and does not run is excused.',
    );
    expect(renderUnknownService('biling', ['billing', 'ledger']).text).toBe(
      'No service is called “biling”. There are billing, ledger.',
    );
    expect(renderUnknownService('biling', []).text).toBe('No service is called “biling”. There is none yet.');
    expect(renderNotFound('clsoe').text).toBe('No job matches “clsoe”.');
    expect(renderProblem('the store does not answer').text).toBe(
      'That did not work: the store does not answer',
    );
  });

  test('to a command that is not understood say what is', () => {
    expect(texts(renderUsage().blocks)).toEqual([
      '/eod: the board now\n' +
        '/eod failed, late, stale, running, pending, completed, or a service’s name: that part of it\n' +
        '/eod due: what is due in the next hour\n' +
        '/eod JOB: one job, what is expected of it, its last runs; JOB is a name, a part of it, or a scheduler’s id\n' +
        '/eod at 02:15: the board as it stood then; with a date: /eod at 2026-11-23 02:15\n' +
        '/eod ack JOB: you look after its failure\n' +
        '/eod snooze JOB 2h: its alerts call nobody for a while; also 30m, or until 03:00\n' +
        '/eod unsnooze JOB: they call again\n' +
        '/eod maintenance SERVICE 2h REASON: from now on its failures call nobody, and what does not run is excused\n' +
        '/eod help: this',
    ]);
    expect(renderUsage().text.split('\n')).toHaveLength(10);
  });

  test('of anything are taken by Slack and parse as text', () => {
    fc.assert(
      fc.property(hostileText, hostileText, (one, other) => {
        const hostile = {
          scheduler_id: 'eod-billing',
          service_name: one,
          job_name: other,
          state: 'stale',
        } as const;
        const answers = [
          renderChoices(one, [hostile, hostile]),
          renderNotFound(one),
          renderNothingThere(one),
          renderUnsnoozed(hostile),
          renderUsage(),
          renderProblem(one.repeat(40)),
          renderAcknowledged(hostile),
          renderMaintenance({ service: one, reason: other, until: wib('04:10'), now: wib('02:10'), zone }),
          renderUnknownService(
            one,
            Array.from({ length: 200 }, () => other),
          ),
          renderSnoozed({ ...hostile, until: wib('04:10'), now: wib('02:10'), zone }),
        ];
        for (const content of answers) {
          expectHarmless(content);
        }
      }),
    );
  });
});
