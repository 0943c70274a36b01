import type { Readable, Writable } from 'node:stream';
import { pause } from '../../clock.ts';

/** A job's output on its way through us. */
export type Passage = {
  /** Everything has come through: the job's end of it is closed. */
  readonly ended: Promise<void>;
  /** How many bytes came through so far. */
  readonly bytes: () => number;
  /** Nothing waits for whoever reads from us. */
  readonly isIdle: () => boolean;
  readonly close: () => void;
};

/**
 * Copies bytes as they are, no faster than they are taken, so that memory stays flat. When nobody takes them any
 * more our end is closed, and the job meets a broken pipe, as it would without us.
 */
export function passOn(from: Readable, to: Writable, seen: (chunk: Buffer) => void): Passage {
  let bytes = 0;
  let isHeld = false;
  const close = (): void => {
    from.destroy();
  };
  from.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    seen(chunk);
    if (to.write(chunk)) return;
    isHeld = true;
    from.pause();
  });
  const resume = (): void => {
    isHeld = false;
    from.resume();
  };
  to.on('drain', resume);
  to.once('error', close);
  return {
    ended: new Promise((resolve) => {
      from.once('close', () => {
        to.off('drain', resume);
        resolve();
      });
      // A pipe that breaks has ended; 'close' follows.
      from.on('error', () => undefined);
    }),
    bytes: () => bytes,
    isIdle: () => !isHeld,
    close,
  };
}

/** What a pipe may hold at most, and more: so much later, all that was written before has come through. */
const pipeBytes = 2 * 1_024 * 1_024;
const quietMs = 500;
const lookMs = 50;

/**
 * Waits, after a job's end, for what it had written. Whoever it left behind may hold its output open for ever:
 * then half a second without a byte is the end, or more bytes than can have been under way.
 */
export async function rest(passages: readonly Passage[], signal: AbortSignal): Promise<void> {
  const over = new AbortController();
  const end = Promise.all(passages.map(({ ended }) => ended)).then(() => {
    over.abort();
  });
  const either = AbortSignal.any([signal, over.signal]);
  const total = (): number => passages.reduce((sum, { bytes }) => sum + bytes(), 0);
  const atEnd = total();
  let last = atEnd;
  for (
    let quiet = 0;
    !over.signal.aborted && !signal.aborted && quiet < quietMs && total() - atEnd < pipeBytes;
  ) {
    await pause(lookMs, either);
    quiet = total() === last && passages.every(({ isIdle }) => isIdle()) ? quiet + lookMs : 0;
    last = total();
  }
  for (const passage of passages) passage.close();
  await end;
}

/** Waits until everything written so far has left us, or cannot. */
export function flushed(output: Writable): Promise<void> {
  return new Promise((resolve) => {
    if (output.destroyed || !output.writable) resolve();
    else
      output.write('', () => {
        resolve();
      });
  });
}
