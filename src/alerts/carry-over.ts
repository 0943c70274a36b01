import { z } from 'zod';
import {
  alertProgress,
  alertRow,
  deliveryKey,
  type AlertKey,
  type AlertRow,
} from '../store/alerts/alert-rows.ts';
import { readMessageRow, type MessageRow } from '../store/messages/messages.ts';
import { readRow } from '../store/projections/scheduler-rows.ts';
import type { AlertContext } from './context.ts';
import { advanced } from './lifecycle.ts';
import { slackTransport } from './routes.ts';

/** Alerts that an earlier version, in which they were Slack's, kept in the rows of their messages. */

const { acknowledged, recovered } = alertProgress.shape;
const formerFailure = z.object({
  kind: z.literal('alert'),
  scheduler_id: z.string(),
  occurred_at: z.string(),
  event_id: z.string(),
  details: z
    .object({
      duration: z.number().nullable().default(null),
      sender: z.string().nullable().default(null),
      joined: z.boolean().default(false),
      ...{ acknowledged, recovered },
    })
    .prefault({}),
});
const formerStale = z.object({
  kind: z.literal('stale'),
  details: z.object({
    scheduler_id: z.string(),
    last_sign: z.object({ at: z.string(), id: z.string() }),
    timeout_ms: z.number(),
    running_since: z.string().nullable(),
    explains: z.boolean().default(false),
    acknowledged,
  }),
});

/** Whether a message is one of an alert of an earlier version that is not over yet. Pure. */
export function isCarriedOver({ details, ...row }: MessageRow): boolean {
  return details?.['closed'] !== true && former({ ...row, details }) !== undefined;
}

function former(row: Pick<MessageRow, 'kind' | 'details'>) {
  return formerFailure.safeParse(row).data ?? formerStale.safeParse(row).data;
}

/** Makes the alert that a message of an earlier version is about, so that its life goes on. Made once, however often it is asked for. */
export async function carryOver(context: AlertContext, message: MessageRow): Promise<void> {
  const found = former(message);
  if (found === undefined) return;
  const { store, alerts, deliveries, clock, log } = context;
  const { night, message_key: alert_key, created_at, ts, deleted } = message;
  const scheduler_id = found.kind === 'alert' ? found.scheduler_id : found.details.scheduler_id;
  const isPosted = ts !== undefined || deleted === true || (found.kind === 'alert' && found.details.joined);
  const state = (await readRow(store, scheduler_id))?.state;
  const common = {
    ...{ night, alert_key, created_at, scheduler_id },
    service_name: (state?.registration ?? state?.status)?.service_name ?? '',
    transitions: [{ type: 'opened', at: created_at }],
  };
  const row = alertRow.parse({
    ...common,
    ...(found.kind === 'alert' ? failureOf(found) : { ...found.details, kind: 'stale', severity: 'warning' }),
    state: 'open',
  });
  const none = { acknowledged: null, recovered: null, snoozed: null, removed: null, outcome: null };
  // The job's row forgets it as soon as the job goes on.
  const known = advanced(row, { ...none, ...knownOf(found) }, clock.now());
  await alerts.create(isPosted ? known : { ...known, state: 'new', transitions: [] });
  if (isPosted) {
    const delivery = { ...deliveryKey(row, slackTransport), transport: slackTransport };
    await deliveries.create({ ...delivery, kind: 'delivery', created_at, delivered: 1 });
  }
  log.info({ night, alert_key }, 'alert of an earlier version carried over');
}

type Former = NonNullable<ReturnType<typeof former>>;

function failureOf({ occurred_at, event_id, details }: Extract<Former, { kind: 'alert' }>) {
  const { sender, duration } = details;
  return { kind: 'failure', severity: 'error', occurred_at, event_id, sender, duration };
}

function knownOf({ kind, details }: Former) {
  const { acknowledged } = details;
  return kind === 'alert' ? { acknowledged, recovered: details.recovered } : { acknowledged };
}

/** An alert by its key, be it one that an earlier version left. */
export async function readAlert(context: AlertContext, key: AlertKey): Promise<AlertRow | undefined> {
  const row = await context.alerts.read(key);
  if (row !== undefined) return row;
  const message = await readMessageRow(context.store, { night: key.night, message_key: key.alert_key });
  if (message === undefined || former(message) === undefined) return undefined;
  await carryOver(context, message);
  return await context.alerts.read(key);
}
