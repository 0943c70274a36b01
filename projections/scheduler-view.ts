import { JsonText } from '../src/events/json-text.ts';
import { detailNames, jsonOf } from '../src/events/event.ts';
import type { EventRef } from '../src/events/order.ts';
import { detailsOf, membership, type CurrentState } from './current-state.ts';

/** A scheduler as it is shown, over HTTP and to operators. Values of type JsonText are written as they are. */

/** What every answer about a scheduler begins with; null where there is no value. */
export function identityView(row: CurrentState): Record<string, unknown> {
  // Names from statuses serve only where no registration was ever seen.
  const names = row.registration ?? row.status;
  return {
    scheduler_id: row.scheduler_id,
    service_name: names?.service_name ?? null,
    job_name: names?.job_name ?? null,
    status: row.status?.status ?? 'pending',
    timestamp: row.status?.at ?? row.created?.at ?? null,
    created_at: row.created?.at ?? null,
    updated_at: row.updated?.accepted_at ?? null,
  };
}

/** One scheduler with all its fields; null where there is no value, but metadata is then `{}`. */
export function schedulerView(row: CurrentState): Record<string, unknown> {
  const { status } = row;
  return {
    ...identityView(row),
    registered: membership(row) === 'registered',
    last_heartbeat: row.heartbeat?.at ?? null,
    execution_time_ms: status?.execution_time_ms ?? null,
    error_message: status?.error_message ?? null,
    metadata: new JsonText(status?.metadata ?? '{}'),
    ...jsonOf(detailsOf(row)),
    acknowledged_by: acknowledgementOf(row)?.by ?? null,
    snoozed_until: row.snooze?.until ?? null,
  };
}

/** Of each field of `schedulerView`, the event that decides it; null where none has said anything yet. */
export function decidersOf(row: CurrentState): ReadonlyMap<string, EventRef | null> {
  const { created, registration, removal, status, heartbeat, updated, snooze } = row;
  const names = registration ?? status;
  return new Map<string, EventRef | null>([
    ['scheduler_id', null],
    ['service_name', names],
    ['job_name', names],
    ['status', status],
    ['timestamp', status ?? created],
    ['created_at', created],
    ['updated_at', updated],
    ['registered', membership(row) === 'registered' ? registration : removal],
    ['last_heartbeat', heartbeat],
    ['execution_time_ms', status],
    ['error_message', status],
    ['metadata', status],
    ...detailNames.map((name) => [name, row[name]] as const),
    ['acknowledged_by', acknowledgementOf(row)],
    ['snoozed_until', snooze],
  ]);
}

/** The acknowledgement of the failure that is the latest status, if there is one. */
function acknowledgementOf({ status, acknowledgement }: CurrentState): CurrentState['acknowledgement'] {
  return acknowledgement !== null &&
    status?.status === 'failed' &&
    acknowledgement.failure_event_id === status.id
    ? acknowledgement
    : null;
}
