import { z } from 'zod';
import { assertNever } from '../src/events/assert-never.ts';
import { sideOf, type Fields } from '../src/events/event-type.ts';
import {
  detailNames,
  details,
  detailsV1,
  eventTypes,
  payloadOf,
  type RecordedEvent,
} from '../src/events/event.ts';
import { compareRefs, compareStatuses, compareText, type EventRef } from '../src/events/order.ts';
import { msOf } from '../src/events/time.ts';
import { foldOf, type StateProjection } from './projection.ts';
import type { Retention } from './retention.ts';

const eventRef = z.object({ at: z.string(), id: z.string() });
type Details = typeof details;
/** Whatever registrations say beside names, each by the latest of them that names it, be it to clear it. */
type DetailCells = { [N in keyof Details]: Cell<z.ZodType<z.infer<Details[N]['stored']>>> };
type Cell<V extends z.ZodType> = ReturnType<typeof cell<V>>;
const cell = <V extends z.ZodType>(value: V) => eventRef.extend({ value }).nullable().default(null);

function detailCells(fields: Details): DetailCells;
function detailCells(fields: Fields): Record<string, Cell<z.ZodType>> {
  return Object.fromEntries(Object.entries(fields).map(([name, { stored }]) => [name, cell(stored)]));
}

/**
 * The current state of one scheduler as a join: each field holds the event that decides it (`at`, `id`) and
 * what that event said. `null` is "no event yet", the neutral element.
 */
const stateRow = z.object({
  scheduler_id: z.string(),
  /** The least registration: when the scheduler came to be. */
  created: eventRef.nullable().default(null),
  registration: eventRef.extend({ service_name: z.string(), job_name: z.string() }).nullable().default(null),
  ...detailCells(details),
  removal: eventRef.nullable().default(null),
  status: eventRef
    .extend(sideOf({ ...eventTypes.status.required, ...eventTypes.status.optional }, 'stored'))
    .nullable()
    .default(null),
  /** The latest of each of the four: *since* and *duration* come from these. */
  pending: eventRef.nullable().default(null),
  running: eventRef.nullable().default(null),
  completed: eventRef.nullable().default(null),
  failed: eventRef.nullable().default(null),
  /** The end (completed or failed) before the latest one: a run that it ended is not the latest end's run. */
  ended_before: eventRef.nullable().default(null),
  /** The latest sign of life: a heartbeat or a status, and when it was accepted. */
  heartbeat: eventRef
    .extend({ accepted_at: z.string().nullable().default(null) })
    .nullable()
    .default(null),
  /** The registration or status that was accepted last. */
  updated: eventRef.extend({ accepted_at: z.string() }).nullable().default(null),
  acknowledgement: eventRef.extend({ failure_event_id: z.string(), by: z.string() }).nullable().default(null),
  snooze: eventRef.extend({ until: z.string(), by: z.string() }).nullable().default(null),
});

export type CurrentState = z.infer<typeof stateRow>;

/** In rows of version 2 the registration itself held the optional fields, and decided all of them. */
const rowV2 = z.looseObject({
  version: z.number().max(2),
  registration: z.looseObject({ ...eventRef.shape, ...detailsV1 }),
});

/** A row as it is stored. One of version 2 is read, too, until it is rebuilt. */
export const currentState = z.preprocess((stored) => {
  const { data } = rowV2.safeParse(stored);
  if (data === undefined) return stored;
  const { registration } = data;
  const { at, id } = registration;
  const cells = Object.keys(detailsV1).map((name) => [name, { at, id, value: registration[name] }] as const);
  return { ...data, ...Object.fromEntries(cells) };
}, stateRow);

const nothing = stateRow.parse({ scheduler_id: '' });

/** The state of a scheduler that nothing is known of. */
export function emptyRow(scheduler_id: string): CurrentState {
  return { ...nothing, scheduler_id };
}

/** What one event alone says of its scheduler. */
export function fromEvent({ event, envelope }: RecordedEvent): CurrentState {
  const row = emptyRow(event.scheduler_id);
  const by: EventRef = { at: event.occurred_at, id: event.event_id };
  switch (event.type) {
    case 'status_reported':
      row.status = { ...payloadOf(event), at: by.at, id: by.id };
      row[event.status] = by;
      row.heartbeat = { at: by.at, id: by.id, accepted_at: envelope.accepted_at };
      row.updated = { at: by.at, id: by.id, accepted_at: envelope.accepted_at };
      return row;
    case 'heartbeat_received':
      return { ...row, heartbeat: { ...by, accepted_at: envelope.accepted_at } };
    case 'scheduler_registered': {
      const { service_name, job_name, ...fields } = payloadOf(event);
      const cells = Object.entries(fields).map(([name, value]) => [name, { ...by, value }] as const);
      return {
        ...row,
        created: by,
        registration: { ...by, service_name, job_name },
        ...Object.fromEntries(cells),
        updated: { ...by, accepted_at: envelope.accepted_at },
      };
    }
    case 'scheduler_removed':
      return { ...row, removal: by };
    case 'failure_acknowledged':
      return { ...row, acknowledgement: { ...by, failure_event_id: event.failure_event_id, by: event.by } };
    case 'alerts_snoozed':
      return { ...row, snooze: { ...by, until: event.until, by: event.by } };
    case 'expectation_set':
      return { ...row, expectation: { ...by, value: event.expectation } };
    case 'calendar_set':
    case 'maintenance_planned':
    case 'maintenance_ended':
      return row;
    default:
      return assertNever(event);
  }
}

