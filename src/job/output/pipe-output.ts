import { spawn } from 'node:child_process';
import { closeSync, readSync } from 'node:fs';
import { codeOf } from '../../errors.ts';
import type { Reader } from './pipes.ts';

/** One of our own outputs. */
export type Output = {
  readonly fd: number;
  /** Resolves once whoever reads has taken all of it; rejects with what the system says. */
  readonly write: (bytes: Buffer) => Promise<void>;
};

/** A job's output on its way through us. */
export type Passage = {
  /**
   * The job has ended: resolves once all that it wrote is written on. A process that it left behind may hold the
   * pipe for ever; whatever that writes from now on goes through a process of its own.
   */
  readonly finish: () => Promise<void>;
  /** The first of what could not be written on, if there is any. */
  readonly failure: () => Error | undefined;
};

/** A pipe holds no more: what has come through after its writer's end is all that the writer left in it. */
const pipeBytes = 1_024 * 1_024;

/**
 * Copies bytes as they are, no faster than they are taken, so that memory stays flat. When nobody reads any more,
 * the pipe is closed, and the job meets that as it would without us. Where writing fails otherwise (a full disk)
 * the job goes on, since it might not have minded; the next bytes are tried again.
 */
export function pipeOutput(
  { socket, fd, spare }: Reader,
  to: Output,
  seen: (chunk: Buffer) => void,
): Passage {
  let failure: Error | undefined;
  let written = Promise.resolve();
  let isRead = true;
  let isSpare = true;
  const closeSpare = (): void => {
    if (isSpare) closeSync(spare);
    isSpare = false;
  };
  const fail = (error: unknown): void => {
    failure ??= error instanceof Error ? error : new Error(String(error));
    if (!isBrokenPipe(error)) return;
    isRead = false;
    socket.destroy();
    closeSpare();
  };
  const put = (chunk: Buffer): Promise<void> => {
    seen(chunk);
    written = written.then(() => (isRead ? to.write(chunk).catch(fail) : undefined));
    return written;
  };
  let isFinishing = false;
  const pass = (chunk: Buffer): void => {
    socket.pause();
    void put(chunk).then(() => {
      if (!isFinishing) socket.resume();
    });
  };
  socket.on('data', pass);
  // A pipe that breaks has ended; 'close' follows.
  socket.on('error', () => undefined);
  return {
    failure: () => failure,
    finish: async () => {
      isFinishing = true;
      socket.off('data', pass);
      socket.pause();
      for (let chunk = bufferIn(socket.read()); chunk; chunk = bufferIn(socket.read())) void put(chunk);
      const isHeld = !socket.readableEnded && !socket.destroyed && drain(fd, put);
      socket.destroy();
      await written;
      if (isHeld && isRead) leaveTo(spare, to.fd);
      closeSpare();
    },
  };
}

function bufferIn(chunk: unknown): Buffer | undefined {
  return Buffer.isBuffer(chunk) ? chunk : undefined;
}

/** Whether a write failed because nobody reads any more. */
export function isBrokenPipe(error: unknown): boolean {
  return codeOf(error) === 'EPIPE';
}

/** Takes what is in a pipe that does not block. @returns whether somebody still holds its other end */
function drain(fd: number, put: (chunk: Buffer) => unknown): boolean {
  for (let bytes = 0; bytes < pipeBytes;) {
    const chunk = Buffer.alloc(64 * 1_024);
    try {
      const count = readSync(fd, chunk);
      if (count === 0) return false;
      bytes += count;
      put(chunk.subarray(0, count));
    } catch (error) {
      // Nothing is there now, and more may come.
      return codeOf(error) === 'EAGAIN';
    }
  }
  return true;
}

/** A process that outlives us, in no terminal's reach, and holds nothing but the two. */
function leaveTo(from: number, to: number): void {
  const { PATH } = process.env;
  spawn('cat', [], { stdio: [from, to, 'ignore'], detached: true, cwd: '/', env: { PATH } })
    // Without it the pipe breaks, as it would if our reader had gone.
    .on('error', () => undefined)
    .unref();
}
