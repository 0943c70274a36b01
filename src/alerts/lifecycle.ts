import { membership, type CurrentState } from '../../projections/current-state.ts';
import { msOf } from '../events/time.ts';

/** What became of something that somebody was alerted of. Instants are ms UTC in Ronda's time; pure throughout. */
export type Progress = {
  /** By whom, once; what is known stays, for the job's row knows the acknowledgement of one failure alone. */
  readonly acknowledged: { readonly by: string; readonly at: number } | null;
  /** The first completion after the failure. Once known it stays, whatever the job does later. */
  readonly recovered: { readonly at: number } | null;
  /** While alerts of the scheduler are snoozed. */
  readonly snoozed: { readonly until: number; readonly by: string } | null;
  /** The scheduler was removed: nobody has to look after it any more. */
  readonly removed: { readonly at: number } | null;
};

/** Of a progress what is written down: the rest is read from the scheduler's row each time. */
export type KnownProgress = Partial<Pick<Progress, 'acknowledged' | 'recovered'>>;

export type Failure = {
  readonly scheduler_id: string;
  readonly event_id: string;
  readonly occurred_at: string;
};

/** Whether the row alone tells that the job completed after a failure, so that the first time is to be looked up. */
export function hasCompletedAfter({ occurred_at }: Failure, row: CurrentState | undefined): boolean {
  return row?.completed != null && row.completed.at > occurred_at;
}

/**
 * @param firstCompletion of the job after the failure, UTC; null where there is none, or none was looked for
 * @param known what is written down of it
 */
export function progressOf(
  failureId: string,
  row: CurrentState | undefined,
  firstCompletion: string | null,
  known: KnownProgress,
  now: number,
): Progress {
  const acknowledgement = row?.acknowledgement?.failure_event_id === failureId ? row.acknowledgement : null;
  return {
    acknowledged:
      known.acknowledged ??
      (acknowledgement === null ? null : { by: acknowledgement.by, at: msOf(acknowledgement.at) }),
    recovered: known.recovered ?? (firstCompletion === null ? null : { at: msOf(firstCompletion) }),
    snoozed: snoozeAt(row, now),
    removed: removalOf(row),
  };
}

export function isOver({ recovered, removed }: Progress): boolean {
  return recovered !== null || removed !== null;
}

/** The snooze that is in force at an instant, by what the row knows: the latest one. */
export function snoozeAt(row: CurrentState | undefined, at: number): Progress['snoozed'] {
  const snooze = row?.snooze ?? null;
  if (snooze === null || msOf(snooze.at) > at || msOf(snooze.until) <= at) return null;
  return { until: msOf(snooze.until), by: snooze.by };
}

export function removalOf(row: CurrentState | undefined): Progress['removed'] {
  return row?.removal != null && membership(row) === 'removed' ? { at: msOf(row.removal.at) } : null;
}
