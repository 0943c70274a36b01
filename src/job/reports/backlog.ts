import { pause, within, type Clock } from '../../clock.ts';
import { reasonOf } from '../../errors.ts';
import type { Warnings } from '../warnings.ts';
import { drainSpool } from './drain.ts';
import type { Ask } from './http-client.ts';
import type { Report, registrationOf } from './reports.ts';
import { putSpool, refusalOf, spoolOf } from './spool.ts';

/** Reports that could not be sent when they were made: those of earlier runs, and in the end this one's. */
export type Backlog = {
  /** Lets the sending of earlier ones go on for so long, or until the signal (real ms). @returns how many were sent */
  readonly close: (maxWaitMs: number, stop: AbortSignal) => Promise<number>;
  /** @returns whether what could not be sent waits for a later run */
  readonly keep: (
    reports: readonly Report[],
    registration: ReturnType<typeof registrationOf> | null,
  ) => Promise<boolean>;
};

type Context = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly url: string;
  readonly ask: Ask;
  readonly warnings: Warnings;
  readonly clock: Clock;
};

/** A disk that does not answer holds nobody for longer. Real ms. */
const diskMs = 5_000;

/** Begins to send what earlier runs kept. */
export function openBacklog({ env, url, ask, warnings, clock }: Context): Backlog {
  const spool = spoolOf(env, url);
  const over = new AbortController();
  const drain = async (): Promise<number> => {
    if (spool === undefined) return 0;
    const refusal = await refusalOf(spool);
    if (refusal !== undefined) {
      warnings.once('spool', `${refusal}: no report is kept there, and none is sent from there.`);
      return 0;
    }
    return await drainSpool({
      folder: spool.folder,
      ask,
      now: clock.now(),
      signal: over.signal,
      onDistrusted: (names) => {
        const rest = names.length > 1 ? ` and ${names.length - 1} more` : '';
        warnings.once(
          'distrusted',
          `${names[0] ?? ''}${rest} in ${spool.folder}: no plain file of this user's alone, and not read.`,
        );
      },
      onRefused: ({ item: { report } }, reason) => {
        const { scheduler_id, status, timestamp } = report;
        warnings.once(
          `refused ${report.event_id}`,
          `Ronda ${reason}; "${status}" of ${scheduler_id} at ${timestamp}, kept until now, is dropped.`,
        );
      },
    });
  };
  const sent = drain().catch((error: unknown) => {
    warnings.once(
      'spool',
      `what is kept in ${spool?.folder ?? 'the spool'} cannot be sent: ${reasonOf(error)}.`,
    );
    return 0;
  });
  return {
    close: async (maxWaitMs, stop) => {
      const ended = new AbortController();
      void sent.then(() => {
        ended.abort();
      });
      await pause(maxWaitMs, AbortSignal.any([stop, ended.signal]));
      over.abort();
      const count = await within(diskMs, sent);
      return typeof count === 'number' ? count : 0;
    },
    keep: async (reports, registration) => {
      if (reports.length === 0) return true;
      const id = reports[0]?.scheduler_id ?? '';
      const what = `${reports.length === 1 ? '1 report' : `${reports.length} reports`} of ${id}`;
      try {
        if (spool === undefined)
          throw new Error('this user has no home directory; RONDA_SPOOL_DIR names another place');
        const items = reports.map((report) => ({ report, registration }));
        const gone = await within(diskMs, putSpool(spool, items, clock.now()));
        if (typeof gone !== 'number') throw new Error(`${spool.folder} does not answer`);
        warnings.once('kept', `${what} kept in ${spool.folder} for the next "ronda run".`);
        if (gone > 0)
          warnings.once('gone', `${gone} of the reports kept there were too old or too many, and are gone.`);
        return true;
      } catch (error) {
        warnings.once('lost', `${what} lost, they cannot be kept: ${reasonOf(error)}.`);
        return false;
      }
    },
  };
}
