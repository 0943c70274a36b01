import { backoffMs } from '../backoff.ts';
import { ageOf } from '../clock.ts';
import type { AlertRow, DeliveryRow } from '../store/alerts/alert-rows.ts';

/** The rules of deliveries, pure. All times are the machine's, ms. */

/** For so long a transition is tried again before it counts as failed, which a person is to see. Real ms. */
export const triedForMs = 24 * 3_600_000;
const waits = { firstMs: 2_000, maxMs: 600_000 };

/** The part of a delivery that a plan turns on. */
export type Progression = Pick<
  DeliveryRow,
  'delivered' | 'follow_up' | 'failed' | 'next_at' | 'lease' | 'attempts'
>;

/** Whether a transport has something to do about an alert of which it has a delivery. */
export function isBehind(
  { delivered, follow_up, failed }: Progression,
  { transitions, state }: Pick<AlertRow, 'transitions' | 'state'>,
): boolean {
  return !failed && (delivered < transitions.length || (follow_up && state === 'open'));
}

/** Whether it may be tried now: its wait is over, and nobody else is at it. */
export function mayTry({ next_at, lease }: Pick<DeliveryRow, 'next_at' | 'lease'>, real: number): boolean {
  // What lies further ahead than any wait was written before the machine's clock was set back.
  const isWaiting = next_at > real && next_at - real <= waits.maxMs;
  const isLeased = lease !== null && lease.until > real && lease.at <= real;
  return !isWaiting && !isLeased;
}

/** The row under a lease of ours. */
export function leasedBy(row: DeliveryRow, owner: string, leaseMs: number, real: number): DeliveryRow {
  return { ...row, lease: { owner, at: real, until: real + leaseMs }, tried_since: row.tried_since ?? real };
}

/** The row when transitions up to `number` are delivered. */
export function deliveredUpTo(row: DeliveryRow, number: number, followUp: boolean): DeliveryRow {
  return {
    ...row,
    delivered: Math.max(row.delivered, number),
    follow_up: followUp,
    attempts: 0,
    tried_since: null,
    next_at: 0,
    problem: null,
    failed: false,
  };
}

/** The row after a try that failed: when to try again, or that nobody tries any more. */
export function afterFailure(
  row: DeliveryRow,
  problem: string,
  { retryAfterMs, isFinal }: { readonly retryAfterMs: number | undefined; readonly isFinal: boolean },
  real: number,
): DeliveryRow {
  const attempts = row.attempts + 1;
  const wait = Math.min(Math.max(backoffMs(waits, attempts), retryAfterMs ?? 0), waits.maxMs);
  const failed = isFinal || ageOf(row.tried_since ?? real, real) >= triedForMs;
  return { ...row, attempts, problem, failed, next_at: real + wait, lease: null };
}

/** The row when it is to be tried again at once: from where it stopped, or from the alert's beginning. */
export function resent(row: DeliveryRow, fromStart: boolean): DeliveryRow {
  return { ...deliveredUpTo(row, row.delivered, row.follow_up), ...(fromStart ? { delivered: 0 } : {}) };
}
