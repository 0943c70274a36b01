import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { linkOf } from '../../../../src/transports/slack/render/escape.ts';
import { whatHappened } from '../../../../src/alerts/explain.ts';
import type { Progress } from '../../../../src/alerts/lifecycle.ts';
import {
  renderAlert,
  renderAlertDetails,
  renderOwnerCall,
  renderRecoveryReply,
  type Alert,
} from '../../../../src/transports/slack/render/alert.ts';
import { readButton } from '../../../../src/transports/slack/render/buttons.ts';
import type { Block } from '../../../../src/transports/slack/content.ts';
import {
  expectHarmless,
  footers,
  hostileError,
  hostileText,
  instant,
  mrkdwnIn,
  open,
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
  what: 'failed',
  sign: 'failed',
  ending: null,
  dependents: [],
  runbookUrl: null,
  seen: null,
  zone,
  now: wib('02:05:03'),
  mention: 'U0SARI',
  progress: open,
  late: false,
  arrivedOver: false,
};
/** The alert when that became of its failure. */
const after = (progress: Partial<Progress>, more: Partial<Alert> = {}): Alert => ({
  ...fresh,
  ...more,
  progress: { ...open, ...progress },
});

const buttonsOf = (blocks: readonly Block[]): string[] =>
  blocks.flatMap((block) =>
    block.type === 'actions'
      ? block.elements.map((element) => ('action_id' in element ? (element.action_id ?? '') : ''))
      : [],
  );

