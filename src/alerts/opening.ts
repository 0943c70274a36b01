import { membership, type CurrentState } from '../../projections/current-state.ts';
import { msOf } from '../events/time.ts';
import { snoozeAt, type Failure } from './lifecycle.ts';

/** Whether a failure opens an alert, and if not, why. Pure. */
export type Opening =
  | { readonly open: true }
  /** Nobody is alerted: the board and the summary show it. */
  | { readonly open: false; readonly why: 'unregistered' | 'removed' | 'snoozed' | 'maintenance' };

/** A failure this old when it is delivered calls nobody: the day has seen it. Ronda ms. */
const lateMs = 24 * 3_600_000;

/** Whether a failure is too old to call anybody by now. Both in Ronda's time, ms UTC. */
export function isLate(failedAt: number, now: number): boolean {
  return now - failedAt > lateMs;
}

/**
 * Whether a failure opens an alert.
 * @param inMaintenance whether its job was in maintenance then
 * @param registered whether the scheduler was registered when the failure happened (`registeredAt`)
 */
export function openingOf(
  failure: Pick<Failure, 'occurred_at'>,
  row: CurrentState | undefined,
  registered: boolean,
  inMaintenance = false,
): Opening {
  if (row === undefined || membership(row) === 'unregistered') return { open: false, why: 'unregistered' };
  if (!registered || membership(row) === 'removed') return { open: false, why: 'removed' };
  const at = msOf(failure.occurred_at);
  if (snoozeAt(row, at) !== null) return { open: false, why: 'snoozed' };
  if (inMaintenance) return { open: false, why: 'maintenance' };
  return { open: true };
}

/**
 * Whether a scheduler was registered at an instant (UTC), as far as its row tells. What happened before the first
 * registration of all counts as registered: services report with clocks that run behind, and register as they begin.
 * @returns undefined where only the events can tell
 */
export function registeredAt(
  { created, registration, removal }: CurrentState,
  at: string,
): boolean | undefined {
  if (created === null || registration === null) return false;
  if (removal === null || at < created.at) return true;
  // The row knows the latest of each alone: what lay between an earlier removal and the instant it cannot tell.
  const isLatestKnown = registration.at <= at && removal.at <= at;
  return isLatestKnown ? registration.at >= removal.at : undefined;
}
