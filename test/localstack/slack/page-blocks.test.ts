import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { KitBlock } from '../../../localstack/slack/page/page.d.ts';
import { around, mrkdwn, plain, raw, render, texts } from './page-fixtures.ts';
import { blockNodes } from './page-modules.ts';

describe('text', () => {
  test('in mrkdwn is formatted, and a mention of the user who acts stands out', () => {
    const element = render({ type: 'section', text: mrkdwn('*now* <@U0SARI> <@U0BUDI|budi> <#C0RONDA>') });
    expect(element.textContent).toBe('now @sari @budi #eod');
    expect(texts(element.tagged('strong'))).toEqual(['now']);
    expect(element.tagged('span').map((span) => span.getAttribute('class'))).toEqual([
      'mention mine',
      'mention',
    ]);
  });

  test('in plain text shows marks as they are, and emoji unless told otherwise', () => {
    expect(render({ type: 'header', text: plain('*x* <!here> :x:') }).textContent).toBe('*x* <!here> ❌');
    const literal = { type: 'header', text: { ...plain(':x:'), emoji: false } } as const;
    expect(render(literal).textContent).toBe(':x:');
  });

  test('calls everybody by a bare @here, unless it is verbatim', () => {
    const loose = render({ type: 'section', text: mrkdwn('@here https://a.example') });
    const exact = render({ type: 'section', text: { ...mrkdwn('@here https://a.example'), verbatim: true } });
    expect(texts(loose.tagged('span'))).toEqual(['@here']);
    expect(texts(loose.tagged('a'))).toEqual(['https://a.example']);
    expect([...exact.tagged('span'), ...exact.tagged('a')]).toEqual([]);
  });

  test('whatever it is, becomes text: elements are of the page’s own kinds, addresses are of the web', () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'binary', minLength: 1 }),
      fc.constantFrom(
        '<img src=x onerror=alert(1)>',
        '<javascript:alert(1)|x>',
        '</script><script>x</script>',
      ),
    );
    fc.assert(
      fc.property(hostile, (text) => {
        const elements = blockNodes(blocksSaying(text), around).flatMap((element) => element.all());
        expect(elements.filter(({ tag }) => !ownTags.includes(tag))).toEqual([]);
        const names = new Set(elements.flatMap(({ attributes }) => [...attributes.keys()]));
        expect([...names].filter((name) => !ownAttributes.includes(name))).toEqual([]);
        for (const { attributes } of elements) {
          expect(attributes.get('href') ?? 'https://').toMatch(/^(?:https?:\/\/|mailto:|#[CG][A-Z0-9]+$)/i);
        }
      }),
    );
  });
});

const ownTags = 'div h3 hr p br strong em s u code pre blockquote a span ul ol li table caption thead tbody tr th td button'.split(' '); // prettier-ignore
const ownAttributes = 'class href target rel type scope title role aria-label aria-sort tabindex start data-focus'.split(' '); // prettier-ignore

function blocksSaying(text: string): KitBlock[] {
  return [
    { type: 'header', text: plain(text) },
    { type: 'section', text: mrkdwn(text), fields: [mrkdwn(text), plain(text)] },
    { type: 'context', elements: [mrkdwn(text)] },
    { type: 'divider' },
    { type: 'actions', elements: [{ type: 'button', text: plain(text), url: text, action_id: text }] },
    { type: 'table', rows: [[raw(text)], [raw(text)]] },
    { type: 'data_table', caption: text, rows: [[raw(text)], [raw(text)]] },
    {
      type: 'rich_text',
      elements: [
        { type: 'rich_text_section', elements: [{ type: 'text', text, style: { code: true } }] },
        { type: 'rich_text_quote', elements: [{ type: 'link', url: text, text }] },
        { type: 'rich_text_preformatted', elements: [{ type: 'text', text }] },
      ],
    },
  ];
}

describe('a button', () => {
  test('tells which it is and in which block, when it is pressed', () => {
    const pressed: unknown[] = [];
    const button = {
      type: 'button',
      text: plain('Go'),
      action_id: 'go',
      value: '1',
      style: 'primary',
    } as const;
    const element = render(
      { type: 'actions', block_id: 'b1', elements: [button] },
      { onPress: (one, blockId) => pressed.push([one, blockId]) },
    );
    const [control] = element.tagged('button');
    expect(control?.getAttribute('class')).toBe('button primary');
    control?.click();
    expect(pressed).toEqual([[button, 'b1']]);
  });

  test('with an address leads there and is told all the same', () => {
    const pressed: string[] = [];
    const button = {
      type: 'button',
      text: plain('Docs'),
      action_id: 'docs',
      url: 'https://a.example/',
    } as const;
    const element = render(
      { type: 'section', text: mrkdwn('see'), accessory: button },
      { onPress: ({ action_id = '' }) => pressed.push(action_id) },
    );
    const [control] = element.tagged('a');
    control?.click();
    expect(control?.getAttribute('href')).toBe('https://a.example/');
    expect(pressed).toEqual(['docs']);
  });
});

test('rich text has lists, quotes, code and emoji by name or by code points', () => {
  const section = (text: string) => ({
    type: 'rich_text_section' as const,
    elements: [{ type: 'text' as const, text }],
  });
  const element = render({
    type: 'rich_text',
    elements: [
      {
        type: 'rich_text_section',
        elements: [
          { type: 'text', text: 'a', style: { bold: true, code: true } },
          { type: 'emoji', name: 'x' },
          { type: 'emoji', name: 'ship', unicode: '1f6a2' },
          { type: 'emoji', name: 'unheard_of' },
          { type: 'user', user_id: 'U0SARI' },
          { type: 'broadcast', range: 'here' },
        ],
      },
      { type: 'rich_text_list', style: 'ordered', offset: 2, elements: [section('one'), section('two')] },
      { type: 'rich_text_preformatted', elements: [{ type: 'text', text: ' *x*\n  at y' }] },
    ],
  });
  expect(texts(element.tagged('p'))).toEqual(['a❌🚢:unheard_of:@sari@here']);
  expect(texts(element.tagged('strong'))).toEqual(['a']);
  expect(texts(element.tagged('code'))).toEqual(['a']);
  expect(texts(element.tagged('li'))).toEqual(['one', 'two']);
  expect(element.tagged('ol')[0]?.getAttribute('start')).toBe('3');
  expect(texts(element.tagged('pre'))).toEqual([' *x*\n  at y']);
});
