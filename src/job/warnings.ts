import { printable } from '../printable.ts';
import type { Output } from './output/pipe-output.ts';

/** What Ronda itself has to say of a run, beside the job's output on standard error. */
export type Warnings = {
  /** Written once: the same again would be noise. */
  readonly once: (kind: string, text: string) => void;
  /** What came of the run; for machines only. */
  readonly summary: (result: Readonly<Record<string, unknown>>) => void;
  /** Resolves once all of it is written, or cannot be. */
  readonly flushed: () => Promise<void>;
};

/** Warnings to standard error, in order: lines for people, or with `json` an object each. None ever throws. */
export function createWarnings(stderr: Output, json: boolean): Warnings {
  const written = new Set<string>();
  let last = Promise.resolve();
  const write = (line: string): void => {
    // A warning that nobody can read is none: it changes nothing for the job.
    last = last.then(() => stderr.write(Buffer.from(`${line}\n`))).catch(() => undefined);
  };
  return {
    once: (kind, text) => {
      if (written.has(kind)) return;
      written.add(kind);
      write(json ? JSON.stringify({ ronda: 'remark', kind, message: text }) : `ronda: ${printable(text)}`);
    },
    summary: (result) => {
      if (json) write(JSON.stringify({ ronda: 'run', ...result }));
    },
    flushed: () => last,
  };
}
