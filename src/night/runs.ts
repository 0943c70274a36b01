import type { CurrentState } from '../../projections/current-state.ts';
import type { HistoryEntry } from '../../projections/history.ts';
import { compareStatuses } from '../events/order.ts';
import { msOf } from '../events/time.ts';
import type { Night } from './night.ts';

/** What one scheduler did in a night. Instants are ms UTC, durations ms. */
export type Runs = {
  readonly firstStart: number | null;
  /** Every end, oldest first; the duration is null where nothing tells the start. */
  readonly ends: readonly { readonly at: number; readonly duration: number | null }[];
  readonly failures: readonly {
    readonly at: number;
    readonly error: string | null;
    readonly recoveredAt: number | null;
  }[];
};

/**
 * Reads a night's entries in time order. A run lasts as long as the service says, else from the last `running`
 * before its end; a `pending` puts the job back, so that a start before it counts no more.
 * @param entries in any order
 * @param begunAt when the run began that the night found under way, null if there was none
 */
export function runsOf(entries: readonly HistoryEntry[], begunAt: number | null): Runs {
  const ends: { at: number; duration: number | null }[] = [];
  const failures: { at: number; error: string | null; recoveredAt: number | null }[] = [];
  let firstStart: number | null = null;
  let began = begunAt;
  for (const entry of entries.toSorted(compareEntries)) {
    const at = msOf(entry.timestamp);
    if (entry.status === 'running') {
      firstStart ??= at;
      began = at;
      continue;
    }
    if (entry.status !== 'pending') {
      ends.push({ at, duration: entry.execution_time_ms ?? (began === null ? null : at - began) });
    }
    began = null;
    if (entry.status === 'completed') {
      for (const failure of failures) failure.recoveredAt ??= at;
    }
    if (entry.status === 'failed') failures.push({ at, error: entry.error_message, recoveredAt: null });
  }
  return { firstStart, ends, failures };
}

/** When the run began that was under way when the night started, as far as the row still tells. */
export function begunBefore(
  { running, pending, completed, failed }: CurrentState,
  night: Night,
): number | null {
  if (running === null || msOf(running.at) >= night.start) return null;
  // At one instant a job is pending, then running, then ended.
  const over = [completed, failed].some(
    (end) => end !== null && end.at >= running.at && msOf(end.at) < night.start,
  );
  const putBack = pending !== null && pending.at > running.at && msOf(pending.at) < night.start;
  return over || putBack ? null : msOf(running.at);
}

function compareEntries(a: HistoryEntry, b: HistoryEntry): number {
  return compareStatuses({ ...a, at: a.timestamp }, { ...b, at: b.timestamp });
}