/** Commutative, associative, idempotent: rows meet in the same row whatever the order, number or split. */
export function join(a: CurrentState, b: CurrentState): CurrentState {
  const joined = {
    ...a,
    created: greater(a.created, b.created, (x, y) => compareRefs(y, x)),
    registration: greater(a.registration, b.registration, compareRefs),
    removal: greater(a.removal, b.removal, compareRefs),
    status: greater(a.status, b.status, compareStatuses),
    pending: greater(a.pending, b.pending, compareRefs),
    running: greater(a.running, b.running, compareRefs),
    completed: greater(a.completed, b.completed, compareRefs),
    failed: greater(a.failed, b.failed, compareRefs),
    ended_before: secondEnd(a, b),
    heartbeat: greater(a.heartbeat, b.heartbeat, compareRefs),
    updated: greater(
      a.updated,
      b.updated,
      (x, y) => compareText(x.accepted_at, y.accepted_at) || compareRefs(x, y),
    ),
    acknowledgement: greater(a.acknowledgement, b.acknowledgement, compareRefs),
    snooze: greater(a.snooze, b.snooze, compareRefs),
  };
  // Details come with registrations and expectations alone, which are rare beside statuses and heartbeats.
  const brings = b.registration !== null || b.expectation !== null;
  return brings ? { ...joined, ...joinedDetails(a, b) } : joined;
}

function joinedDetails(a: CurrentState, b: CurrentState): Pick<CurrentState, keyof Details>;
function joinedDetails(a: CurrentState, b: CurrentState): Record<string, EventRef | null> {
  const joined: Record<string, EventRef | null> = {};
  for (const name of detailNames) joined[name] = greater<EventRef>(a[name], b[name], compareRefs);
  return joined;
}

/** Of all ends that two rows know the second latest: it is among the two latest of one of them. */
function secondEnd(a: CurrentState, b: CurrentState): EventRef | null {
  const ends = [a, b].flatMap(({ completed, failed, ended_before }) => [completed, failed, ended_before]);
  const known = new Map(ends.flatMap((end) => (end === null ? [] : [[`${end.at}#${end.id}`, end]])));
  return [...known.values()].sort(compareRefs).at(-2) ?? null;
}

function pastRetention(row: CurrentState, now: number, { eventMs, heartbeatMs }: Retention): CurrentState {
  const past = <Cell extends EventRef>(cell: Cell | null, ms: number): Cell | null =>
    cell !== null && msOf(cell.at) + ms <= now ? cell : null;
  return {
    ...emptyRow(row.scheduler_id),
    status: past(row.status, eventMs),
    pending: past(row.pending, eventMs),
    running: past(row.running, eventMs),
    completed: past(row.completed, eventMs),
    failed: past(row.failed, eventMs),
    ended_before: past(row.ended_before, eventMs),
    updated: past(row.updated, eventMs),
    acknowledgement: past(row.acknowledgement, eventMs),
    snooze: past(row.snooze, eventMs),
    heartbeat: past(row.heartbeat, heartbeatMs),
  };
}

export const currentStateProjection = {
  name: 'current-state',
  version: 4,
  table: { name: 'schedulers', partition: 'scheduler_id', expires: false, recoverable: false },
  schema: currentState,
  emptyRow,
  fromEvent,
  join,
  pastRetention,
} as const satisfies StateProjection<CurrentState>;

/** The state that a set of events leaves behind. */
export function fold(scheduler_id: string, events: Iterable<RecordedEvent>): CurrentState {
  return foldOf(currentStateProjection, scheduler_id, events);
}

type DetailValues = { [N in keyof Details]: NonNullable<CurrentState[N]>['value'] };

/** What registrations say of a scheduler beside its names; null where they say nothing, or that there is nothing. */
export function detailsOf(row: CurrentState | undefined): DetailValues;
export function detailsOf(row: CurrentState | undefined): Record<string, unknown> {
  return Object.fromEntries(detailNames.map((name) => [name, row?.[name]?.value ?? null]));
}

export type Membership = 'registered' | 'removed' | 'unregistered';

/** Registered: the latest of registrations and removals is a registration, which wins a tie. */
export function membership(row: CurrentState): Membership {
  if (row.registration === null) return row.removal === null ? 'unregistered' : 'removed';
  return row.removal === null || row.registration.at >= row.removal.at ? 'registered' : 'removed';
}

function greater<T>(a: T | null, b: T | null, compare: (a: T, b: T) => number): T | null {
  if (a === null) return b;
  if (b === null) return a;
  return compare(a, b) >= 0 ? a : b;
}
