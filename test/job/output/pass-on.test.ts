import { openSync, readFileSync, writeSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { pipeOutput, type Output } from '../../../src/job/output/pipe-output.ts';
import { createPipes, type Pipe } from '../../../src/job/output/pipes.ts';
import { cleanUp } from '../../localstack/fixtures.ts';
import { until } from '../../support/until.ts';

const after = cleanUp();

/** Two pipes, of which this test is the job. */
function pipes(): { out: Pipe; closeWriters: () => void } {
  const made = createPipes();
  if (made === undefined) throw new Error('no pipe can be made here');
  return made;
}

/** An output that takes a chunk only when it is told to, and answers as it is told. */
function slowOutput(): {
  output: Output;
  taken: Buffer[];
  take: (error?: Error) => void;
  holdsOne: () => boolean;
} {
  const taken: Buffer[] = [];
  let next: ((error?: Error) => void) | undefined;
  const output: Output = {
    fd: openSync('/dev/null', 'w'),
    write: (chunk) =>
      new Promise((resolve, reject) => {
        next = (error) => {
          next = undefined;
          if (error !== undefined) {
            reject(error);
            return;
          }
          taken.push(chunk);
          resolve();
        };
      }),
  };
  return { output, taken, take: (error) => next?.(error), holdsOne: () => next !== undefined };
}

const quick = (): { output: Output; text: () => Buffer } => {
  const taken: Buffer[] = [];
  const write = (chunk: Buffer): Promise<void> => {
    taken.push(Buffer.from(chunk));
    return Promise.resolve();
  };
  return { output: { fd: openSync('/dev/null', 'w'), write }, text: () => Buffer.concat(taken) };
};

const systemError = (code: string): Error => Object.assign(new Error(code), { code });

test('bytes pass as they are, and are seen on their way', async () => {
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, n) => n));
  const { out, closeWriters } = pipes();
  const { output, text } = quick();
  const seen: Buffer[] = [];
  const passage = pipeOutput(out.reader, output, (chunk) => seen.push(chunk));
  writeSync(out.writer, bytes);
  await until('they have come', () => text().length === 256);
  closeWriters();
  await passage.finish();
  expect(text()).toEqual(bytes);
  expect(Buffer.concat(seen)).toEqual(bytes);
  expect(passage.failure()).toBeUndefined();
});

test('what is in the pipe at the end is passed on, whoever still holds it', async () => {
  const { out, closeWriters } = pipes();
  after(closeWriters);
  const { output, text } = quick();
  const passage = pipeOutput(out.reader, output, () => undefined);
  writeSync(out.writer, Buffer.alloc(60_000, 'x'));
  await passage.finish();
  expect(text()).toHaveLength(60_000);
});

test('nothing is read that nobody takes', async () => {
  const { out, closeWriters } = pipes();
  const { output, taken, take, holdsOne } = slowOutput();
  let seen = 0;
  const passage = pipeOutput(out.reader, output, (chunk) => {
    seen += chunk.length;
  });
  writeSync(out.writer, 'first');
  await until('the first is held', holdsOne);
  for (let n = 0; n < 10; n += 1) writeSync(out.writer, Buffer.alloc(6_000, n));
  expect(seen).toBe(5);
  closeWriters();
  const finished = passage.finish();
  await until('all are taken', () => {
    take();
    return Buffer.concat(taken).length === 60_005;
  });
  await finished;
});

test('a reader that has gone closes the pipe, which the job then meets', async () => {
  const { out, closeWriters } = pipes();
  after(closeWriters);
  const { output, take, holdsOne } = slowOutput();
  const passage = pipeOutput(out.reader, output, () => undefined);
  writeSync(out.writer, 'x');
  await until('it is held', holdsOne);
  take(systemError('EPIPE'));
  await until('nobody reads the pipe', () => {
    try {
      writeSync(out.writer, 'x');
      return false;
    } catch (error) {
      return String(error).includes('EPIPE');
    }
  });
  await passage.finish();
  expect(passage.failure()?.message).toBe('EPIPE');
});

test('after any other failure the next bytes are tried again, and the first failure is reported', async () => {
  const { out, closeWriters } = pipes();
  const { output, taken, take, holdsOne } = slowOutput();
  const passage = pipeOutput(out.reader, output, () => undefined);
  for (const [text, error] of [
    ['lost', systemError('ENOSPC')],
    ['kept', undefined],
    ['lost too', systemError('EIO')],
  ] as const) {
    writeSync(out.writer, text);
    await until('it is held', holdsOne);
    take(error);
    await until('it is answered', () => !holdsOne());
  }
  closeWriters();
  await passage.finish();
  expect(Buffer.concat(taken).toString()).toBe('kept');
  expect(passage.failure()?.message).toBe('ENOSPC');
});

test('whoever is left behind writes on, after we have gone', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ronda-'));
  after(() => rm(folder, { recursive: true, force: true }));
  const { out, closeWriters } = pipes();
  const file = join(folder, 'file');
  const { output } = quick();
  await pipeOutput(out.reader, { ...output, fd: openSync(file, 'w') }, () => undefined).finish();
  writeSync(out.writer, 'late words');
  closeWriters();
  await until('they have arrived', () => readFileSync(file, 'utf8') === 'late words');
});