describe('an alert', () => {
  test('of a slot says what did not happen, and how it ended', () => {
    const late: Partial<Alert> = {
      failure: { ...failure, duration: null, error: 'due 01:00 WIB, nothing had begun by 01:10 WIB' },
      what: 'did not start',
      sign: 'late',
      dependents: ['report', 'archive'],
      runbookUrl: 'https://wiki.example.com/close?a|b>',
    };
    const { text, blocks } = renderAlert({ ...fresh, ...late });
    expect(text).toBe(
      '<@U0SARI> billing / close-day did not start: due 01:00 WIB, nothing had begun by 01:10 WIB',
    );
    const shown = JSON.stringify(blocks);
    expect(shown).toContain('⏰ billing / close-day did not start');
    expect(shown).toContain('2 jobs wait for it: report, archive');
    expect(shown).toContain('<https://wiki.example.com/close?a%7Cb%3E|Run book on wiki.example.com>');
    const ended = after(
      { recovered: { at: wib('01:47') } },
      { ...late, ending: { text: 'began 01:47 WIB, 47 min late', sign: 'completed' } },
    );
    expect(renderAlert(ended).text).toBe(
      '✅ billing / close-day did not start, began 01:47 WIB, 47 min late',
    );
  });

  test('says how often its cause was seen, and how long recovery took', () => {
    const { blocks } = renderAlert({ ...fresh, seen: { times: 3, recovery: 2_100_000 } });
    expect(JSON.stringify(blocks)).toContain(
      'this cause was seen 3 times before in 30 days, recovered after 35 min the last time',
    );
  });

  test('says which job failed and why, whose it is, when and after how long, and offers buttons', () => {
    const { text, blocks } = renderAlert(fresh);
    expect(text).toBe('<@U0SARI> billing / close-day failed 02:05 WIB: ORA-01555: snapshot too old');
    expect(texts(blocks)).toEqual([
      '❌ billing / close-day failed',
      'ORA-01555: snapshot too old',
      '<@U0SARI> this job is yours.',
    ]);
    expect(richTexts(blocks)).toEqual([
      'Time: 02:05 WIB\nDuration: 35 min',
      'ORA-01555: snapshot too old\n  at close()',
    ]);
    expect(footers(blocks)).toEqual([]);
    expect(buttonsOf(blocks)).toEqual(['acknowledge', 'snooze', 'history']);
  });

  test('has the labels and the failure on its buttons', () => {
    const value =
      '{"scheduler_id":"eod-billing","event_id":"00000000-0000-4000-8000-000000000001","at":1795374300000}';
    const button = (action_id: string, text: string, style = {}) => ({
      type: 'button',
      action_id,
      text: { type: 'plain_text', text, emoji: false },
      value,
      ...style,
    });
    expect(renderAlert(fresh).blocks.at(-1)).toEqual({
      type: 'actions',
      block_id: 'alert-1795374303000-5',
      elements: [
        button('acknowledge', 'Acknowledge', { style: 'primary' }),
        button('snooze', 'Snooze 1 h'),
        button('history', 'History'),
      ],
    });
  });

  test('says the line of its error that tells the cause first, not the head of a traceback', () => {
    const error = 'Traceback (most recent call last):\n  File "job.py", line 3\nValueError: no rows';
    const { text, blocks } = renderAlert({ ...fresh, failure: { ...failure, error } });
    expect(text).toBe('<@U0SARI> billing / close-day failed 02:05 WIB: ValueError: no rows');
    expect(texts(blocks)[1]).toBe('ValueError: no rows');
    expect(richTexts(blocks)[1]).toBe(error);
  });

  test('of a single line does not say it twice', () => {
    const { blocks } = renderAlert({ ...fresh, failure: { ...failure, error: 'disk full' } });
    expect(texts(blocks)[1]).toBe('disk full');
    expect(richTexts(blocks)).toEqual(['Time: 02:05 WIB\nDuration: 35 min']);
  });

  test('without owner, duration or error says so and mentions nobody', () => {
    const bare = { ...failure, duration: null, error: null };
    const { text, blocks } = renderAlert({ ...fresh, failure: bare, mention: null });
    expect(text).toBe('billing / close-day failed 02:05 WIB');
    expect(richTexts(blocks)).toEqual(['Time: 02:05 WIB']);
    expect(texts(blocks)).toEqual(['❌ billing / close-day failed', 'No error message came with it.']);
  });

  test('shows 2,500 characters of an error and says how many it does not', () => {
    const lines = `x\n${'e'.repeat(2_498)}`;
    const whole = renderAlert({ ...fresh, failure: { ...failure, error: lines } });
    expect(richTexts(whole.blocks)[1]).toBe(lines);
    expect(footers(whole.blocks)).toEqual([]);
    const cut = renderAlert({ ...fresh, failure: { ...failure, error: `${lines}fg` } });
    expect(richTexts(cut.blocks)[1]).toBe(lines);
    expect(footers(cut.blocks)).toEqual(['error cut: 2 more characters not shown']);
  });

  test('shows fewer characters where each takes three bytes', () => {
    const { blocks } = renderAlert({ ...fresh, failure: { ...failure, error: `x\n${'界'.repeat(2_000)}` } });
    const shown = richTexts(blocks)[1] ?? '';
    expect(shown).toMatch(/^x\n界{1600,1900}$/);
    expect(footers(blocks)).toEqual([`error cut: ${2_002 - shown.length} more characters not shown`]);
  });

  test('shows the date of a failure that is not of today', () => {
    const { text } = renderAlert({ ...fresh, now: wib('00:00', '2026-11-24') });
    expect(text).toBe(
      '<@U0SARI> billing / close-day failed 23 November 2026, 02:05 WIB: ORA-01555: snapshot too old',
    );
  });

  test('that is acknowledged is one line that says by whom and when, and calls nobody any more', () => {
    const { text, blocks } = renderAlert(after({ acknowledged: { by: 'Sari (U0SARI)', at: wib('02:09') } }));
    const line =
      '👀 billing / close-day failed 02:05 WIB: ORA-01555: snapshot too old · acknowledged by Sari 02:09 WIB';
    expect(texts(blocks)).toEqual([line]);
    expect(text).toBe(line);
    expect(buttonsOf(blocks)).toEqual(['snooze', 'history']);
  });

  test('that is snoozed says until when and by whom, names its owner without a call, and offers no snooze', () => {
    const { text, blocks } = renderAlert(after({ snoozed: { by: 'Budi', until: wib('03:05') } }));
    expect(texts(blocks)).toEqual([
      '🔕 billing / close-day failed, snoozed',
      'ORA-01555: snapshot too old',
      'Owner: <@U0SARI>',
    ]);
    expect(footers(blocks)).toEqual(['snoozed until 03:05 WIB by Budi']);
    expect(buttonsOf(blocks)).toEqual(['acknowledge', 'history']);
    expect(text).toMatch(/^billing .* \(snoozed until 03:05 WIB by Budi\)$/);
  });

  test('whose job recovered is one line that says when and after how long, and offers nothing', () => {
    const { text, blocks } = renderAlert(after({ recovered: { at: wib('02:40') } }));
    const line =
      '✅ billing / close-day failed 02:05 WIB, recovered 02:40 WIB after 35 min: ORA-01555: snapshot too old';
    expect(texts(blocks)).toEqual([line]);
    expect(text).toBe(line);
    expect(buttonsOf(blocks)).toEqual([]);
  });

  test('shows the date of a recovery of another day', () => {
    const now = wib('03:00', '2026-11-24');
    const { text } = renderAlert(after({ recovered: { at: wib('02:40', '2026-11-24') } }, { now }));
    expect(text).toContain('failed 23 November 2026, 02:05 WIB, recovered 02:40 WIB after 1 d 00 h');
  });

  test('whose job had completed before it could be posted says so', () => {
    const { text } = renderAlert(after({ recovered: { at: wib('02:30') } }, { arrivedOver: true }));
    expect(text).toBe(
      '✅ billing / close-day failed 02:05 WIB, completed 02:30 WIB before this could be posted: ORA-01555: snapshot too old',
    );
  });

  test('whose job was removed says so, and offers nothing', () => {
    const { text, blocks } = renderAlert(after({ removed: { at: wib('02:30') } }));
    expect(text).toBe(
      '➖ billing / close-day failed 02:05 WIB: ORA-01555: snapshot too old · removed 02:30 WIB',
    );
    expect(buttonsOf(blocks)).toEqual([]);
  });

  test('that arrives late says so', () => {
    const { blocks } = renderAlert({ ...fresh, late: true, mention: null });
    expect(footers(blocks)).toEqual(['arrived more than 24 h after it happened']);
    expect(mrkdwnIn(blocks)).toEqual([]);
  });

  test.each([
    ['Sari (U0SARI)', 'Sari'],
    ['U0SARI', 'somebody in Slack'],
    ['ops-script', 'ops-script'],
  ])('shows no raw user id: %s is %s', (by, shown) => {
    const { text } = renderAlert(after({ acknowledged: { by, at: wib('02:09') } }));
    expect(text).toContain(`acknowledged by ${shown} 02:09`);
    expect(text).not.toContain('U0SARI');
  });

  test('keeps for its thread what its one line leaves out', () => {
    const { text, blocks } = renderAlertDetails(fresh);
    expect(text).toBe('billing / close-day: details');
    expect(richTexts(blocks)).toEqual([
      'Time: 02:05 WIB\nDuration: 35 min',
      'ORA-01555: snapshot too old\n  at close()',
    ]);
    expect(refusals(renderAlertDetails(fresh))).toEqual([]);
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
    what: fc.constantFrom(...Object.values(whatHappened)),
    sign: fc.constantFrom('failed', 'late'),
    ending: maybe(
      fc.record({
        text: fc.constant('began 01:47 WIB, 47 min late'),
        sign: fc.constantFrom('completed' as const, 'failed' as const),
      }),
    ),
    dependents: fc.array(fc.stringMatching(/^[A-Za-z0-9._:-]{1,255}$/), { maxLength: 50 }),
    runbookUrl: maybe(fc.webUrl({ withQueryParameters: true, withFragments: true })),
    seen: maybe(fc.record({ times: fc.integer({ min: 1, max: 1_000 }), recovery: maybe(fc.nat()) })),
    zone: fc.constant(zone),
    now: instant,
    mention: fc.oneof(fc.constant('U0SARI'), maybe(hostileText)),
    progress: fc.record({
      snoozed: maybe(fc.record({ until: instant, by: hostileText })),
      acknowledged: maybe(fc.record({ by: hostileText, at: instant })),
      recovered: maybe(fc.record({ at: instant })),
      removed: maybe(fc.record({ at: instant })),
    }),
    late: fc.boolean(),
    arrivedOver: fc.boolean(),
  });

  test('of anything is taken by Slack and parses as nothing but the mention of its owner', () => {
    fc.assert(
      fc.property(anyAlert, (alert) => {
        const content = renderAlert(alert);
        const link = alert.runbookUrl === null ? undefined : linkOf(alert.runbookUrl, 'Run book');
        expectHarmless(content, ['<@U0SARI>', ...(link === undefined ? [] : [link])]);
        expect(refusals(renderAlertDetails(alert))).toEqual([]);
        const { acknowledged, recovered, removed, snoozed } = alert.progress;
        const isOpen = (acknowledged ?? recovered ?? removed) === null;
        const named = alert.mention !== 'U0SARI' || !isOpen ? 0 : snoozed === null ? 2 : 1;
        expect(parsedTexts(content).filter((text) => text.includes('<@U0SARI>'))).toHaveLength(named);
      }),
      { numRuns: 300 },
    );
  });
});

