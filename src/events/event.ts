import { z } from 'zod';
import { clearable, eventType, optional, required } from './event-type.ts';
import * as field from './fields.ts';
import { statuses } from './order.ts';

/**
 * The facts, as of today, and what senders may report of them: everything Ronda knows follows from these. A stored
 * shape never changes meaning, a new meaning is a new `v` of its type, and its `upcast` reads the older ones. Absent
 * and null are one, `null`, but in a registration. Times are ISO 8601, UTC, ms; ids are lower-case UUIDs.
 */
const plain = {
  v: 1,
  needs: 1,
  timestamp: field.timestamp.optional(),
  optional: {},
  upcast: (item: unknown): unknown => item,
} as const;
const text = z.string();
const names = {
  service_name: required(field.serviceName, text),
  job_name: required(field.jobName, text),
};

/** The text of a JSON object, as `normaliseJson` writes it. An empty one is none; it was stored as `{}` once. */
const metadataText = text.transform((json) => (json === '{}' ? null : json));

const failedNeedsReason = (report: { status: string; error_message?: string | null | undefined }): boolean =>
  report.status !== 'failed' || (report.error_message ?? '') !== '';
/** Asked whatever else is wrong, so that a sender gets to know everything at once. */
const always = (): boolean => true;

const status = eventType({
  ...plain,
  report: 'status',
  type: 'status_reported',
  timestamp: field.timestamp,
  required: { ...names, status: required(field.status, z.enum(statuses)) },
  optional: {
    execution_time_ms: optional(field.executionTimeMs, z.number()),
    error_message: optional(field.errorMessage, text),
    metadata: optional(field.metadata, metadataText),
  },
});

/** What a registration of version 1 named always: what was left out was null, and took away what was known. */
export const detailsV1 = {
  owner_email: text.nullable(),
  alert_user_id: text.nullable(),
  heartbeat_timeout_minutes: z.number().nullable(),
};
const registeredV1 = z
  .looseObject({ v: z.literal(1), ...detailsV1 })
  .transform((item) => ({ ...item, v: 2 }));

const register = eventType({
  ...plain,
  report: 'register',
  type: 'scheduler_registered',
  v: 2,
  needs: 2,
  required: names,
  /** What one leaves out keeps what earlier ones said of it; null clears it. */
  optional: {
    owner_email: clearable(field.ownerEmail, text),
    alert_user_id: clearable(field.alertUserId, text),
    heartbeat_timeout_minutes: clearable(field.heartbeatTimeoutMinutes, z.number()),
  },
  upcast: (item) => registeredV1.safeParse(item).data ?? item,
});

/** Every type of event, by the `type` of its reports. */
export const eventTypes = {
  status: {
    ...status,
    body: status.body.refine(failedNeedsReason, {
      path: ['error_message'],
      error: 'is required when status is failed',
      when: always,
    }),
  },
  heartbeat: eventType({ ...plain, report: 'heartbeat', type: 'heartbeat_received', required: {} }),
  register,
  remove: eventType({ ...plain, report: 'remove', type: 'scheduler_removed', required: {} }),
  acknowledge: eventType({
    ...plain,
    report: 'acknowledge',
    type: 'failure_acknowledged',
    required: { failure_event_id: required(field.uuid, text), by: required(field.person, text) },
  }),
  snooze: eventType({
    ...plain,
    report: 'snooze',
    type: 'alerts_snoozed',
    required: { until: required(field.timestamp, text), by: required(field.person, text) },
  }),
} as const;

export type ReportType = keyof typeof eventTypes;
type AnyEventType = (typeof eventTypes)[ReportType];
export type Report = z.infer<AnyEventType['body']>;
export type EventContent = z.infer<AnyEventType['content']>;
export type RondaEvent = z.infer<AnyEventType['stored']>;
export type EventType = RondaEvent['type'];
export type StatusReported = z.infer<typeof status.stored>;

/** What registrations say beside names. Of these fields alone, null is not the same as absent. */
export const details = register.optional;
const isDetail = (name: string): name is keyof typeof details => name in details;
export const detailNames = Object.keys(details).filter(isDetail);

/** The type of event that is stored under this name, if there is one. */
export function eventTypeOf(type: EventType): AnyEventType;
export function eventTypeOf(type: unknown): AnyEventType | undefined;
export function eventTypeOf(type: unknown): AnyEventType | undefined {
  return Object.values(eventTypes).find((one) => one.type === type);
}

const item = z.object({ type: z.unknown() });

/** The event in a stored item of any version; undefined for what a newer program stored, or what was damaged. */
export function upcast(stored: unknown): RondaEvent | undefined {
  return eventTypeOf(item.safeParse(stored).data?.type)?.read(stored);
}

/**
 * An event as far as version `v` of its type could say it. Of two events of which one was stored as that version,
 * only this can be compared: the same request, sent again after an update, says more today.
 */
export function inTermsOf(v: unknown, event: RondaEvent): RondaEvent {
  if (v !== 1 || event.type !== 'scheduler_registered') return event;
  const entries = Object.entries(event).filter(([name, value]) => value !== null || !(name in detailsV1));
  return register.stored.parse(Object.fromEntries(entries));
}

type Frame = 'v' | 'type' | 'scheduler_id' | 'occurred_at' | 'event_id';
const frame: ReadonlySet<string> = new Set<Frame>(['v', 'type', 'scheduler_id', 'occurred_at', 'event_id']);

/** What an event says, without what it is, whose, when, and its id. On the hot path: a loop is faster than a rest. */
export function payloadOf<E extends RondaEvent>(event: E): Omit<E, Frame>;
export function payloadOf(event: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const payload: Record<string, unknown> = {};
  for (const name in event) if (!frame.has(name)) payload[name] = event[name];
  return payload;
}

/** Whether an event says only what is known. @param known by field; what it does not name is not known */
export function saysNothingNew(known: Readonly<Record<string, unknown>>, event: RondaEvent): boolean {
  return Object.entries(payloadOf(event)).every(([name, value]) => value === known[name]);
}

/** What travels with an event and is never compared: of two copies, the first one stored wins. */
export const envelope = z.object({
  accepted_at: z.string(),
  correlation_id: z.string().nullable(),
  sender: z.string().nullable(),
});
export type Envelope = z.infer<typeof envelope>;

/** An event as it is stored and folded: the fact and its envelope. */
export type RecordedEvent = { readonly event: RondaEvent; readonly envelope: Envelope };
