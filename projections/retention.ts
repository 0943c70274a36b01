import { assertNever } from '../src/events/assert-never.ts';
import type { RondaEvent } from '../src/events/event.ts';
import { msOf } from '../src/events/time.ts';

/** How long things count, in ms. Expiry is a fact of time: what is past it is left out, purged or not. */
export type Retention = {
  readonly historyMs: number;
  readonly eventMs: number;
  readonly heartbeatMs: number;
};

const dayMs = 86_400_000;

/** The settings' days in ms. */
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
    case 'expectation_set':
    case 'calendar_set':
    case 'maintenance_planned':
    case 'maintenance_ended':
      return undefined;
    default:
      return assertNever(event);
  }
}

/** Whether an event counts at an instant. @param now Ronda's time, ms UTC */
export function counts(event: RondaEvent, now: number, retention: Retention): boolean {
  const expiry = expiryOf(event, retention);
  return expiry === undefined || expiry > now;
}
