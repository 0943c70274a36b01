import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { shownLine } from '../../../src/job/output/terminal-view.ts';

test.each([
  ['plain', 'plain'],
  ['10%\r20%', '20%'],
  ['downloading\rdone', 'doneloading'],
  ['downloading\r\u001b[Kdone', 'done'],
  ['downloading\r\u001b[2Kdone', 'done'],
  ['downloading\u001b[2K\rdone', 'done'],
  ['error\r', 'error'],
  ['error\r\r', 'error'],
  ['50%\b\b\b75%', '75%'],
  ['\b\bx', 'x'],
  ['abc\u001b[1Gx', 'xbc'],
  ['abc\u001b[2Dx', 'axc'],
  ['a\u001b[3Cb', 'a   b'],
  ['abc\u001b[1Kd', '    d'.slice(1)],
  ['\u001b[31mred\u001b[0m', 'red'],
  ['\u001b]0;title\u0007text', 'text'],
  ['東京\r大', '大京'],
])('%j is shown as %j', (line, shown) => {
  expect(shownLine(line)).toBe(shown);
});

test('whatever a line holds, what is shown is no longer than it and the widest terminal, and shown again the same', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', 'é', '\r', '\b', '\u001b', '[', '9', 'K', 'C', 'G') }),
      (line) => {
        const shown = shownLine(line);
        expect(shown.length).toBeLessThanOrEqual(line.length + 4_096);
        expect(shown).not.toMatch(/[\r\b]/);
        expect(shownLine(shown)).toBe(shown);
      },
    ),
  );
});
