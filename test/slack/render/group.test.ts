import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  renderGroup,
  renderGroupMention,
  type Group,
  type GroupMember,
} from '../../../src/slack/render/group.ts';
import {
  dangersIn,
  footers,
  hostileError,
  hostileText,
  instant,
  mrkdwnIn,
  parsedTexts,
  refusals,
  texts,
  wib,
  zone,
} from './samples.ts';

const member = (fields: Partial<GroupMember> = {}): GroupMember => ({
  scheduler_id: 'eod-billing',
  service_name: 'billing',
  job_name: 'close-day',
  at: wib('02:05'),
  error: 'disk full\nat write()',
  acknowledgedBy: null,
  recoveredAt: null,
  ...fields,
});

const group = (members: readonly GroupMember[], mentions: readonly string[] = []): Group => ({
  members,
  mentions,
  zone,
  now: wib('02:06'),
});

describe('a group of failures', () => {
  test('lists its jobs and mentions every owner once', () => {
    const { text, blocks } = renderGroup(
      group(
        [
          member(),
          member({ service_name: 'ledger', at: wib('02:06'), error: null, acknowledgedBy: 'Sari' }),
          member({ service_name: 'stock', recoveredAt: wib('02:40') }),
        ],
        ['U0SARI', 'U0BUDI', 'U0SARI'],
      ),
    );
    expect(text).toBe('3 more jobs failed: billing / close-day, ledger / close-day, stock / close-day');
    expect(texts(blocks)).toEqual([
      '❌ 3 more jobs failed',
      '<@U0SARI> <@U0BUDI>',
      '❌ 02:05 · billing / close-day · disk full\n' +
        '❌ 02:06 · ledger / close-day · acknowledged by Sari\n' +
        '✅ 02:05 · stock / close-day · disk full · recovered 02:40',
    ]);
    expect(footers(blocks)).toEqual(['1 recovered, 1 acknowledged']);
  });

  test('of one says so', () => {
    expect(renderGroup(group([member()])).text).toBe('1 more job failed: billing / close-day');
  });

  test('that is too long says how many it leaves to the board', () => {
    const members = Array.from({ length: 400 }, (_, n) => member({ job_name: `job-${n}` }));
    const content = renderGroup(group(members));
    const lines = texts(content.blocks).slice(1).join('\n').split('\n');
    const listed = lines.filter((line) => line.startsWith('❌ 02:05 · billing / job-')).length;
    expect(listed).toBeGreaterThan(100);
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
        scheduler_id: fc.constant('eod-billing'),
        service_name: hostileText,
        job_name: hostileText,
        at: instant,
        error: hostileError,
        acknowledgedBy: fc.option(hostileText, { nil: null }),
        recoveredAt: fc.option(instant, { nil: null }),
      }),
      { maxLength: 6 },
    );
    const times = fc.constantFrom(1, 30, 300);
    const mentions = fc.array(fc.oneof(fc.constantFrom('U0SARI', 'U0BUDI'), hostileText));
    fc.assert(
      fc.property(members, times, mentions, (few, times, mentions) => {
        const content = renderGroup(group(Array.from({ length: times }, () => few).flat(), mentions));
        expect(refusals(content)).toEqual([]);
        const ours = ['<@U0SARI>', '<@U0BUDI>'];
        expect(parsedTexts(content).flatMap((text) => dangersIn(text, ours))).toEqual([]);
        for (const id of ['U0SARI', 'U0BUDI']) {
          const found = mrkdwnIn(content.blocks).join('').split(`<@${id}>`).length - 1;
          expect(found).toBe(mentions.includes(id) ? 1 : 0);
        }
      }),
      { numRuns: 100 },
    );
  });
});

test('the reply for owners who joined a group later mentions them', () => {
  const content = renderGroupMention(['U0PUTRI', 'U0PUTRI'], wib('02:06'));
  expect(content.text).toBe('<@U0PUTRI> More jobs have failed: see the list above.');
  expect(mrkdwnIn(content.blocks)).toEqual([content.text]);
  expect(refusals(content)).toEqual([]);
});
