import type { CurrentState } from '../../../projections/current-state.ts';
import type { StatusReported } from '../../events/event.ts';
import { compareStatuses } from '../../events/order.ts';
import { msOf } from '../../events/time.ts';

/** How a failure went on, as far as is known: what an alert shows beyond the failure itself. Times are ms UTC. */
export type Story = {
  readonly acknowledged: { readonly by: string; readonly at: number } | null;
  readonly recovered: { readonly at: number; readonly after: number } | null;
};

/** Rows of schedulers by id, as read for one round of the watch. */
export type Rows = ReadonlyMap<string, CurrentState>;

type Failure = { readonly event_id: string; readonly occurred_at: string };

/** Pure. A job recovers when it completes after it failed. */
export function storyOf({ event_id, occurred_at }: Failure, row: CurrentState | undefined): Story {
  const { acknowledgement = null, completed = null } = row ?? {};
  const failedAt = msOf(occurred_at);
  return {
    acknowledged:
      acknowledgement?.failure_event_id === event_id
        ? { by: acknowledgement.by, at: msOf(acknowledgement.at) }
        : null,
    recovered:
      completed !== null && msOf(completed.at) > failedAt
        ? { at: msOf(completed.at), after: msOf(completed.at) - failedAt }
        : null,
  };
}

/** What stands for a story in a comparison: an alert is edited when it changes. */
export function storyPrint({ acknowledged, recovered }: Story): string {
  return JSON.stringify([acknowledged, recovered]);
}

/** The status that overtook a failure; null while the failure is the latest. Pure. */
export function newerThan(failure: StatusReported, row: CurrentState | undefined): CurrentState['status'] {
  const latest = row?.status ?? null;
  const own = { at: failure.occurred_at, id: failure.event_id, status: failure.status };
  return latest !== null && compareStatuses(latest, own) > 0 ? latest : null;
}

/** How long the failed run took: as reported, else since the job began; null when nobody knows. */
export function durationOf(failure: StatusReported, row: CurrentState | undefined): number | null {
  if (failure.execution_time_ms !== null) return failure.execution_time_ms;
  const { status = null, running = null } = row ?? {};
  if (status?.id !== failure.event_id || running === null || running.at > failure.occurred_at) return null;
  return msOf(failure.occurred_at) - msOf(running.at);
}
