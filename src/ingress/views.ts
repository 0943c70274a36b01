import { detailsOf, type CurrentState } from '../../projections/current-state.ts';
import type { HistoryEntry } from '../../projections/history.ts';
import { identityView } from '../../projections/scheduler-view.ts';
import { notesOf } from '../board/notes.ts';
import type { Unreadable } from '../board/read-board.ts';
import { jsonOf, type StatusReported } from '../events/event.ts';
import { JsonText } from '../events/json-text.ts';
import { utc } from '../events/time.ts';
import type { Board, Cell, Due } from '../night/board.ts';
import type { BoardSpec } from '../night/boards.ts';

/** What leaves the service over HTTP. Pure. Values of type JsonText are written as they are (`writeObject`). */

/** Registration and status in the form that `register` answers with. */
export function registeredView(row: CurrentState): Record<string, unknown> {
  const known = Object.entries(detailsOf(row)).filter(([, value]) => value !== null);
  return { ...identityView(row), ...jsonOf(Object.fromEntries(known)) };
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
    run_id: event.run_id ?? undefined,
    business_date: event.business_date ?? undefined,
    updated_at: acceptedAt,
    event_id: event.event_id,
  };
}

/** @param readAt when what it shows was read: a past board is told by what is known then */
export function boardView(
  { name, zone }: BoardSpec,
  { night, at, counts, cells, notDue }: Board,
  unreadable: readonly Unreadable[],
  readAt: string,
): Record<string, unknown> {
  return {
    board: name,
    night: night.date,
    zone,
    at: utc(at),
    updated_at: readAt,
    counts,
    not_due: notDue,
    cells: cells.map(cellView),
    unreadable: unreadable.map(({ scheduler_id }) => scheduler_id),
  };
}

function cellView(cell: Cell): Record<string, unknown> {
  const { scheduler_id, service_name, job_name, state, since, duration, error, heartbeat, snoozed } = cell;
  const time = (at: number | null): string | null => (at === null ? null : utc(at));
  return {
    ...{ scheduler_id, service_name, job_name, state },
    since: time(since),
    duration_ms: duration,
    note: notesOf(cell).join('; ') || null,
    error_message: error,
    last_heartbeat: time(heartbeat),
    registered: cell.registered,
    acknowledged_by: cell.acknowledgedBy,
    snoozed_until: time(snoozed?.until ?? null),
    due: cell.due === null ? null : dueView(cell.due),
  };
}

function dueView({ at, verdict, flags, startBy, finishBy, waitingFor, excuse, beganAt }: Due) {
  return {
    slot: utc(at),
    ...{ verdict, flags },
    start_by: utc(startBy),
    finish_by: finishBy === null ? null : utc(finishBy),
    began_at: beganAt === null ? null : utc(beganAt),
    waiting_for: waitingFor,
    excuse,
  };
}
