import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createTail, failureText } from '../../../src/job/output/tail.ts';

test('the ring holds the last bytes of whatever passed, in order', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.array(fc.uint8Array({ maxLength: 50 })),
      (size, chunks) => {
        const tail = createTail(size);
        for (const chunk of chunks) tail.push(Buffer.from(chunk));
        const all = chunks.flatMap((chunk) => [...chunk]);
        expect([...tail.bytes()]).toEqual(all.slice(-size));
      },
    ),
  );
});

test('what was seen is a copy: a buffer that is used again changes nothing', () => {
  const tail = createTail(8);
  const chunk = Buffer.from('abc');
  tail.push(chunk);
  chunk.fill('x');
  expect(tail.bytes().toString()).toBe('abc');
});

test.each([
  ['', 'exit code 3'],
  ['\n\n', 'exit code 3'],
  ['disk full\n', 'exit code 3\ndisk full'],
  ['one  \n\ttwo\n\n', 'exit code 3\none\n\ttwo'],
  ['\u001b[31mred\u001b[0m \u0007bell\u202e', 'exit code 3\nred \\u{7}bell\\u{202e}'],
  ['10%\r20%\r\ndone\r\n', 'exit code 3\n10%\n20%\ndone'],
  ['nul\u0000\u2028line', 'exit code 3\nnul\\u{0}\\u{2028}line'],
])('an output of %j is told as %j', (output, text) => {
  expect(failureText('exit code 3', Buffer.from(output))).toBe(text);
});

test('characters that the ring cut at its beginning or that had not come whole are left out', () => {
  const bytes = Buffer.from('€uro 東');
  expect(failureText('exit code 1', bytes.subarray(1, -1))).toBe('exit code 1\nuro');
  expect(failureText('exit code 1', bytes.subarray(2, -2))).toBe('exit code 1\nuro');
});

test('of a long output the last whole lines are told', () => {
  const lines = Array.from({ length: 3_000 }, (_, n) => `line ${n}`).join('\n');
  const text = failureText('exit code 1', Buffer.from(lines));
  expect(text.slice(0, 14)).toBe('exit code 1\n…\n');
  expect(text.endsWith('\nline 2998\nline 2999')).toBe(true);
  expect(text.split('\n').slice(2)).toEqual(lines.split('\n').slice(2 - text.split('\n').length));
  expect(text.length).toBeGreaterThan(7_980);
});

test('whatever a job writes, the text is short enough, sound, and steers nothing', () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
    fc.string({ unit: 'binary', maxLength: 400 }).map((text) => Buffer.from(text)),
    fc.constant(Buffer.from('東京🦉'.repeat(2_000))),
    fc.constant(Buffer.from('\u0000'.repeat(9_000))),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const text = failureText('killed by SIGKILL', Buffer.concat(pieces));
      expect(text.length).toBeLessThanOrEqual(8_000);
      expect(text.isWellFormed()).toBe(true);
      expect(text.startsWith('killed by SIGKILL')).toBe(true);
      expect(text).not.toMatch(/(?![\n\t])[\p{Cc}\p{Cf}\u2028\u2029]/u);
    }),
    { numRuns: 50 },
  );
});