describe('the reply to an alert', () => {
  const reply = {
    service_name: 'billing',
    job_name: 'close-day',
    at: wib('02:40'),
    after: 2_100_000,
    ending: null,
    zone,
    now: wib('02:41'),
  };

  test('says when the job recovered and after how long', () => {
    const { text, blocks } = renderRecoveryReply(reply);
    expect(text).toBe('✅ billing / close-day recovered 02:40 WIB after 35 min');
    expect(texts(blocks)).toEqual(['✅ billing / close-day recovered 02:40 WIB after 35 min']);
  });

  test('of anything is taken by Slack and parses as text', () => {
    fc.assert(
      fc.property(hostileText, hostileText, (service_name, job_name) => {
        const content = renderRecoveryReply({ ...reply, service_name, job_name });
        expectHarmless(content);
      }),
    );
  });
});

describe('the call of an owner who was found late', () => {
  test('mentions nobody else, whoever that is said to be', () => {
    expect(renderOwnerCall('U0SARI', wib('02:06')).text).toBe('<@U0SARI> this job is yours.');
    expect(renderOwnerCall('<!channel>', wib('02:06')).text).toBe('Owner: this job is yours.');
  });
});

test.each(['', 'x', 'null', '{}', '{"scheduler_id":"a","event_id":"b","at":"c"}'])(
  'the value of a button of another make, %j, is none',
  (value) => {
    expect(readButton(value)).toBeUndefined();
  },
);
