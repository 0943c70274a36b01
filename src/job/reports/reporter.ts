import { randomUUID } from 'node:crypto';
import type { Ask } from './http-client.ts';
import { callsOf, tryOnce, type Later } from './delivery.ts';
import { createDeliveryQueue } from './delivery-queue.ts';
import type { RunOptions } from '../options.ts';
import type { Warnings } from '../warnings.ts';
import { registrationOf, type Report } from './reports.ts';

/** Reports one job to Ronda, in order, as well as it can be reached. */
export type Reporter = {
  readonly report: (report: Report) => void;
  /** @param timestamp Ronda's time, UTC */
  readonly heartbeat: (timestamp: string) => void;
  /**
   * The last report has been given; tries go on for so long (real ms), or until the signal.
   * @returns what could not be sent, in order
   */
  readonly close: (maxWaitMs: number, stop: AbortSignal) => Promise<Report[]>;
  readonly counts: () => { readonly sent: number; readonly refused: number };
};

/**
 * Reports one run; registers its job where Ronda does not know it, unless told not to. No failure of it throws.
 */
export function startReporter(options: RunOptions, ask: Ask, warnings: Warnings): Reporter {
  const { job, heartbeatMs, register, url } = options;
  const calls = callsOf(ask, job.scheduler_id);
  const registration = register ? calls.register(registrationOf(job, heartbeatMs)) : undefined;
  let sent = 0;
  let refused = 0;
  const queue = createDeliveryQueue<Report>({
    onSent: () => {
      sent += 1;
    },
    onRefused: ({ status }, reason) => {
      refused += 1;
      warnings.once(`refused ${status}`, `${url} ${reason}; it is not told of "${status}".`);
    },
    onFailure: (failure) => {
      warnings.once(failure.fault, adviceText(options, failure));
    },
  });
  return {
    report: (report) => {
      queue.add(report, (signal) => tryOnce(calls.status(report), registration, signal));
    },
    heartbeat: (timestamp) => {
      const body = { scheduler_id: job.scheduler_id, timestamp, event_id: randomUUID() };
      queue.tryOnce((signal) => tryOnce(calls.heartbeat(body), registration, signal));
    },
    close: queue.close,
    counts: () => ({ sent, refused }),
  };
}

/** What is wrong, and what to do. */
function adviceText({ url, key }: RunOptions, { fault, reason }: Later): string {
  const remedy = '"ronda keys create" makes one with scope ingest';
  if (key === undefined)
    return `there is no API key: set RONDA_API_KEY; ${remedy}. The job runs all the same.`;
  if (fault === 'key')
    return `${url} ${reason}. Set RONDA_API_KEY to a key it accepts; ${remedy}. The job runs all the same.`;
  return `${url} ${reason}. The job runs all the same, and what it reports is sent later.`;
}

/** What asking without a key would be answered. */
export const askWithoutKey: Ask = () =>
  Promise.resolve({ answered: true, status: 401, text: '', waitMs: undefined, location: undefined });
