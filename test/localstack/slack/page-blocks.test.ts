import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { KitBlock } from '../../../localstack/slack/page/page.d.ts';
import { cpuMs } from '../../support/cpu-time.ts';
import { around, mrkdwn, plain, raw, render, texts } from './page-fixtures.ts';
import { blockNodes } from './page-modules.ts';

describe('text', () => {
  test('in mrkdwn has mentions and links, and a mention of the user who acts stands out', () => {
    const text =
      '*now* <@U0SARI> <@U0BUDI|budi> <https://a.example/?b=1&amp;c=2|a &lt;b&gt;> <http://c.example>';
    const element = render({ type: 'section', text: mrkdwn(text) });
    expect(element.textContent).toBe('*now* @sari @budi a <b> http://c.example');
    expect(element.tagged('span').map((span) => span.getAttribute('class'))).toEqual([
      'mention mine',
      'mention',
    ]);
    expect(element.tagged('a').map((link) => link.getAttribute('href'))).toEqual([
      'https://a.example/?b=1&c=2',
      'http://c.example',
    ]);
  });

  test.each([
    ['&lt;@U0SARI&gt; &amp;lt; &quot;', '<@U0SARI> &lt; &quot;'],
    ['<javascript:alert(1)|x> <@sari> <b> a < b', '<javascript:alert(1)|x> <@sari> <b> a < b'],
  ])('in mrkdwn that is %s stays text, decoded once', (text, shown) => {
    const element = render({ type: 'section', text: mrkdwn(text) });
    expect(element.textContent).toBe(shown);
    expect(element.all()).toHaveLength(1);
  });

  test.each(['<', '<@U', '<https://a|', '&lt;'])(
    'of 200,000 characters of %s is shown within 2 s: the work grows with the length alone',
    (piece) => {
      const show = () => void render({ type: 'section', text: mrkdwn(piece.repeat(200_000 / piece.length)) });
      expect(cpuMs(show)).toBeLessThan(2_000);
    },
  );

  test('in plain text is shown as it is', () => {
    expect(render({ type: 'header', text: plain('*x* <!here> :x: &lt;') }).textContent).toBe(
      '*x* <!here> :x: &lt;',
    );
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
          expect(attributes.get('href') ?? 'https://').toMatch(/^https?:\/\//);
        }
      }),
    );
  });
});

const ownTags = 'div h3 p strong pre a span table caption thead tbody tr th td button'.split(' ');
const ownAttributes =
  'class href target rel type scope title role aria-label aria-sort tabindex data-focus'.split(' ');

function blocksSaying(text: string): KitBlock[] {
  return [
    { type: 'header', text: plain(text) },
    { type: 'section', text: mrkdwn(text) },
    { type: 'context', elements: [plain(text)] },
    { type: 'actions', elements: [{ type: 'button', text: plain(text), action_id: text }] },
    { type: 'table', rows: [[raw(text)], [raw(text)]] },
    { type: 'data_table', caption: text, rows: [[raw(text)], [raw(text)]] },
    {
      type: 'rich_text',
      elements: [
        { type: 'rich_text_section', elements: [{ type: 'text', text, style: { bold: true } }] },
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
});

test('rich text has bold labels, and what is preformatted stays as it is', () => {
  const element = render({
    type: 'rich_text',
    elements: [
      {
        type: 'rich_text_section',
        elements: [
          { type: 'text', text: 'Owner: ', style: { bold: true } },
          { type: 'text', text: '*sari*' },
        ],
      },
      { type: 'rich_text_preformatted', elements: [{ type: 'text', text: ' *x*\n  at y' }] },
    ],
  });
  expect(texts(element.tagged('p'))).toEqual(['Owner: *sari*']);
  expect(texts(element.tagged('strong'))).toEqual(['Owner: ']);
  expect(texts(element.tagged('pre'))).toEqual([' *x*\n  at y']);
});
