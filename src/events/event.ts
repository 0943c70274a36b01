import { z } from 'zod';
import { clearable, eventType, optional, required, since, type Fields } from './event-type.ts';
import { expectationText } from './expectation.ts';
import * as field from './fields.ts';
import { JsonText } from './json-text.ts';
import { statuses } from './order.ts';
import type { reportTypes } from './report-types.ts';

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
    run_id: since(3, optional(field.runId, text)),
    business_date: since(3, optional(field.businessDate, text)),
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
    /** What its job should do, as text (`readExpectation`). */
    expectation: since(3, clearable(expectationText, text)),
  },
  upcast: (item) => registeredV1.safeParse(item).data ?? item,
});

/** Every type of event that is reported, by the `type` of its reports. */
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
  /** What a job should do, without a registration; null takes it away. */
  expect: eventType({
    ...plain,
    report: 'expect',
    type: 'expectation_set',
    needs: 3,
    required: { expectation: required(expectationText.nullable(), text.nullable()) },
  }),
} as const satisfies Record<(typeof reportTypes)[number], unknown>;

/**
 * Events that no report makes: an administrator does. Their streams lie under `calendar/NAME` and `maintenance/ID`,
 * which no scheduler can be called.
 */
export const ruleTypes = {
  calendar: eventType({
    ...plain,
    report: 'calendar',
    type: 'calendar_set',
    needs: 3,
    /** Its text (`readCalendar`); null takes it away. */
    required: { calendar: required(text.nullable(), text.nullable()), by: required(field.person, text) },
  }),
  maintenance: eventType({
    ...plain,
    report: 'maintenance',
    type: 'maintenance_planned',
    needs: 3,
    /** Its text (`readMaintenance`). */
    required: { maintenance: required(text, text), by: required(field.person, text) },
  }),
  end_maintenance: eventType({
    ...plain,
    report: 'end_maintenance',
    type: 'maintenance_ended',
    needs: 3,
    required: { by: required(field.person, text) },
  }),
} as const;

export type ReportType = keyof typeof eventTypes;
type ReportedType = (typeof eventTypes)[ReportType];
type AnyEventType = ReportedType | (typeof ruleTypes)[keyof typeof ruleTypes];
export type Report = z.infer<ReportedType['body']>;
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
  return [...Object.values(eventTypes), ...Object.values(ruleTypes)].find((one) => one.type === type);
}

/**
 * The schema version that a consumer must know to understand a report of an event, as it is sent: what says nothing of
 * the fields that came later is understood by older ones, too.
 * @param named the fields that the report names
 */
export function schemaNeeded(type: EventType, named: readonly string[]): number {
  const { needs, optional } = eventTypeOf(type);
  return Math.max(needs, ...named.map((name) => neededBy(optional, name)));
}

/** The newest schema version that there is. */
export const knownSchema = Math.max(
  ...Object.values(eventTypes).map(({ type, optional }) => schemaNeeded(type, Object.keys(optional))),
);

function neededBy(fields: Fields, name: string): number {
  return fields[name]?.needs ?? 1;
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

/** Fields whose values are the text of JSON. */
const jsonFields: ReadonlySet<string> = new Set(['metadata', 'expectation', 'calendar', 'maintenance']);

/** The fields of an event, or of what is made of events, to be written as JSON: what is JSON's text stays as it is. */
export function jsonOf(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      jsonFields.has(name) && typeof value === 'string' ? new JsonText(value) : value,
    ]),
  );
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
