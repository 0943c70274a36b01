import { z } from 'zod';
import { eventKey } from '../../events/order.ts';
import type { StatusReported } from '../../events/event.ts';
import type { Store } from '../store.ts';
import { queryPartition, versionedRows, type VersionedRows } from '../versioned-rows.ts';

/** Alerts live as long as the messages about them. Ronda ms. */
const alertRetentionMs = 30 * 86_400_000;

/** How bad an alert is: what never came to be is an error, what may yet be well a warning. */
export const severities = ['critical', 'error', 'warning'] as const;

/** Something that changed about an alert, in the order in which it became known. Times are ISO 8601, UTC, Ronda's. */
export const transition = z.object({
  type: z.enum(['opened', 'updated', 'acknowledged', 'snoozed', 'unsnoozed', 'resolved']),
  at: z.string(),
  by: z.string().nullable().default(null),
  /** Of a snooze. */
  until: z.string().nullable().default(null),
  /** What resolved it. */
  outcome: z
    .enum(['recovered', 'heard', 'completed', 'failed', 'pending', 'removed', 'began', 'excused'])
    .nullable()
    .default(null),
});
export type Transition = z.infer<typeof transition>;

/** What became of an alert, as far as is known. Instants are ms UTC, Ronda's time. */
export const alertProgress = z.object({
  /** By whom, once; the job's row forgets it as soon as the job goes on. */
  acknowledged: z.object({ by: z.string(), at: z.number() }).nullable().default(null),
  /** Of a failure: the first completion after it. */
  recovered: z.object({ at: z.number() }).nullable().default(null),
  snoozed: z.object({ until: z.number(), by: z.string() }).nullable().default(null),
  removed: z.object({ at: z.number() }).nullable().default(null),
  /** Of a stale job, or of a slot that went wrong: what ended that. */
  outcome: z
    .object({
      kind: z.enum(['heard', 'completed', 'failed', 'pending', 'began', 'recovered', 'excused']),
      at: z.number(),
    })
    .nullable()
    .default(null),
});
export type AlertProgress = z.infer<typeof alertProgress>;

const common = {
  /** `board/local date`, UTC. */
  night: z.string(),
  /**
   * `alert/<scheduler>/<event>` of a failure, `stale/<scheduler>/<last sign of life>` of a stale job, and
   * `<kind>/<scheduler>/<slot>` of what went wrong with a slot.
   */
  alert_key: z.string(),
  scheduler_id: z.string(),
  created_at: z.string(),
  rev: z.number().default(0),
  /** `new`: not judged yet; `suppressed`: judged, and nobody is to know; `over`: nothing changes about it any more. */
  state: z.enum(['new', 'open', 'over', 'suppressed']),
  /** As it was when the alert was opened: routes go by these. */
  service_name: z.string().default(''),
  severity: z.enum(severities).default('error'),
  /** Why nobody is to know. */
  suppressed_because: z
    .enum(['unregistered', 'removed', 'snoozed', 'expired', 'maintenance'])
    .nullable()
    .default(null),
  /** Whose report it was; null where nobody's was. */
  sender: z.string().nullable().default(null),
  progress: alertProgress.default({
    acknowledged: null,
    recovered: null,
    snoozed: null,
    removed: null,
    outcome: null,
  }),
  transitions: z.array(transition).default([]),
  /** The jobs that wait for this one. */
  dependents: z.array(z.string()).default([]),
  runbook_url: z.string().nullable().default(null),
};

/** What can go wrong with a slot. */
export const slotKinds = ['late', 'overdue', 'too_short', 'too_long', 'unmet'] as const;
export type SlotKind = (typeof slotKinds)[number];
export const alertKinds = ['failure', 'stale', ...slotKinds] as const;
export type AlertKind = (typeof alertKinds)[number];

/** What is known of a slot that went wrong. Instants are ms UTC, Ronda's time, durations ms. */
export const slotSituation = z.object({
  /** The last slot that it is about: nothing began in any from the first one on. */
  latest_slot: z.number(),
  slots: z.number(),
  /** Until when its run was to begin, or to end. */
  due_by: z.number().nullable(),
  began_at: z.number().nullable(),
  ended_at: z.number().nullable(),
  duration: z.number().nullable(),
  /** How long a run is to take, at least or at most. */
  limit: z.number().nullable(),
  /** What its result does not hold, a sentence each. */
  unmet: z.array(z.string()),
});
export type SlotSituation = z.infer<typeof slotSituation>;

const eventRef = z.object({ at: z.string(), id: z.string() });

/**
 * An alert: what it is about, and what became of it. What the events hold is read from them. Attributes that are not
 * named here, those of a newer program, are kept by every write.
 */
