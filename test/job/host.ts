import type { Output } from '../../src/job/output/pipe-output.ts';
import { toBytes } from '../../src/job/process/caller.ts';
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

/** @param env of the job */
export function testHost(env: Readonly<Record<string, string | undefined>> = process.env): TestHost {
  const texts = { out: '', err: '' };
  const into = (name: 'out' | 'err', fd: number): Output => ({
    fd,
    write: (bytes) => {
      texts[name] += bytes.toString();
      return Promise.resolve();
    },
  });
  const listeners = new Set<Parameters<Host['onSignal']>[0]>();
  let endedBy: string | undefined;
  return {
    host: {
      name: 'test-host',
      outputs: { out: into('out', 1), err: into('err', 2) },
      caller: () => ({
        env: Object.entries(env).map(([name, value = '']) => [toBytes(name), toBytes(value)]),
        descriptors: [],
        launcher: undefined,
      }),
      bytesOf: (words) => words.map(toBytes),
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
