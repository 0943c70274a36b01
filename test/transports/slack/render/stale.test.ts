import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { renderStale, type StaleWarning } from '../../../../src/transports/slack/render/stale.ts';
import { expectHarmless, footers, hostileText, instant, richTexts, texts, wib, zone } from './samples.ts';

const stale: StaleWarning = {
  scheduler_id: 'eod-billing',
  service_name: 'billing',
  job_name: 'close-day',
  lastHeartbeat: wib('01:40'),
  timeoutMinutes: 30,
  runningSince: wib('00:30'),
  mention: 'U0SARI',
  warning_id: '00000000-0000-4000-8000-000000000002',
  acknowledged: null,
  snoozed: null,
  outcome: null,
  explains: false,
  runbookUrl: null,
  zone,
  now: wib('02:12'),
};

describe('a stale warning', () => {
  test('links to the run book, and names where that is', () => {
    const { blocks } = renderStale({ ...stale, runbookUrl: 'https://wiki.example.com/close' });
    expect(texts(blocks)).toContain('<https://wiki.example.com/close|Run book on wiki.example.com>');
  });

  test('says which job is silent, since when and for how long, and mentions its owner', () => {
    const { text, blocks } = renderStale(stale);
    expect(text).toBe(
      '<@U0SARI> billing / close-day: no sign of life for more than 30 minutes, last heartbeat 01:40 WIB',
    );
    expect(texts(blocks)).toEqual([
      '⚠ billing / close-day is silent',
      'It reports that it runs, but gave no sign of life for more than 30 minutes.',
      '<@U0SARI> this job is yours.',
    ]);
    expect(richTexts(blocks)).toEqual(['Last heartbeat: 01:40 WIB\nRunning since: 00:30 WIB']);
    expect(footers(blocks)).toEqual([]);
    const actions = blocks.flatMap((block) => (block.type === 'actions' ? block.elements : []));
    expect(actions.map((element) => ('action_id' in element ? element.action_id : ''))).toEqual([
      'acknowledge',
      'snooze',
      'history',
    ]);
  });

  test('says how a job that sends no heartbeats is registered, where no time-out is set', () => {
    expect(footers(renderStale({ ...stale, explains: true }).blocks)).toEqual([
      'If this job sends no heartbeats, register it with "heartbeat_timeout_minutes": 0; another number sets its time-out.',
    ]);
  });

  test('that is acknowledged or snoozed says by whom, and calls its owner no longer', () => {
    const acknowledged = renderStale({ ...stale, acknowledged: { by: 'Sari (U0SARI)', at: wib('02:14') } });
    expect(texts(acknowledged.blocks)[0]).toBe('👀 billing / close-day is silent, acknowledged');
    expect(footers(acknowledged.blocks)).toEqual(['acknowledged by Sari 02:14 WIB']);
    expect(acknowledged.text).toMatch(/^billing .* \(acknowledged by Sari\)$/);
    const snoozed = renderStale({ ...stale, snoozed: { by: 'Budi', until: wib('03:14') } });
    expect(texts(snoozed.blocks)[0]).toBe('🔕 billing / close-day is silent, snoozed');
    expect(footers(snoozed.blocks)).toEqual(['snoozed until 03:14 WIB by Budi']);
    expect(texts(snoozed.blocks)).toContain('Owner: <@U0SARI>');
  });

  test('does not change as the same day goes on', () => {
    const later = renderStale({ ...stale, now: wib('05:00') });
    expect(later.text).toBe(renderStale(stale).text);
    expect(texts(later.blocks)).toEqual(texts(renderStale(stale).blocks));
  });

  test.each([
    ['heard', '🟡', 'heard again at 03:12 WIB after 1 h 32 min'],
    ['completed', '✅', 'completed at 03:12 WIB'],
    ['failed', '❌', 'failed at 03:12 WIB'],
    ['pending', '⬜', 'put back to pending at 03:12 WIB'],
    ['removed', '➖', 'removed at 03:12 WIB'],
  ] as const)('that is over (%s) is one line, and calls and offers nothing', (kind, sign, words) => {
    const { text, blocks } = renderStale({ ...stale, outcome: { kind, at: wib('03:12') } });
    expect(texts(blocks)).toEqual([`${sign} billing / close-day was silent, ${words}`]);
    expect(text).toBe(`${sign} billing / close-day was silent, ${words}`);
    expect(blocks).toHaveLength(1);
  });

  test('of anything is taken by Slack and parses as nothing but the mention', () => {
    const maybeInstant = fc.option(instant, { nil: null });
    const warning: fc.Arbitrary<StaleWarning> = fc.record({
      scheduler_id: fc.constant('eod-billing'),
      service_name: hostileText,
      job_name: hostileText,
      lastHeartbeat: instant,
      timeoutMinutes: fc.integer({ min: 1, max: 1_440 }),
      runningSince: maybeInstant,
      mention: fc.oneof(fc.constant('U0SARI'), hostileText),
      warning_id: fc.uuid(),
      acknowledged: fc.option(fc.record({ by: hostileText, at: instant }), { nil: null }),
      snoozed: fc.option(fc.record({ by: hostileText, until: instant }), { nil: null }),
      outcome: fc.option(
        fc.record({
          kind: fc.constantFrom('heard', 'completed', 'failed', 'pending', 'removed'),
          at: instant,
        }),
        { nil: null },
      ),
      explains: fc.boolean(),
      runbookUrl: fc.constant(null),
      zone: fc.constant(zone),
      now: instant,
    });
    fc.assert(
      fc.property(warning, (one) => {
        const content = renderStale(one);
        expectHarmless(content, ['<@U0SARI>']);
      }),
    );
  });
});
