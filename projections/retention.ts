import { assertNever } from '../src/events/assert-never.ts';
import type { RondaEvent } from '../src/events/event.ts';
import { msOf } from '../src/events/time.ts';
import { join, nothing, type CurrentState } from './current-state.ts';

/** How long things count, in ms. Expiry is a fact of time: what is past it is left out, purged or not. */
export type Retention = {
  readonly historyMs: number;
  readonly eventMs: number;
  readonly heartbeatMs: number;
};

const dayMs = 86_400_000;

export function retentionOf(days: {
  readonly HISTORY_RETENTION_DAYS: number;
  readonly EVENT_RETENTION_DAYS: number;
  readonly HEARTBEAT_RETENTION_DAYS: number;
}): Retention {
  return {
    historyMs: days.HISTORY_RETENTION_DAYS * dayMs,
    eventMs: days.EVENT_RETENTION_DAYS * dayMs,
    heartbeatMs: days.HEARTBEAT_RETENTION_DAYS * dayMs,
  };
}

/** When an event stops to count, ms UTC; undefined: never. */
export function expiryOf(event: RondaEvent, retention: Retention): number | undefined {
  switch (event.type) {
    case 'status_reported':
    case 'failure_acknowledged':
    case 'alerts_snoozed':
      return msOf(event.occurred_at) + retention.eventMs;
    case 'heartbeat_received':
      return msOf(event.occurred_at) + retention.heartbeatMs;
    case 'scheduler_registered':
    case 'scheduler_removed':
      return undefined;
    default:
      return assertNever(event);
  }
}

export function counts(event: RondaEvent, now: number, retention: Retention): boolean {
  const expiry = expiryOf(event, retention);
  return expiry === undefined || expiry > now;
}

/**
 * A rebuilt row with what the old row knew from events that are past their retention, and that therefore no
 * stream can tell any more. Pure.
 */
export function carry(
  rebuilt: CurrentState,
  old: CurrentState,
  now: number,
  retention: Retention,
): CurrentState {
  const kept = nothing(old.scheduler_id);
  const past = (cell: { at: string } | null, ms: number): boolean =>
    cell !== null && msOf(cell.at) + ms <= now;
  if (past(old.status, retention.eventMs)) kept.status = old.status;
  if (past(old.pending, retention.eventMs)) kept.pending = old.pending;
  if (past(old.running, retention.eventMs)) kept.running = old.running;
  if (past(old.completed, retention.eventMs)) kept.completed = old.completed;
  if (past(old.failed, retention.eventMs)) kept.failed = old.failed;
  if (past(old.updated, retention.eventMs)) kept.updated = old.updated;
  if (past(old.acknowledgement, retention.eventMs)) kept.acknowledgement = old.acknowledgement;
  if (past(old.snooze, retention.eventMs)) kept.snooze = old.snooze;
  if (past(old.heartbeat, retention.heartbeatMs)) kept.heartbeat = old.heartbeat;
  return join(rebuilt, kept);
}
