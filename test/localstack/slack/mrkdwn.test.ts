import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Inline, ParseOptions, Part } from '../../../localstack/slack/page/mrkdwn.d.ts';
import { parseMrkdwn } from '../../../localstack/slack/page/mrkdwn.js';
import { cpuMs } from '../../support/cpu-time.ts';

/** What a text of one paragraph holds. */
function inline(text: string, options?: ParseOptions): readonly Inline[] {
  const [part, ...others] = parseMrkdwn(text, options);
  if (part?.type !== 'lines' || others.length > 0) throw new Error(`${text} is more than one paragraph`);
  return part.children;
}

const said = (text: string) => ({ type: 'text', text });

function kindsIn(parts: readonly (Part | Inline)[]): string[] {
  return parts.flatMap((part) => [part.type, ...('children' in part ? kindsIn(part.children) : [])]);
}

describe('marks', () => {
  test('make text bold, italic, struck and code', () => {
    expect(inline('*bold* _it_ ~gone~ `x &lt; *y*`')).toEqual([
      { type: 'bold', children: [said('bold')] },
      said(' '),
      { type: 'italic', children: [said('it')] },
      said(' '),
      { type: 'strike', children: [said('gone')] },
      said(' '),
      { type: 'code', text: 'x < *y*' },
    ]);
  });

  test('nest, each kind once', () => {
    expect(inline('*a _b_*')).toEqual([
      { type: 'bold', children: [said('a '), { type: 'italic', children: [said('b')] }] },
    ]);
  });

  test.each(['snake_case_name', '2*3*4', '* a *', 'a * b', '*open', '**', 'x*', '`', '~ ~'])(
    'that enclose no word change nothing in %s',
    (text) => {
      expect(inline(text)).toEqual([said(text)]);
    },
  );

  test('end at the end of their line', () => {
    expect(inline('*a\nb*')).toEqual([said('*a'), { type: 'break' }, said('b*')]);
  });

  test('work next to punctuation, emoji and links', () => {
    expect(inline(':x:*down* (*now*) *<https://a.example|b>*')).toEqual([
      said('❌'),
      { type: 'bold', children: [said('down')] },
      said(' ('),
      { type: 'bold', children: [said('now')] },
      said(') '),
      { type: 'bold', children: [{ type: 'link', url: 'https://a.example', label: 'b' }] },
    ]);
  });
});

describe('what stands in angle brackets', () => {
  test('is a mention, a channel, a call or a link', () => {
    expect(inline('<@U0SARI><@U0SARI|sari><#C0RONDA|eod><!here><!subteam^S01|@ops>')).toEqual([
      { type: 'user', id: 'U0SARI', label: undefined },
      { type: 'user', id: 'U0SARI', label: 'sari' },
      { type: 'channel', id: 'C0RONDA', label: 'eod' },
      { type: 'broadcast', range: 'here' },
      { type: 'group', id: 'S01', label: '@ops' },
    ]);
    expect(inline('<https://a.example/?b=1&amp;c=2|a &lt;b&gt;> <mailto:sari@example.com>')).toEqual([
      { type: 'link', url: 'https://a.example/?b=1&c=2', label: 'a <b>' },
      said(' '),
      { type: 'link', url: 'mailto:sari@example.com', label: 'sari@example.com' },
    ]);
  });

  test('is a date’s fallback', () => {
    expect(inline('<!date^1392734382^{date_num}|18 Feb 2014>')).toEqual([said('18 Feb 2014')]);
  });

  test.each(['<javascript:alert(1)|x>', '<data:text/html,x>', '<b>', '<@sari>', '<!all>', '<>', 'a < b > c'])(
    'is mere text in %s',
    (text) => {
      expect(inline(text)).toEqual([said(text)]);
    },
  );
});

describe('escaped characters', () => {
  test('are decoded once and mean nothing', () => {
    expect(inline('&lt;!channel&gt; &amp;lt; &lt;@U0SARI&gt; &amp;amp; &quot;')).toEqual([
      said('<!channel> &lt; <@U0SARI> &amp; &quot;'),
    ]);
  });

  test('never make a mention or a link of a text, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
        const kinds = kindsIn(parseMrkdwn(escaped, { links: false }));
        expect(
          kinds.filter((kind) => ['user', 'channel', 'group', 'broadcast', 'link'].includes(kind)),
        ).toEqual([]);
      }),
    );
  });
});

describe('what nobody marked', () => {
  test('becomes a link where it is an address, up to the punctuation behind it', () => {
    expect(inline('see https://a.example/b?c&amp;d). &lt;http://e.example&gt;')).toEqual([
      said('see '),
      { type: 'link', url: 'https://a.example/b?c&d', label: 'https://a.example/b?c&d' },
      said('). <'),
      { type: 'link', url: 'http://e.example', label: 'http://e.example' },
      said('>'),
    ]);
  });

  test('calls everybody where names are parsed, and only there', () => {
    expect(inline('@here a@here.example', { names: true })).toEqual([
      { type: 'broadcast', range: 'here' },
      said(' a@here.example'),
    ]);
    expect(inline('@here https://a.example', { links: false })).toEqual([said('@here https://a.example')]);
  });

  test('shows the emoji that it knows and leaves the others', () => {
    expect(inline(':warning: :white_check_mark: :nobody_knows_it: 12:30:45')).toEqual([
      said('⚠️ ✅ :nobody_knows_it: 12:30:45'),
    ]);
  });
});

describe('lines', () => {
  test('that begin with > are a quote, to the end after >>>', () => {
    expect(parseMrkdwn('> a\n&gt; b\nc\n>>> d\ne')).toEqual([
      { type: 'quote', children: [said('a'), { type: 'break' }, said('b')] },
      { type: 'lines', children: [said('c')] },
      { type: 'quote', children: [said('d'), { type: 'break' }, said('e')] },
    ]);
  });

  test('between fences stay as they are', () => {
    expect(parseMrkdwn('a\n```\n*b*  &lt;\n  :x:\n```\nc')).toEqual([
      { type: 'lines', children: [said('a')] },
      { type: 'pre', text: '*b*  <\n  :x:' },
      { type: 'lines', children: [said('c')] },
    ]);
    expect(inline('```open')).toEqual([said('```open')]);
  });
});

test('a text without marks, names, addresses and emoji says what it says', () => {
  const words = fc.string({
    unit: fc.constantFrom('a', 'Z', ' ', 'é', '😀', '.', '"', '(', '\u202e', '=', "'"),
  });
  fc.assert(
    fc.property(
      words.filter((text) => text !== ''),
      (text) => {
        expect(inline(text)).toEqual([said(text)]);
      },
    ),
  );
});

test.each(['*a', '<a', '`', '_*~', '> ', '&lt;', ':a', '*a* ', 'http://', '```'])(
  'a text of 200,000 characters of %s is parsed within 5 s: its work grows with its length alone',
  (piece) => {
    const parse = (): void => {
      expect(parseMrkdwn(piece.repeat(200_000 / piece.length), { names: true }).length).toBeGreaterThan(0);
    };
    expect(cpuMs(parse)).toBeLessThan(5_000);
  },
);
