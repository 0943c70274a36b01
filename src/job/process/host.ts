import { write } from 'node:fs';
import { hostname } from 'node:os';
import { promisify } from 'node:util';
import { backoffMs } from '../../backoff.ts';
import { pause } from '../../clock.ts';
import { codeOf } from '../../errors.ts';
import type { Output } from '../output/pipe-output.ts';
import { bytesOf, readCaller, type Bytes, type Caller } from './caller.ts';
import { endBy, handedOn, isStopping, mustHandOn, terminalState } from './signals.ts';

/** The process that a job runs under. */
export type Host = {
  readonly name: string;
  readonly outputs: { readonly out: Output; readonly err: Output };
  /** What it was given by its caller, for the job. */
  readonly caller: () => Caller;
  /** Words of its command line to the byte. @throws UsageError where that cannot be known */
  readonly bytesOf: (args: readonly string[]) => readonly Bytes[];
  /** Calls for each signal that is the job's too, until it is called off. `handOn`: the job does not know yet. */
  readonly onSignal: (listener: (signal: NodeJS.Signals, handOn: boolean) => void) => () => void;
  /** Ends this process by a signal, if that can be. */
  readonly endBy: (signal: NodeJS.Signals) => void;
};

/** This process itself. `isWriting`: somebody takes so slowly that a write is under way still. */
export function thisProcess(): Host & { readonly isWriting: () => boolean } {
  return {
    isWriting: () => underWay > 0,
    name: hostname(),
    outputs: { out: outputTo(1), err: outputTo(2) },
    caller: readCaller,
    bytesOf,
    onSignal: (listener) => {
      const listeners = handedOn(terminalState().hasTerminal).map((signal) => {
        const handler = (): void => {
          listener(signal, mustHandOn(signal, terminalState().isForeground));
          if (isStopping(signal)) process.kill(process.pid, 'SIGSTOP');
        };
        process.on(signal, handler);
        return [signal, handler] as const;
      });
      return () => {
        for (const [signal, handler] of listeners) process.off(signal, handler);
      };
    },
    endBy,
  };
}

const writing = promisify(write);
let underWay = 0;
const fullPipe = { firstMs: 2, maxMs: 50 };

/**
 * `process.stdout` makes a pipe non-blocking for all who share it: others then fail with EAGAIN. A plain write waits
 * in a thread of its own, and only if somebody else has made it so, here.
 */
function outputTo(fd: number): Output {
  return {
    fd,
    write: async (bytes) => {
      let failures = 0;
      for (let at = 0; at < bytes.length;) {
        underWay += 1;
        try {
          const { bytesWritten } = await writing(fd, bytes, at, bytes.length - at);
          at += bytesWritten;
          failures = 0;
        } catch (error) {
          if (codeOf(error) !== 'EAGAIN') throw error;
          failures += 1;
          await pause(backoffMs(fullPipe, failures));
        } finally {
          underWay -= 1;
        }
      }
    },
  };
}
