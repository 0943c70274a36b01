import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { statuses } from '../../../src/events/order.ts';
import { renderAlert, renderRecoveryReply, type Alert } from '../../../src/slack/render/alert.ts';
import { buttonValue, readButton } from '../../../src/slack/render/buttons.ts';
import type { Block } from '../../../src/slack/content.ts';
import {
  dangersIn,
  footers,
  hostileError,
  hostileText,
  instant,
  mrkdwnIn,
  parsedTexts,
  refusals,
  richTexts,
  texts,
  wib,
  zone,
} from './samples.ts';

const failure = {
  scheduler_id: 'eod-billing',
  event_id: '00000000-0000-4000-8000-000000000001',
  service_name: 'billing',
  job_name: 'close-day',
  at: wib('02:05'),
  duration: 2_100_000,
  error: 'ORA-01555: snapshot too old\n\tat close()',
};

const fresh: Alert = {
  failure,
  zone,
  now: wib('02:05:03'),
  mention: 'U0SARI',
  snoozed: null,
  acknowledged: null,
  recovered: null,
  newer: null,
  late: false,
};

const buttonsOf = (blocks: readonly Block[]): string[] =>
  blocks.flatMap((block) =>
    block.type === 'actions'
      ? block.elements.map((element) => ('action_id' in element ? (element.action_id ?? '') : ''))
      : [],
  );

describe('an alert', () => {
  test('says which job failed, when, after how long and why, mentions its owner and offers buttons', () => {
    const { text, blocks } = renderAlert(fresh);
    expect(text).toBe('<@U0SARI> billing / close-day failed 02:05 WIB: ORA-01555: snapshot too old');
    expect(texts(blocks)).toEqual(['❌ billing / close-day failed', '<@U0SARI> this job is yours.']);
    expect(richTexts(blocks)).toEqual([
      'Service: billing\nJob: close-day\nTime: 02:05 WIB\nDuration: 35 min',
      'ORA-01555: snapshot too old\n  at close()',
    ]);
    expect(footers(blocks)).toEqual([]);
    expect(buttonsOf(blocks)).toEqual(['acknowledge', 'snooze', 'history']);
  });

  test('has the labels and the failure on its buttons', () => {
    const value =
      '{"scheduler_id":"eod-billing","event_id":"00000000-0000-4000-8000-000000000001","at":1795374300000,"key":"eod/x"}';
    expect(renderAlert({ ...fresh, key: 'eod/x' }).blocks.at(-1)).toEqual({
      type: 'actions',
      block_id: 'alert-1795374303000-4',
      elements: [
        {
          type: 'button',
          action_id: 'acknowledge',
          style: 'primary',
          text: { type: 'plain_text', text: 'Acknowledge', emoji: false },
          value,
        },
        {
          type: 'button',
          action_id: 'snooze',
          text: { type: 'plain_text', text: 'Snooze 1 h', emoji: false },
          value,
        },
        {
          type: 'button',
          action_id: 'history',
          text: { type: 'plain_text', text: 'History', emoji: false },
          value,
        },
      ],
    });
  });

  test('without owner, duration or error says so and mentions nobody', () => {
    const bare = { ...failure, duration: null, error: null };
    const { text, blocks } = renderAlert({ ...fresh, failure: bare, mention: null });
    expect(text).toBe('billing / close-day failed 02:05 WIB');
    expect(richTexts(blocks)).toEqual([
      'Service: billing\nJob: close-day\nTime: 02:05 WIB\nDuration: not reported',
    ]);
    expect(texts(blocks)).toEqual(['❌ billing / close-day failed', 'No error message came with it.']);
  });

  test('shows 2,500 characters of an error and says how many it does not', () => {
    const whole = renderAlert({ ...fresh, failure: { ...failure, error: 'e'.repeat(2_500) } });
    expect(richTexts(whole.blocks)[1]).toBe('e'.repeat(2_500));
    expect(footers(whole.blocks)).toEqual([]);
    const cut = renderAlert({ ...fresh, failure: { ...failure, error: `${'e'.repeat(2_500)}fg` } });
    expect(richTexts(cut.blocks)[1]).toBe('e'.repeat(2_500));
    expect(footers(cut.blocks)).toEqual(['error cut: 2 more characters not shown']);
  });

  test('shows fewer characters where each takes three bytes', () => {
    const { blocks } = renderAlert({ ...fresh, failure: { ...failure, error: '界'.repeat(2_000) } });
    const shown = richTexts(blocks)[1] ?? '';
    expect(shown).toMatch(/^界{1600,1900}$/);
    expect(footers(blocks)).toEqual([`error cut: ${2_000 - shown.length} more characters not shown`]);
  });

  test('shows the date of a failure that is not of today', () => {
    const { text } = renderAlert({ ...fresh, now: wib('00:00', '2026-11-24') });
    expect(text).toBe(
      '<@U0SARI> billing / close-day failed 23 November 2026, 02:05 WIB: ORA-01555: snapshot too old',
    );
  });

  test('that is acknowledged says by whom and when, names its owner and calls nobody any more', () => {
    const { text, blocks } = renderAlert({ ...fresh, acknowledged: { by: 'Sari', at: wib('02:09') } });
    expect(texts(blocks)).toEqual(['❌ billing / close-day failed', 'Owner: <@U0SARI>']);
    expect(footers(blocks)).toEqual(['acknowledged by Sari, 02:09 WIB']);
    expect(buttonsOf(blocks)).toEqual(['snooze', 'history']);
    expect(text).toMatch(/ \(acknowledged by Sari\)$/);
  });

  test('that is snoozed says until when and by whom', () => {
    const { blocks } = renderAlert({ ...fresh, snoozed: { by: 'Budi', until: wib('03:05') } });
    expect(footers(blocks)).toEqual(['snoozed until 03:05 WIB by Budi']);
  });

  test('whose job recovered says when and after how long, and leaves only the history to look at', () => {
    const { text, blocks } = renderAlert({ ...fresh, recovered: { at: wib('02:40'), after: 2_100_000 } });
    expect(texts(blocks)).toEqual(['✅ billing / close-day recovered']);
    expect(footers(blocks)).toEqual(['recovered 02:40 after 35 min']);
    expect(buttonsOf(blocks)).toEqual(['history']);
    expect(text).toMatch(/ \(recovered 02:40 after 35 min\)$/);
  });

  test('that arrives when a newer status is known is over already and mentions nobody', () => {
    const { text, blocks } = renderAlert({ ...fresh, newer: { status: 'completed', at: wib('02:30') } });
    expect(text).toBe('billing / close-day failed 02:05 WIB: ORA-01555: snapshot too old (already over)');
    expect(texts(blocks)).toEqual(['☑ billing / close-day had failed']);
    expect(footers(blocks)).toEqual(['already over when it arrived: completed since 02:30 WIB']);
    expect(buttonsOf(blocks)).toEqual(['history']);
    expect(mrkdwnIn(blocks)).toEqual([]);
  });

  test('that arrives late says so and mentions nobody', () => {
    const { text, blocks } = renderAlert({ ...fresh, late: true });
    expect(text).toMatch(/^billing \/ close-day failed/);
    expect(footers(blocks)).toEqual(['arrived more than 24 h after it happened']);
    expect(mrkdwnIn(blocks)).toEqual([]);
    expect(buttonsOf(blocks)).toEqual(['acknowledge', 'snooze', 'history']);
  });

  const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { nil: null });
  const anyAlert: fc.Arbitrary<Alert> = fc.record({
    failure: fc.record({
      scheduler_id: fc.stringMatching(/^[A-Za-z0-9._:-]{1,255}$/),
      event_id: fc.uuid(),
      service_name: hostileText,
      job_name: hostileText,
      at: instant,
      duration: maybe(fc.double({ min: 0, max: 1e15, noNaN: true })),
      error: hostileError,
    }),
    zone: fc.constant(zone),
    now: instant,
    mention: fc.oneof(fc.constant('U0SARI'), maybe(hostileText)),
    snoozed: maybe(fc.record({ until: instant, by: hostileText })),
    acknowledged: maybe(fc.record({ by: hostileText, at: instant })),
    recovered: maybe(fc.record({ at: instant, after: fc.nat() })),
    newer: maybe(fc.record({ status: fc.constantFrom(...statuses), at: instant })),
    late: fc.boolean(),
    key: fc.stringMatching(/^[ -~]{1,400}$/),
  });

  test('of anything is taken by Slack and parses as nothing but the mention of its owner', () => {
    fc.assert(
      fc.property(anyAlert, (alert) => {
        const content = renderAlert(alert);
        expect(refusals(content)).toEqual([]);
        expect(parsedTexts(content).flatMap((text) => dangersIn(text, ['<@U0SARI>']))).toEqual([]);
        const isOver = alert.newer !== null || alert.recovered !== null || alert.late;
        const isMentioned = alert.mention === 'U0SARI' && !isOver;
        expect(parsedTexts(content).filter((text) => text.includes('<@U0SARI>'))).toHaveLength(
          isMentioned ? 2 : 0,
        );
      }),
      { numRuns: 300 },
    );
  });
});

