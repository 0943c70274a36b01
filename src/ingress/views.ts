import { membership, type CurrentState } from '../../projections/current-state.ts';
import type { HistoryEntry } from '../../projections/history.ts';
import type { StatusReported } from '../events/event.ts';
import { JsonText } from '../events/json-text.ts';

/** What leaves the service over HTTP. Pure. Values of type JsonText are written as they are (`writeObject`). */

/** Registration and status in the form that `register` answers with. */
export function registeredView(row: CurrentState): Record<string, unknown> {
  const { owner_email, alert_user_id, heartbeat_timeout_minutes } = row.registration ?? {};
  return {
    ...identity(row),
    owner_email: owner_email ?? undefined,
    alert_user_id: alert_user_id ?? undefined,
    heartbeat_timeout_minutes: heartbeat_timeout_minutes ?? undefined,
  };
}

/** One scheduler with all its fields; null where there is no value. */
export function schedulerView(row: CurrentState): Record<string, unknown> {
  const { registration, status, acknowledgement } = row;
  const acknowledged =
    acknowledgement !== null && status?.status === 'failed' && acknowledgement.failure_event_id === status.id;
  return {
    ...identity(row),
    registered: membership(row) === 'registered',
    last_heartbeat: row.heartbeat?.at ?? null,
    execution_time_ms: status?.execution_time_ms ?? null,
    error_message: status?.error_message ?? null,
    metadata: jsonOrNull(status?.metadata),
    owner_email: registration?.owner_email ?? null,
    alert_user_id: registration?.alert_user_id ?? null,
    heartbeat_timeout_minutes: registration?.heartbeat_timeout_minutes ?? null,
    acknowledged_by: acknowledged ? acknowledgement.by : null,
    snoozed_until: row.snooze?.until ?? null,
  };
}

export function entryView(entry: HistoryEntry): Record<string, unknown> {
  return { ...entry, metadata: new JsonText(entry.metadata ?? '{}') };
}

/** The fields of an accepted status, as they will be stored. */
export function acceptedView(event: StatusReported, acceptedAt: string): Record<string, unknown> {
  return {
    scheduler_id: event.scheduler_id,
    service_name: event.service_name,
    job_name: event.job_name,
    status: event.status,
    timestamp: event.occurred_at,
    execution_time_ms: event.execution_time_ms ?? undefined,
    error_message: event.error_message ?? undefined,
    metadata: event.metadata === null ? undefined : new JsonText(event.metadata),
    updated_at: acceptedAt,
    event_id: event.event_id,
  };
}

function identity(row: CurrentState): Record<string, unknown> {
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

function jsonOrNull(text: string | null | undefined): JsonText | null {
  return text === null || text === undefined ? null : new JsonText(text);
}
