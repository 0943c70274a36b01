import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createTail, failureText } from '../../../src/job/output/tail.ts';

const none = undefined;
const textOf = (...chunks: string[]): string => {
  const tail = createTail(none);
  const push = tail.stream();
  for (const chunk of chunks) push(Buffer.from(chunk));
  return failureText('exit code 3', tail.bytes(), none);
};

test('however an output is cut into chunks, its last bytes are kept', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 300, max: 600 }),
      fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '\n'), maxLength: 90 }), { maxLength: 30 }),
      (size, chunks) => {
        const tail = createTail(none, size);
        const push = tail.stream();
        for (const chunk of chunks) push(Buffer.from(chunk));
        const all = chunks.join('');
        const kept = tail.bytes().toString().replace(/\n$/, '');
        expect(all.replace(/\n$/, '').endsWith(kept)).toBe(true);
        expect(kept.length).toBeGreaterThanOrEqual(Math.min(all.length, size - 256) - 1);
      },
    ),
  );
});

test('what was seen is a copy: a buffer that is used again changes nothing', () => {
  const tail = createTail(none);
  const push = tail.stream();
  const chunk = Buffer.from('abc');
  push(chunk);
  chunk.fill('x');
  expect(tail.bytes().toString()).toBe('abc\n');
});

test('lines of two outputs are not mixed, however they arrive', () => {
  const tail = createTail(none);
  const [out, err] = [tail.stream(), tail.stream()];
  out(Buffer.from('half a '));
  err(Buffer.from('whole\nanoth'));
  out(Buffer.from('line\n'));
  err(Buffer.from('er'));
  expect(tail.bytes().toString()).toBe('whole\nhalf a line\nanother\n');
});

test('a progress bar takes one line, however long it goes on, and what was said before it stays', () => {
  const bar = Array.from({ length: 20_000 }, (_, n) => `\rcopying ${n} of 20000 [####......]`);
  expect(textOf('ERROR: disk 7 is failing\n', ...bar)).toBe(
    'exit code 3\nERROR: disk 7 is failing\ncopying 19999 of 20000 [####......]',
  );
  expect(textOf(`ERROR: disk 7 is failing\n${bar.join('')}\rgave up\u001b[K\n`)).toBe(
    'exit code 3\nERROR: disk 7 is failing\ngave up',
  );
});

test('a key is in no text, wherever it stands and whatever stands around it', () => {
  const key = 'ronda_abcdefghijkl_0123456789-0123456789_01234567890123456789_';
  const own = 'a-bootstrap-key-of-16';
  const tail = createTail(own);
  const push = tail.stream();
  for (const text of [
    `KEY=${key}\n`,
    `x${own}y\n`,
    `${key}\r_\n`,
    `\u001b[31m${key.slice(0, 9)}\u001b[0m${key.slice(9)}\n`,
  ])
    for (const character of text) push(Buffer.from(character));
  expect(failureText(`no such file: ${key}`, tail.bytes(), own)).toBe(
    'no such file: ronda_[redacted]\nKEY=ronda_[redacted]\nxronda_[redacted]y\n_onda_[redacted]\nronda_[redacted]',
  );
});

test('of a key that was cut at the beginning of what is kept nothing is left', () => {
  const key = 'ronda_abcdefghijkl_0123456789-0123456789_01234567890123456789_';
  for (let before = 0; before < key.length + 10; before += 1) {
    const tail = createTail(none, 1_000);
    tail.stream()(Buffer.from(`${key}\n${'x'.repeat(930 + before)}\n`));
    expect(failureText('exit code 1', tail.bytes(), none)).not.toMatch(/\d{5}/);
  }
});

test.each([
  ['', 'exit code 3'],
  ['\n\n', 'exit code 3'],
  ['disk full\n', 'exit code 3\ndisk full'],
  ['one  \n\ttwo\n\n', 'exit code 3\none\n\ttwo'],
  ['\u001b[31mred\u001b[0m \u0007bell\u202e', 'exit code 3\nred \\u{7}bell\\u{202e}'],
  ['10%\r20%\r\ndone\r\n', 'exit code 3\n20%\ndone'],
  ['nul\u0000\u2028line', 'exit code 3\nnul\\u{0}\\u{2028}line'],
])('an output of %j is reported as %j', (output, text) => {
  expect(textOf(output)).toBe(text);
});

test('characters that the ring cut at its beginning or that had not come whole are left out', () => {
  const bytes = Buffer.from('€uro 東');
  expect(failureText('exit code 1', bytes.subarray(1, -1), none)).toBe('exit code 1\nuro');
  expect(failureText('exit code 1', bytes.subarray(2, -2), none)).toBe('exit code 1\nuro');
});

test('of a long output the last whole lines are reported', () => {
  const lines = Array.from({ length: 3_000 }, (_, n) => `line ${n}`).join('\n');
  const text = failureText('exit code 1', Buffer.from(lines), none);
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
      const text = failureText('killed by SIGKILL', Buffer.concat(pieces), none);
      expect(text.length).toBeLessThanOrEqual(8_000);
      expect(text.isWellFormed()).toBe(true);
      expect(text.startsWith('killed by SIGKILL')).toBe(true);
      expect(text).not.toMatch(/(?![\n\t])[\p{Cc}\p{Cf}\u2028\u2029]/u);
    }),
    { numRuns: 50 },
  );
});
