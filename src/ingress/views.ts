import { detailsOf, type CurrentState } from '../../projections/current-state.ts';
import type { HistoryEntry } from '../../projections/history.ts';
import { identityView } from '../../projections/scheduler-view.ts';
import type { StatusReported } from '../events/event.ts';
import { JsonText } from '../events/json-text.ts';

/** What leaves the service over HTTP. Pure. Values of type JsonText are written as they are (`writeObject`). */

/** Registration and status in the form that `register` answers with. */
export function registeredView(row: CurrentState): Record<string, unknown> {
  const known = Object.entries(detailsOf(row)).filter(([, value]) => value !== null);
  return { ...identityView(row), ...Object.fromEntries(known) };
}

/** A history entry with all its fields; metadata that is none is `{}`. */
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