export const alertRow = z.discriminatedUnion('kind', [
  z.looseObject({
    ...common,
    kind: z.literal('failure'),
    occurred_at: z.string(),
    event_id: z.string(),
    /** How long the failed run took, ms. */
    duration: z.number().nullable().default(null),
    /** How often its cause was seen in the 30 days before, and how long recovery took the last time, ms. */
    seen: z.object({ times: z.number(), recovery: z.number().nullable() }).nullable().default(null),
  }),
  z.looseObject({
    ...common,
    kind: z.literal('stale'),
    last_sign: eventRef,
    timeout_ms: z.number(),
    running_since: z.string().nullable(),
    /** Whether the time-out is the default one, so that it is to be said how to set it. */
    explains: z.boolean().default(false),
  }),
  z.looseObject({ ...common, kind: z.enum(slotKinds), slot: z.string(), situation: slotSituation }),
]);
export type AlertRow = z.infer<typeof alertRow>;
export type FailureRow = Extract<AlertRow, { kind: 'failure' }>;
export type StaleRow = Extract<AlertRow, { kind: 'stale' }>;
export type SlotRow = Extract<AlertRow, { kind: SlotKind }>;
export type AlertKey = Pick<AlertRow, 'night' | 'alert_key'>;
export type NewAlert = z.input<typeof alertRow>;
export type AlertTable = VersionedRows<AlertRow, AlertKey, NewAlert>;

/** A delivery of an alert by a transport: how far it got there. Times are the machine's, ms UTC. */
export const deliveryRow = z.looseObject({
  night: z.string(),
  /** `<key of the alert>#<transport>` */
  alert_key: z.string(),
  kind: z.literal('delivery'),
  transport: z.string(),
  created_at: z.string(),
  rev: z.number().default(0),
  /** How many of the alert's transitions are delivered. */
  delivered: z.number().default(0),
  /** Whether the transport has something left to do about what it delivered. */
  follow_up: z.boolean().default(false),
  /** Of the transition that is being tried: how often, since when, when again, and what came back last. */
  attempts: z.number().default(0),
  tried_since: z.number().nullable().default(null),
  next_at: z.number().default(0),
  problem: z.string().nullable().default(null),
  /** Nobody tries any more: it was refused, or tried for too long. */
  failed: z.boolean().default(false),
  lease: z.object({ owner: z.string(), at: z.number(), until: z.number() }).nullable().default(null),
});
export type DeliveryRow = z.infer<typeof deliveryRow>;
export type DeliveryTable = VersionedRows<DeliveryRow, AlertKey, z.input<typeof deliveryRow>>;

/** The table of alerts. */
export function alertTable(store: Store): AlertTable {
  return versionedRows(store, 'alerts', alertRow, alertRetentionMs);
}

/** The deliveries, in the table of alerts. */
export function deliveryTable(store: Store): DeliveryTable {
  return versionedRows(store, 'alerts', deliveryRow, alertRetentionMs);
}

/** The key of an alert's delivery by a transport. */
export function deliveryKey({ night, alert_key }: AlertKey, transport: string): AlertKey {
  return { night, alert_key: `${alert_key}#${transport}` };
}

/** A night's alerts and their deliveries. */
export type NightAlerts = {
  readonly alerts: readonly AlertRow[];
  readonly deliveries: readonly DeliveryRow[];
};

/** The alerts of a night (`board/local date`) with their deliveries, consistently; those that a newer program left to it. */
export async function queryAlerts(store: Store, night: string): Promise<NightAlerts> {
  const items = await queryPartition(store, 'alerts', night);
  return {
    alerts: items.flatMap((item) => alertRow.safeParse(item).data ?? []),
    deliveries: items.flatMap((item) => deliveryRow.safeParse(item).data ?? []),
  };
}

/** The wake-up in the notices queue: which alert to look at. */
export const noticeKey = z.object({ night: z.string(), message_key: z.string() });
export type NoticeKey = z.infer<typeof noticeKey>;

/** The key of the alert that a failure calls for. `night` is `board/local date`. */
export function alertKey(event: StatusReported, night: string): AlertKey {
  const key = eventKey({ at: event.occurred_at, id: event.event_id });
  return { night, alert_key: `alert/${event.scheduler_id}/${key}` };
}

/** Creates the row of a failure's alert. If it is there already, it stays as it is, whatever became of it. */
export async function createAlert(
  store: Store,
  event: Pick<StatusReported, 'scheduler_id' | 'occurred_at' | 'event_id'>,
  key: AlertKey,
  created_at: string,
): Promise<void> {
  const { scheduler_id, occurred_at, event_id } = event;
  await alertTable(store).create({
    ...key,
    kind: 'failure',
    state: 'new',
    scheduler_id,
    occurred_at,
    event_id,
    created_at,
  });
}
