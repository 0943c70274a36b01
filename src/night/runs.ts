import type { CurrentState } from '../../projections/current-state.ts';
import type { HistoryEntry } from '../../projections/history.ts';
import { compareRefs, compareStatuses } from '../events/order.ts';
import { msOf } from '../events/time.ts';
import type { Night } from './night.ts';

/** An end of a run. Instants are ms UTC, durations ms. */
export type RunEnd = {
  /** Of its event. */
  readonly id: string;
  readonly status: 'completed' | 'failed';
  readonly at: number;
  /** Null where nothing tells the start. */
  readonly duration: number | null;
  readonly error: string | null;
};

/** What one scheduler did. Instants are ms UTC, durations ms. */
export type Runs = {
  readonly firstStart: number | null;
  /** Oldest first. */
  readonly ends: readonly RunEnd[];
  readonly failures: readonly {
    readonly at: number;
    readonly error: string | null;
    readonly recoveredAt: number | null;
  }[];
  /** When the run began that has not ended; null where none is under way. */
  readonly underway: number | null;
};

/**
 * Reads entries in time order. A run lasts as long as the service says, else from the last `running` before its
 * end; another end or a `pending` in between means that this start belongs to no run that goes on.
 * @param entries in any order
 * @param begunAt when the run began that the first entry found under way, null if there was none
 */
export function runsOf(entries: readonly HistoryEntry[], begunAt: number | null): Runs {
  const ends: RunEnd[] = [];
  const failures: { at: number; error: string | null; recoveredAt: number | null }[] = [];
  let firstStart: number | null = null;
  let began = begunAt;
  for (const { id, status, timestamp, execution_time_ms, error_message } of entries.toSorted(
    compareEntries,
  )) {
    const at = msOf(timestamp);
    if (status === 'running') {
      firstStart ??= at;
      began = at;
      continue;
    }
    if (status !== 'pending') {
      const error = status === 'failed' ? error_message : null;
      ends.push({
        id,
        status,
        at,
        duration: execution_time_ms ?? (began === null ? null : at - began),
        error,
      });
    }
    began = null;
    if (status === 'completed') for (const failure of failures) failure.recoveredAt ??= at;
    if (status === 'failed') failures.push({ at, error: error_message, recoveredAt: null });
  }
  return { firstStart, ends, failures, underway: began };
}

/** How long the run took that the latest status ended, ms: what `runsOf` says of it, told from the row alone. */
export function latestRunTime({ status, running, ...others }: CurrentState): number | null {
  if (status === null) return null;
  if (status.execution_time_ms !== null) return status.execution_time_ms;
  if (running === null) return null;
  const { pending, completed, failed, ended_before } = others;
  // At one instant a job is pending, then running, then ended.
  if (pending !== null && pending.at > running.at) return null;
  const previous = [completed, failed, ended_before]
    .filter((end) => end !== null)
    .filter((end) => compareRefs(end, status) !== 0)
    .sort(compareRefs)
    .at(-1);
  return previous !== undefined && previous.at >= running.at ? null : msOf(status.at) - msOf(running.at);
}

/** When the run began that was under way when the night started, as far as the row still tells. */
export function begunBefore(
  { running, pending, completed, failed, ended_before }: CurrentState,
  night: Night,
): number | null {
  if (running === null || msOf(running.at) >= night.start) return null;
  // At one instant a job is pending, then running, then ended.
  const over = [completed, failed, ended_before].some(
    (end) => end !== null && end.at >= running.at && msOf(end.at) < night.start,
  );
  const putBack = pending !== null && pending.at > running.at && msOf(pending.at) < night.start;
  return over || putBack ? null : msOf(running.at);
}

function compareEntries(a: HistoryEntry, b: HistoryEntry): number {
  return compareStatuses({ ...a, at: a.timestamp }, { ...b, at: b.timestamp });
}
