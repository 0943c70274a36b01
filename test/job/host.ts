import { Writable } from 'node:stream';
import type { Host } from '../../src/job/process/host.ts';

/** A process that a job runs under, in a test. */
export type TestHost = {
  readonly host: Host;
  readonly out: () => string;
  readonly err: () => string;
  /** By which signal it was ended. */
  readonly endedBy: () => string | undefined;
  /** Sends it a signal. */
  readonly signal: (signal: 'SIGTERM' | 'SIGINT', handOn: boolean) => void;
};

export function testHost(): TestHost {
  const texts = { out: '', err: '' };
  const into = (name: 'out' | 'err'): Writable =>
    new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        texts[name] += chunk.toString();
        done();
      },
    });
  const listeners = new Set<Parameters<Host['onSignal']>[0]>();
  let endedBy: string | undefined;
  return {
    host: {
      name: 'test-host',
      stdout: into('out'),
      stderr: into('err'),
      onSignal: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      endBy: (signal) => {
        endedBy = signal;
      },
    },
    out: () => texts.out,
    err: () => texts.err,
    endedBy: () => endedBy,
    signal: (signal, handOn) => {
      for (const listener of listeners) listener(signal, handOn);
    },
  };
}
