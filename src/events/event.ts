import { z } from 'zod';
import { statuses } from './order.ts';

/**
 * The facts, as of today. Everything Ronda knows follows from these; a stored shape never changes meaning, a new
 * meaning is a new `v` of its type, and `upcasters.ts` reads the older ones. Absent and null are one, `null`, but in a
 * registration. Times are ISO 8601, UTC, ms; ids are lower-case UUIDs.
 */
const fact = {
  v: z.literal(1),
  scheduler_id: z.string(),
  occurred_at: z.string(),
  event_id: z.string(),
};

/** The text of a JSON object, as `normaliseJson` writes it. An empty one is none; it was stored as `{}` once. */
export const metadataText = z
  .string()
  .nullable()
  .transform((text) => (text === '{}' ? null : text));

const statusReported = z.object({
  ...fact,
  type: z.literal('status_reported'),
  service_name: z.string(),
  job_name: z.string(),
  status: z.enum(statuses),
  execution_time_ms: z.number().nullable(),
  error_message: z.string().nullable(),
  metadata: metadataText,
});

const heartbeatReceived = z.object({ ...fact, type: z.literal('heartbeat_received') });

/** An optional field that is absent keeps what earlier registrations said of it; null clears it. */
export const schedulerRegistered = z.object({
  ...fact,
  v: z.literal(2),
  type: z.literal('scheduler_registered'),
  service_name: z.string(),
  job_name: z.string(),
  owner_email: z.string().nullable().exactOptional(),
  alert_user_id: z.string().nullable().exactOptional(),
  heartbeat_timeout_minutes: z.number().nullable().exactOptional(),
});

/** The fields of a registration in which null is not the same as absent. */
export const clearable = ['owner_email', 'alert_user_id', 'heartbeat_timeout_minutes'] as const;

const schedulerRemoved = z.object({ ...fact, type: z.literal('scheduler_removed') });

const failureAcknowledged = z.object({
  ...fact,
  type: z.literal('failure_acknowledged'),
  failure_event_id: z.string(),
  by: z.string(),
});

const alertsSnoozed = z.object({
  ...fact,
  type: z.literal('alerts_snoozed'),
  until: z.string(),
  by: z.string(),
});

export const rondaEvent = z.discriminatedUnion('type', [
  statusReported,
  heartbeatReceived,
  schedulerRegistered,
  schedulerRemoved,
  failureAcknowledged,
  alertsSnoozed,
]);

export type StatusReported = z.infer<typeof statusReported>;
export type SchedulerRegistered = z.infer<typeof schedulerRegistered>;
export type RondaEvent = z.infer<typeof rondaEvent>;
export type EventType = RondaEvent['type'];

/** What travels with an event and is never compared: of two copies, the first one stored wins. */
export const envelope = z.object({
  accepted_at: z.string(),
  correlation_id: z.string().nullable(),
  sender: z.string().nullable(),
});
export type Envelope = z.infer<typeof envelope>;

/** An event as it is stored and folded: the fact and its envelope. */
export type RecordedEvent = { readonly event: RondaEvent; readonly envelope: Envelope };
