import { hostname } from 'node:os';
import type { Writable } from 'node:stream';
import { endBy, handedOn, isForeground, mustHandOn, type HandedOn } from './signals.ts';

/** The process that a job runs under. */
export type Host = {
  readonly name: string;
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** Calls for each signal that is the job's too, until it is called off. `handOn`: the job does not know yet. */
  readonly onSignal: (listener: (signal: HandedOn, handOn: boolean) => void) => () => void;
  /** Ends this process by a signal, if that can be. */
  readonly endBy: (signal: NodeJS.Signals) => void;
};

/** This process itself. */
export function thisProcess(): Host {
  // Of readers that have gone away the job is to hear: without this, we would end and leave it alone.
  process.stdout.removeAllListeners('error');
  for (const output of [process.stdout, process.stderr]) output.on('error', () => undefined);
  return {
    name: hostname(),
    stdout: process.stdout,
    stderr: process.stderr,
    onSignal: (listener) => {
      const listeners = handedOn.map((signal) => {
        const heard = (): void => {
          listener(signal, mustHandOn(signal, isForeground()));
        };
        process.on(signal, heard);
        return [signal, heard] as const;
      });
      return () => {
        for (const [signal, heard] of listeners) process.off(signal, heard);
      };
    },
    endBy,
  };
}
