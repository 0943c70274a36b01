import { PassThrough, Writable } from 'node:stream';
import { expect, test } from '@jest/globals';
import { flushed, passOn, rest } from '../../../src/job/output/pass-on.ts';
import { until } from '../../support/until.ts';

const never = new AbortController().signal;

/** Takes a chunk only when it is told to. */
function slowOutput() {
  const taken: Buffer[] = [];
  let next: (() => void) | undefined;
  const output = new Writable({
    highWaterMark: 1,
    write: (chunk: Buffer, _encoding, done) => {
      next = () => {
        taken.push(chunk);
        next = undefined;
        done();
      };
    },
  });
  return { output, taken, take: () => next?.(), holdsOne: () => next !== undefined };
}

test('bytes pass as they are, and are seen on their way', async () => {
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, n) => n));
  const [from, to] = [new PassThrough(), new PassThrough()];
  const seen: Buffer[] = [];
  const passage = passOn(from, to, (chunk) => seen.push(chunk));
  from.end(bytes);
  await rest([passage], never);
  await flushed(to);
  expect(to.read()).toEqual(bytes);
  expect(Buffer.concat(seen)).toEqual(bytes);
  expect(passage.bytes()).toBe(256);
});

test('nothing is read that nobody takes', async () => {
  const from = new PassThrough({ highWaterMark: 1_000 });
  const { output, taken, take, holdsOne } = slowOutput();
  const passage = passOn(from, output, () => undefined);
  for (let n = 0; n < 10; n += 1) from.write(Buffer.alloc(1_000, n));
  await until('the first is held', holdsOne);
  expect(passage.bytes()).toBe(1_000);
  expect(passage.isIdle()).toBe(false);
  from.end();
  await until('all are taken', () => {
    take();
    return taken.length === 10;
  });
  await rest([passage], never);
  expect(taken.map(([first]) => first)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('a reader that has gone closes our end', async () => {
  const [from, to] = [new PassThrough(), new PassThrough()];
  const passage = passOn(from, to, () => undefined);
  to.destroy(new Error('EPIPE'));
  await passage.ended;
  expect(from.destroyed).toBe(true);
});

test('an output that somebody left behind holds is waited for while it speaks, and then no longer', async () => {
  const from = new PassThrough();
  const to = new PassThrough();
  const passage = passOn(from, to, () => undefined);
  const done = rest([passage], never);
  from.write('late words');
  await done;
  expect(String(to.read())).toBe('late words');
  expect(from.destroyed).toBe(true);
});

test('an abort ends the wait for a reader that takes nothing', async () => {
  const from = new PassThrough();
  const { output } = slowOutput();
  const passage = passOn(from, output, () => undefined);
  from.write('stuck');
  const stop = new AbortController();
  const done = rest([passage], stop.signal);
  stop.abort();
  await done;
  expect(from.destroyed).toBe(true);
});
