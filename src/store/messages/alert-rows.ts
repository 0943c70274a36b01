import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { z } from 'zod';
import { eventKey } from '../../events/order.ts';
import type { StatusReported } from '../../events/event.ts';
import { createMessage, messageRetentionMs, readMessage } from './messages.ts';
import { tableOf, timeToLive, type Store } from '../store.ts';
import { tables } from '../tables.ts';

/**
 * An alert that is to be posted, as a row: keyed by what it is, so that it exists once whatever is
 * redelivered. `ts` is missing until it has been posted; whoever posts it fills it in.
 */
export const alertRow = z.object({
  night: z.string(),
  message_key: z.string(),
  kind: z.literal('alert'),
  scheduler_id: z.string(),
  occurred_at: z.string(),
  event_id: z.string(),
  created_at: z.string(),
});
export type AlertRow = z.infer<typeof alertRow>;

/** The wake-up in the notices queue: which row to look at. */
export const noticeKey = z.object({ night: z.string(), message_key: z.string() });
export type NoticeKey = z.infer<typeof noticeKey>;

const { partition, sort } = tables.messages;

/** The key of the alert that a failure calls for. `night` is `board/local date`. */
export function alertKey(event: StatusReported, night: string): NoticeKey {
  const key = eventKey({ at: event.occurred_at, id: event.event_id });
  return { [partition]: night, [sort]: `alert/${event.scheduler_id}/${key}` };
}

/**
 * The night under which a message is stored, pinned once: boards and windows are settings, and a message that two
 * replicas or two deliveries would put under different nights must not come to be twice.
 * @param name what the message is, whatever its night: `alert/<scheduler_id>/<event key>`
 * @param night where it would go now
 */
export async function pinnedNight(
  store: Store,
  name: string,
  night: string,
  createdAt: string,
): Promise<string> {
  const key = { night: `night-of/${name}`, message_key: 'night' };
  if (await createMessage(store, { ...key, kind: 'night', created_at: createdAt, details: { night } }))
    return night;
  const settled = (await readMessage(store, key))?.details?.['night'];
  return typeof settled === 'string' ? settled : night;
}

/** Leaves the row of an alert. If it is there already, it stays as it is, posted or not. */
export async function createAlertRow(
  store: Store,
  event: StatusReported,
  key: NoticeKey,
  createdAt: string,
): Promise<void> {
  const row = {
    ...key,
    kind: 'alert',
    scheduler_id: event.scheduler_id,
    occurred_at: event.occurred_at,
    event_id: event.event_id,
    created_at: createdAt,
  } satisfies AlertRow;
  try {
    await store.client.send(
      new PutCommand({
        TableName: tableOf(store, 'messages'),
        Item: { ...row, ...timeToLive(store, Date.parse(createdAt) + messageRetentionMs) },
        ConditionExpression: 'attribute_not_exists(#partition)',
        ExpressionAttributeNames: { '#partition': partition },
      }),
    );
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}
