import type { Writable } from 'node:stream';
import { printable } from '../operator/terminal.ts';

/** What Ronda itself has to say of a run, beside the job's output on standard error. */
export type Remarks = {
  /** Said once: the same again would be noise. */
  readonly once: (kind: string, text: string) => void;
  /** What came of the run; for machines only. */
  readonly summary: (facts: Readonly<Record<string, unknown>>) => void;
};

export function createRemarks(stderr: Pick<Writable, 'write'>, json: boolean): Remarks {
  const said = new Set<string>();
  return {
    once: (kind, text) => {
      if (said.has(kind)) return;
      said.add(kind);
      stderr.write(
        json
          ? `${JSON.stringify({ ronda: 'remark', kind, message: text })}\n`
          : `ronda: ${printable(text)}\n`,
      );
    },
    summary: (facts) => {
      if (json) stderr.write(`${JSON.stringify({ ronda: 'run', ...facts })}\n`);
    },
  };
}
