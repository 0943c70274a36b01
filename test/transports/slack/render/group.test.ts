import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  renderGroup,
  renderGroupMention,
  type Group,
  type GroupMember,
} from '../../../../src/transports/slack/render/group.ts';
import {
  expectHarmless,
  footers,
  hostileError,
  hostileText,
  instant,
  mrkdwnIn,
  open,
  refusals,
  texts,
  wib,
  zone,
} from './samples.ts';

const member = (fields: Partial<GroupMember> = {}): GroupMember => ({
  service_name: 'billing',
  job_name: 'close-day',
  at: wib('02:05'),
  error: 'disk full\nat write()',
  progress: open,
  ...fields,
});

const group = (members: readonly GroupMember[], mentions: readonly string[] = []): Group => ({
  key: { night: 'eod/2026-11-23', message_key: 'group/2026-11-22T19:05:00.000Z/0123456789ab' },
  members,
  mentions,
  zone,
  now: wib('02:06'),
});

describe('a group of failures', () => {
  test('and of jobs that did not start says that they went wrong, and tells them apart', () => {
    const { text, blocks } = renderGroup(
      group([member(), member({ kind: 'late', job_name: 'open-day', error: 'did not start' })]),
    );
    expect(text).toBe('2 more jobs went wrong: billing / close-day, billing / open-day');
    const shown = texts(blocks).join('\n');
    expect(shown).toContain('❌ billing / close-day · disk full');
    expect(shown).toContain('⏰ billing / open-day · did not start');
  });

  test('lists what is open before what is over, says how many of each, and mentions every owner once', () => {
    const { text, blocks } = renderGroup(
      group(
        [
          member({ service_name: 'stock', progress: { ...open, recovered: { at: wib('02:40') } } }),
          member({
            service_name: 'ledger',
            at: wib('02:06'),
            error: null,
            progress: { ...open, acknowledged: { by: 'Sari (U0SARI)', at: wib('02:07') } },
          }),
          member(),
          member({ service_name: 'gone', progress: { ...open, removed: { at: wib('02:50') } } }),
        ],
        ['U0SARI', 'U0BUDI', 'U0SARI'],
      ),
    );
    expect(text).toBe('4 more jobs failed: 2 open, 2 over: billing / close-day, ledger / close-day');
    expect(texts(blocks)).toEqual([
      '❌ 4 more jobs failed: 2 open, 2 over',
      '<@U0SARI> <@U0BUDI>',
      '❌ billing / close-day · disk full · 02:05 WIB\n' +
        '👀 ledger / close-day · 02:06 WIB · acknowledged by Sari\n' +
        '✅ stock / close-day · recovered 02:40 WIB\n' +
        '➖ gone / close-day · removed 02:50 WIB',
    ]);
    expect(footers(blocks)).toEqual(['1 recovered, 1 acknowledged']);
  });

  test('offers to acknowledge or snooze all that nobody looks after, or one of them', () => {
    const acknowledged = { ...open, acknowledged: { by: 'Sari', at: wib('02:07') } };
    const { blocks } = renderGroup(
      group([
        member({ job_name: 'a', progress: acknowledged }),
        member({ job_name: 'b' }),
        member({ job_name: 'c' }),
      ]),
    );
    const [menu] = blocks.flatMap((block) => (block.type === 'actions' ? block.elements : []));
    const options = (action: string) => [
      { text: { type: 'plain_text', text: 'All 2', emoji: false }, value: `${action} all` },
      { text: { type: 'plain_text', text: 'billing / b', emoji: false }, value: `${action} 1` },
      { text: { type: 'plain_text', text: 'billing / c', emoji: false }, value: `${action} 2` },
    ];
    expect(menu).toMatchObject({
      type: 'static_select',
      action_id: 'group eod/2026-11-23 group/2026-11-22T19:05:00.000Z/0123456789ab',
      option_groups: [
        { label: { text: 'Acknowledge' }, options: options('acknowledge') },
        { label: { text: 'Snooze 1 h' }, options: options('snooze') },
      ],
    });
  });

  test('that is over altogether says so, calls nobody and offers nothing', () => {
    const { text, blocks } = renderGroup(
      group([member({ progress: { ...open, recovered: { at: wib('02:40') } } })], ['U0SARI']),
    );
    expect(text).toBe('1 more job failed: all over: billing / close-day');
    expect(texts(blocks)[0]).toBe('✅ 1 more job failed: all over');
    expect(mrkdwnIn(blocks)).toEqual([]);
    expect(blocks.some(({ type }) => type === 'actions')).toBe(false);
  });

  test('of one says so', () => {
    expect(renderGroup(group([member()])).text).toBe('1 more job failed: billing / close-day');
  });

  test('that is too long says how many it leaves to the board', () => {
    const members = Array.from({ length: 400 }, (_, n) => member({ job_name: `job-${n}` }));
    const content = renderGroup(group(members));
    const lines = texts(content.blocks).slice(1).join('\n').split('\n');
    const listed = lines.filter((line) => line.startsWith('❌ billing / job-')).length;
    expect(listed).toBeGreaterThan(80);
    expect(lines.at(-1)).toBe(`and ${400 - listed} more: see the board`);
    expect(content.text).toMatch(/ billing \/ job-19 and 380 more$/);
  });

  test('with more owners than a section takes says how many are left', () => {
    const mentions = Array.from({ length: 500 }, (_, n) => `U${String(n).padStart(20, '0')}`);
    const called = mrkdwnIn(renderGroup(group([member()], mentions)).blocks)[0] ?? '';
    const named = called.match(/<@U\d{20}>/g)?.length ?? 0;
    expect(named).toBe(116);
    expect(called).toMatch(/> and 384 more owners$/);
  });

  test('of anything is taken by Slack and parses as nothing but mentions', () => {
    const members = fc.array(
      fc.record({
        service_name: hostileText,
        job_name: hostileText,
        at: instant,
        error: hostileError,
        progress: fc.record({
          acknowledged: fc.option(fc.record({ by: hostileText, at: instant }), { nil: null }),
          recovered: fc.option(fc.record({ at: instant }), { nil: null }),
          snoozed: fc.option(fc.record({ by: hostileText, until: instant }), { nil: null }),
          removed: fc.option(fc.record({ at: instant }), { nil: null }),
        }),
      }),
      { maxLength: 6 },
    );
    const times = fc.constantFrom(1, 30, 300);
    const mentions = fc.array(fc.oneof(fc.constantFrom('U0SARI', 'U0BUDI'), hostileText));
    fc.assert(
      fc.property(members, times, mentions, (few, times, mentions) => {
        const content = renderGroup(group(Array.from({ length: times }, () => few).flat(), mentions));
        expectHarmless(content, ['<@U0SARI>', '<@U0BUDI>']);
        for (const id of ['U0SARI', 'U0BUDI']) {
          const found = mrkdwnIn(content.blocks).join('').split(`<@${id}>`).length - 1;
          const isOpen =
            times > 0 && few.some(({ progress }) => (progress.recovered ?? progress.removed) === null);
          expect(found).toBe(isOpen && mentions.includes(id) ? 1 : 0);
        }
      }),
      { numRuns: 40 },
    );
  });
});

test('the reply for owners who joined a group later mentions them', () => {
  const content = renderGroupMention(['U0PUTRI', 'U0PUTRI'], wib('02:06'));
  expect(content.text).toBe('<@U0PUTRI> More jobs have failed: see the list above.');
  expect(mrkdwnIn(content.blocks)).toEqual([content.text]);
  expect(refusals(content)).toEqual([]);
});
