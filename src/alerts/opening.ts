import { membership, type CurrentState } from '../../projections/current-state.ts';
import { msOf } from '../events/time.ts';
import { snoozeAt, type Failure } from './lifecycle.ts';

/** Whether a failure is one to tell, and to whom. Pure. */
export type Opening =
  /** `calls`: whether its owner is called. A late one calls nobody, for the day has seen it. */
  | { readonly open: true; readonly calls: boolean; readonly late: boolean }
  /** Nobody is told: the board and the summary show it. */
  | { readonly open: false; readonly why: 'unregistered' | 'removed' | 'snoozed' };

/** A failure this old when it arrives calls nobody. Ronda ms. */
const lateMs = 24 * 3_600_000;

/**
 * @param registered whether the scheduler was registered when the failure happened (`registeredAt`)
 * @param over whether the job is known to have completed since
 * @param now Ronda's time, ms UTC
 */
export function openingOf(
  failure: Pick<Failure, 'occurred_at'>,
  row: CurrentState | undefined,
  { registered, over, now }: { readonly registered: boolean; readonly over: boolean; readonly now: number },
): Opening {
  if (row === undefined || membership(row) === 'unregistered') return { open: false, why: 'unregistered' };
  if (!registered || membership(row) === 'removed') return { open: false, why: 'removed' };
  const at = msOf(failure.occurred_at);
  if (snoozeAt(row, at) !== null) return { open: false, why: 'snoozed' };
  const late = now - at > lateMs;
  return { open: true, calls: !over && !late, late };
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
