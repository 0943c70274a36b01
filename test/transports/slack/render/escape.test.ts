import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  beginning,
  cut,
  firstLine,
  inert,
  mentionOf,
  oneLine,
  severalLines,
} from '../../../../src/transports/slack/render/escape.ts';
import { dangersIn, hostileText } from './samples.ts';

describe('one line', () => {
  test.each([
    ['close-day', 'close-day'],
    ['tutup buku – café 日本', 'tutup buku – café 日本'],
    ['a\r\nb\nc\u2028d\te', 'a b c d e'],
    ['  a \u00a0 b  ', 'a b'],
    ['\u202Etxt.exe\u202C', 'txt.exe'],
    ['a\u200Bb\u200Dc\uFEFFd\u2066e\u2069', 'abcde'],
    ['\u001B[31mred\u0000', '[31mred'],
    ['\uD800x', '\uFFFDx'],
    ['\u200B', '(blank)'],
    ['', '(blank)'],
    ['✅ done', '✅ done'],
  ])('of %j reads %j', (text, line) => {
    expect(oneLine(text)).toBe(line);
  });

  test('keeps four marks on a letter and no more', () => {
    expect(oneLine(`e${'\u0301'.repeat(50)}x`)).toBe(`e${'\u0301'.repeat(4)}x`);
  });

  test('of anything is one line, not empty, of nothing unseen, and no longer than asked', () => {
    fc.assert(
      fc.property(hostileText, fc.integer({ min: 7, max: 60 }), (text, max) => {
        const line = oneLine(text, max);
        expect(line.length).toBeLessThanOrEqual(max);
        expect(line).not.toBe('');
        expect(line.isWellFormed()).toBe(true);
        expect(line).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u);
      }),
    );
  });
});

describe('a cut', () => {
  test.each([
    ['close-day', 9, 'close-day'],
    ['close-days', 9, 'close-da…'],
    ['close day', 7, 'close…'],
    ['ab😀cd', 4, 'ab…'],
    ['ab😀cd', 5, 'ab😀…'],
    ['cafe\u0301s', 5, 'caf…'],
    ['🇮🇩🇮🇩', 7, '🇮🇩…'],
  ])('of %j to %d is %j', (text, max, result) => {
    expect(cut(text, max)).toBe(result);
  });

  test('of one character that is longer than the room still tears no surrogate pair', () => {
    expect(beginning('👨‍👩‍👧‍👦', 4)).toBe('👨‍');
    expect(beginning('👨‍👩‍👧‍👦', 3)).toBe('👨‍');
    expect(beginning('😀', 1)).toBe('');
  });
});

describe('the first line', () => {
  test.each([
    ['disk full\nat write()', 'disk full'],
    ['\n \r\n\tjava.io.IOException: x\n', 'java.io.IOException: x'],
    ['a\u0085b', 'a'],
    ['', undefined],
    ['\n\u200B\n', undefined],
  ])('of %j is %j', (text, line) => {
    expect(firstLine(text)).toBe(line);
  });
});

test('several lines keep breaks and indentation, and lose what is unseen', () => {
  expect(severalLines('a\r\n\tb\u202E\u2028  c\u0000\n\n')).toBe('a\n  b\n  c');
  expect(severalLines(' \n\u200B')).toBe('(blank)');
});

describe('inert text', () => {
  test.each([
    ['R&D <close>', 'R&amp;D &lt;close&gt;'],
    ['<!channel>', '&lt;!channel&gt;'],
    ['<@U0SARI>', '&lt;@\u2060U0SARI&gt;'],
    ['<http://x|y>', '&lt;http:\u2060//x|y&gt;'],
    ['&lt;!here&gt;', '&amp;lt;!here&amp;gt;'],
    ['@here #general', '@\u2060here #\u2060general'],
    ['https://a.example/b', 'https:\u2060//a.\u2060example/b'],
    ['*a* ~b~ `c`', '∗a∗ ∼b∼ ˋcˋ'],
    ['_a_ close_day', 'ˍaˍ close_day'],
    ['release 1.2 of node.js', 'release 1.2 of node.\u2060js'],
    ['a\n> b', 'a &gt; b'],
  ])('of %j is %j', (text, safe) => {
    expect(inert(text)).toBe(safe);
  });

  test('of anything has nothing left that Slack would parse', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        expect(dangersIn(inert(text))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test('of a user who mentions people is still told from a mention of ours', () => {
    expect(dangersIn('<@U0SARI> x')).toEqual(['<', '@U', '>']);
    expect(dangersIn('<@U0SARI> x', ['<@U0SARI>'])).toEqual([]);
  });
});

describe('a mention', () => {
  test('is made of a Slack user id', () => {
    expect(mentionOf('U0SARI')).toBe('<@U0SARI>');
    expect(mentionOf('W012A3CDE')).toBe('<@W012A3CDE>');
  });

  test.each([null, '', 'sari', 'U0> <!channel', 'C0RONDA', '!channel', 'S0123'])(
    'is not made of %j',
    (id) => {
      expect(mentionOf(id)).toBeUndefined();
    },
  );
});