describe('the reply to an alert', () => {
  const reply = { service_name: 'billing', job_name: 'close-day', at: wib('02:40'), after: 2_100_000, zone };

  test('says when the job recovered and after how long', () => {
    const { text, blocks } = renderRecoveryReply(reply);
    expect(text).toBe('✅ billing / close-day recovered 02:40 after 35 min');
    expect(texts(blocks)).toEqual(['✅ billing / close-day recovered 02:40 after 35 min']);
  });

  test('of anything is taken by Slack and parses as text', () => {
    fc.assert(
      fc.property(hostileText, hostileText, (service_name, job_name) => {
        const content = renderRecoveryReply({ ...reply, service_name, job_name });
        expect(refusals(content)).toEqual([]);
        expect(parsedTexts(content).flatMap((text) => dangersIn(text))).toEqual([]);
      }),
    );
  });
});

describe('the value of a button', () => {
  const button = { scheduler_id: 's'.repeat(255), event_id: failure.event_id, at: 1, key: 'k' };

  test('reads back as what it was', () => {
    expect(readButton(buttonValue(button))).toEqual(button);
  });

  test('leaves out a key that is too long', () => {
    const { key, ...rest } = { ...button, key: 'k'.repeat(2_000) };
    expect(readButton(buttonValue({ ...rest, key }))).toEqual(rest);
  });

  test.each(['', 'x', 'null', '{}', '{"scheduler_id":"a","event_id":"b","at":"c"}'])(
    'of another make, %j, is none',
    (value) => {
      expect(readButton(value)).toBeUndefined();
    },
  );
});
