import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { askOn } from '../../../src/operator/keys/ask.ts';

/** What is typed, and what is shown; `typed` null: the question must not wait for anything. */
async function asked(
  typed: string | null,
  { inputTty = true, outputTty = true, stop = new AbortController().signal } = {},
) {
  const shown: string[] = [];
  const input = Object.assign(
    typed === null ? new Readable({ read: () => undefined }) : Readable.from([typed]),
    { isTTY: inputTty },
  );
  const ask = askOn(
    () => input,
    { isTTY: outputTty, write: (text) => shown.push(text) },
    () => stop,
  );
  return { answer: await ask('Revoke?'), shown: shown.join('') };
}

describe('on a terminal', () => {
  test.each(['y\n', 'Y\n', ' yes \n', 'YES\nn\n'])('%j is a yes', async (typed) => {
    expect(await asked(typed)).toEqual({ answer: true, shown: 'Revoke? [y/N] ' });
  });

  test.each(['\n', 'n\n', 'no\n', 'yesterday\n', ''])('%j is a no', async (typed) => {
    expect(await asked(typed)).toEqual({ answer: false, shown: 'Revoke? [y/N] ' });
  });
});

test('Ctrl-C is a no', async () => {
  const stop = new AbortController();
  const asking = asked(null, { stop: stop.signal });
  stop.abort();
  expect((await asking).answer).toBe(false);
  expect((await asked(null, { stop: AbortSignal.abort() })).answer).toBe(false);
});

test.each([
  { inputTty: false, outputTty: true },
  { inputTty: true, outputTty: false },
])('where nobody can be asked (%j) nobody is', async (ttys) => {
  expect(await asked(null, ttys)).toEqual({ answer: true, shown: '' });
});
