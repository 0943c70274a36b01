import { describe, expect, test } from '@jest/globals';
import { messageProblems } from '../../../localstack/slack/api/block-kit.ts';

const plain = (text: string) => ({ type: 'plain_text', text });
const mrkdwn = (text: string) => ({ type: 'mrkdwn', text });
const section = (text: string) => ({ type: 'section', text: mrkdwn(text) });
const header = { type: 'header', text: plain('Night') };
const cell = (text: string) => ({ type: 'raw_text', text });
const button = (more: object = {}) => ({ type: 'button', text: plain('Go'), action_id: 'go', ...more });
const many = <T>(count: number, one: T): T[] => Array.from({ length: count }, () => one);

const details = (...blocks: unknown[]) => messageProblems({ text: 'x', blocks }).map(({ detail }) => detail);

describe('a message', () => {
  test('of every kind of block that Ronda uses is taken', () => {
    expect(
      details(
        { type: 'header', block_id: 'title', text: { ...plain('Night watch'), emoji: false } },
        { type: 'section', text: { ...mrkdwn('<@U0SARI> this job is yours.'), verbatim: true } },
        { type: 'context', elements: [plain('updated 02:00 WIB')] },
        { type: 'actions', elements: [button({ style: 'primary', value: '{}' })] },
        {
          type: 'table',
          column_settings: [{ align: 'right', is_wrapped: true }],
          rows: [[cell('job'), cell('runs')]],
        },
        {
          type: 'rich_text',
          elements: [
            { type: 'rich_text_section', elements: [{ type: 'text', text: 'Job', style: { bold: true } }] },
            { type: 'rich_text_preformatted', elements: [{ type: 'text', text: 'disk full' }] },
          ],
        },
      ),
    ).toEqual([]);
  });

  test.each([
    ['without text and blocks', {}],
    ['with empty text and no blocks', { text: '' }],
    ['with empty text and an empty list of blocks', { text: '', blocks: [] }],
  ])('%s says nothing and is refused', (_, message) => {
    expect(messageProblems(message).map(({ error }) => error)).toEqual(['no_text']);
  });

  test('with blocks needs no text, and with text no blocks', () => {
    expect(messageProblems({ blocks: [section('x')] })).toEqual([]);
    expect(messageProblems({ text: 'x', blocks: [] })).toEqual([]);
  });

  test('may have 4,000 characters of text, not one more', () => {
    expect(messageProblems({ text: 'x'.repeat(4_000) })).toEqual([]);
    expect(messageProblems({ text: 'x'.repeat(4_001) })).toEqual([
      { error: 'msg_too_long', detail: 'must be at most 4000 characters, has 4001 [json-pointer:/text]' },
    ]);
    expect(messageProblems({ text: 'x'.repeat(4_001) }, { text: 40_000 })).toEqual([]);
  });

  test('may have 50 blocks, not 51', () => {
    expect(details(...many(50, header))).toEqual([]);
    expect(details(...many(51, header))).toEqual(['must be at most 50 items [json-pointer:/blocks]']);
  });

  test('may have 13,000 characters of JSON in its blocks, not one more', () => {
    const blocks = (length: number) => [...many(4, section('x'.repeat(2_900))), section('x'.repeat(length))];
    const rest = 13_000 - JSON.stringify(blocks(0)).length;
    expect(JSON.stringify(blocks(rest))).toHaveLength(13_000);
    expect(messageProblems({ blocks: blocks(rest) })).toEqual([]);
    expect(messageProblems({ blocks: blocks(rest + 1) })).toEqual([
      {
        error: 'msg_blocks_too_long',
        detail: 'must be at most 13000 characters of JSON, has 13001 [json-pointer:/blocks]',
      },
    ]);
  });

  test('names the path of what is wrong', () => {
    expect(details(header, section('x'.repeat(3_001)))).toEqual([
      'must be at most 3000 characters [json-pointer:/blocks/1/text/text]',
    ]);
  });
});

describe('blocks are refused', () => {
  test.each<[string, unknown, string]>([
    ['of an unknown type', { type: 'image', image_url: 'x' }, 'unsupported type'],
    ['with an unknown property', { ...header, colour: 'red' }, 'no additional property allowed: colour'],
    ['that are no objects', 'header', '/blocks/0]'],
    ['with a header over 150 characters', { type: 'header', text: plain('x'.repeat(151)) }, 'at most 150'],
    ['with a header in mrkdwn', { type: 'header', text: mrkdwn('x') }, '/blocks/0/text/type]'],
    ['with empty text', section(''), 'at least 1 characters'],
    ['with a section that says nothing', { type: 'section' }, '/blocks/0/text]'],
    ['with 11 context elements', { type: 'context', elements: many(11, plain('x')) }, 'at most 10 items'],
    ['with an empty context', { type: 'context', elements: [] }, 'at least 1 items'],
    ['with no button in actions', { type: 'actions', elements: [] }, 'at least 1 items'],
    ['with a block_id of 256', { ...header, block_id: 'x'.repeat(256) }, 'at most 255 characters'],
    ['with an empty rich text', { type: 'rich_text', elements: [] }, 'at least 1 items'],
  ])('%s', (_, block, what) => {
    expect(details(block).join()).toContain(what);
  });

  test('with the same block_id twice', () => {
    expect(details({ ...header, block_id: 'a' }, { ...header, block_id: 'a' })).toEqual([
      'block_id already exists [json-pointer:/blocks/1/block_id]',
    ]);
  });

  test.each<[string, object, string]>([
    ['text over 75 characters', { text: plain('x'.repeat(76)) }, 'at most 75'],
    ['a value over 2,000', { value: 'x'.repeat(2_001) }, 'at most 2000'],
    ['an action_id over 255', { action_id: 'x'.repeat(256) }, 'at most 255'],
    ['another style', { style: 'warning' }, '/elements/0/style]'],
  ])('with a button that has %s', (_, more, what) => {
    expect(details({ type: 'actions', elements: [button(more)] }).join()).toContain(what);
  });

  test('with 26 buttons, or two of one action_id', () => {
    const buttons = Array.from({ length: 26 }, (_, n) => button({ action_id: String(n) }));
    expect(details({ type: 'actions', elements: buttons.slice(1) })).toEqual([]);
    expect(details({ type: 'actions', elements: buttons }).join()).toContain('at most 25 items');
    expect(details({ type: 'actions', elements: [button(), button()] })).toEqual([
      'action_id already exists [json-pointer:/blocks/0/elements/1/action_id]',
    ]);
  });
});
