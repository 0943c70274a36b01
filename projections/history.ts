import { z } from 'zod';
import { eventTypes, payloadOf, type RecordedEvent } from '../src/events/event.ts';
import { sideOf } from '../src/events/event-type.ts';
import { initialEntryId } from '../src/events/identity.ts';
import { eventKey, statuses, type EventRef } from '../src/events/order.ts';
import { msOf, utc } from '../src/events/time.ts';
import type { EntriesProjection } from './projection.ts';

/** One change of status. Its key is its event's, so that the same event always lands on the same entry. */
export const historyEntry = z.object({
  scheduler_id: z.string(),
  id: z.string(),
  status: z.enum(statuses),
  timestamp: z.string(),
  ...sideOf(eventTypes.status.optional, 'stored'),
});
export type HistoryEntry = z.infer<typeof historyEntry>;

/** A history is a set of entries by key; joining two is their union, since equal keys hold equal entries. */
export type History = ReadonlyMap<string, HistoryEntry>;

/** The entry that an event makes: one for a status, none for anything else. */
export function fromEvent({ event }: RecordedEvent): History {
  if (event.type !== 'status_reported') return new Map();
  const { service_name, job_name, ...payload } = payloadOf(event);
  const { scheduler_id, event_id: id, occurred_at: timestamp } = event;
  const entry = { scheduler_id, id, timestamp, ...payload };
  return new Map([[entryKey(entry), entry]]);
}

/** The entries of both: equal keys hold equal entries, so it matters not which of two stays. */
export function join(a: History, b: History): History {
  return new Map([...a, ...b]);
}

/** The key of an entry, which is its event's: entries read in the order of events. */
export function entryKey(entry: HistoryEntry): string {
  return eventKey({ at: entry.timestamp, id: entry.id });
}

export const historyProjection = {
  name: 'history',
  version: 2,
  table: {
    name: 'scheduler-status-history',
    partition: 'scheduler_id',
    sort: 'timestamp#event_id',
    expires: true,
    recoverable: false,
  },
  schema: historyEntry,
  fromEvent,
  expiryOf: ({ timestamp }, { historyMs }) => msOf(timestamp) + historyMs,
  firstKey: (now, { historyMs }) => utc(Math.max(0, now - historyMs + 1)),
} as const satisfies EntriesProjection<HistoryEntry>;

/**
 * The `pending` that a registration stands for: a default, not a status, so it is derived from `created`
 * when read and stored nowhere. Two first registrations at one instant therefore leave one.
 */
export function initialEntry(scheduler_id: string, created: EventRef): HistoryEntry {
  return {
    scheduler_id,
    id: initialEntryId(scheduler_id),
    status: 'pending',
    timestamp: created.at,
    execution_time_ms: null,
    error_message: null,
    metadata: null,
    run_id: null,
    business_date: null,
  };
}
