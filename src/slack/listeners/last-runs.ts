import type { HistoryEntry } from '../../../projections/history.ts';
import { compareStatuses } from '../../events/order.ts';
import { msOf } from '../../events/time.ts';
import type { Run } from '../render/eod.ts';

/**
 * What a scheduler did last, newest first: each end, with how long the run took by the service's own word or else
 * from the `running` before it; and the start of a run that has not ended. A `pending` is no run. Pure.
 * @param entries in any order
 * @param max how many at most
 */
export function lastRuns(entries: readonly HistoryEntry[], max: number): Run[] {
  const runs: Run[] = [];
  let began: number | null = null;
  const inOrder = entries.toSorted((a, b) =>
    compareStatuses({ ...a, at: a.timestamp }, { ...b, at: b.timestamp }),
  );
  for (const { status, timestamp, execution_time_ms, error_message } of inOrder) {
    const at = msOf(timestamp);
    if (status === 'running') {
      began = at;
      continue;
    }
    if (status !== 'pending') {
      const duration = execution_time_ms ?? (began === null ? null : at - began);
      runs.push({ status, at, duration, error: status === 'failed' ? error_message : null });
    }
    began = null;
  }
  if (began !== null) runs.push({ status: 'running', at: began, duration: null, error: null });
  return runs.reverse().slice(0, max);
}
