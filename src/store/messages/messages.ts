import { randomUUID } from 'node:crypto';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, paginateQuery, PutCommand } from '@aws-sdk/lib-dynamodb';
import { z } from 'zod';
import { ContendedRowError } from '../../errors.ts';
import { tableOf, timeToLive, type Store } from '../store.ts';
import { expiryAttribute, tables } from '../tables.ts';

/** Who is about to post or edit, from when until when. Real ms. */
export const messageClaim = z.object({ owner: z.string(), at: z.number(), until: z.number() });
export type MessageClaim = z.infer<typeof messageClaim>;

/**
 * A message that Ronda owns, keyed by what it is. Attributes that are not named here (an alert's facts, those of
 * a newer program) are kept by every write.
 */
export const messageRow = z.looseObject({
  night: z.string(),
  message_key: z.string(),
  /** `board`, `part`, `alert`, `reply`, `group`, `mention`, `stale` or `summary`. */
  kind: z.string(),
  created_at: z.string(),
  /** Raised by every write. A row that the consumer left has none yet: 0. */
  rev: z.number().default(0),
  channel: z.string().optional(),
  /** Slack's name for the message; without it, none is known to have been posted. */
  ts: z.string().optional(),
  thread_ts: z.string().optional(),
  /** Hash of what the message says; absent while that is in doubt. */
  said: z.string().optional(),
  /** The Ronda time, UTC, of what it says. */
  said_at: z.string().optional(),
  /** When it was last posted or edited, and when it was posted. Real ms. */
  said_real: z.number().optional(),
  posted_real: z.number().optional(),
  claim: messageClaim.optional(),
  /** The earliest attempt whose post may be in Slack unknown to this row. Real ms. */
  unsure_since: z.number().optional(),
  /** When to look for late posts. Real ms. */
  recheck_at: z.number().optional(),
  /** 2 once it was posted anew, since Slack refused for good to edit the first. */
  edition: z.literal(2).optional(),
  /** Somebody deleted the message in Slack, and it is not to be posted again. */
  deleted: z.literal(true).optional(),
  /** Facts of the message's kind. */
  details: z.record(z.string(), z.json()).optional(),
});
export type MessageRow = z.infer<typeof messageRow>;
export type MessageKey = Pick<MessageRow, 'night' | 'message_key'>;
export type NewMessage = MessageKey & Pick<MessageRow, 'kind' | 'created_at' | 'details'>;

/** What posting exactly once needs of a table. */
export type MessageTable = {
  readonly read: (key: MessageKey) => Promise<MessageRow | undefined>;
  readonly leave: (row: NewMessage) => Promise<boolean>;
  readonly swap: (row: MessageRow, expectedRev: number) => Promise<MessageRow | undefined>;
};

/** Messages live as long as anybody may scroll back to them. Ronda ms. */
export const messageRetentionMs = 30 * 86_400_000;
const { partition, sort } = tables.messages;
const maxSwaps = 16;

export function messageTable(store: Store): MessageTable {
  return {
    read: (key) => readMessage(store, key),
    leave: (row) => createMessage(store, row),
    swap: (row, expectedRev) => swapMessage(store, row, expectedRev),
  };
}

/** Reads a row consistently. */
export async function readMessage(store: Store, key: MessageKey): Promise<MessageRow | undefined> {
  const { Item } = await store.client.send(
    new GetCommand({ TableName: tableOf(store, 'messages'), Key: keyOf(key), ConsistentRead: true }),
  );
  return Item === undefined ? undefined : messageRow.parse(Item);
}

/** The rows of a night (`board/local date`), by key, consistently; with `prefix` those whose key begins so. */
export async function queryNight(store: Store, night: string, prefix?: string): Promise<MessageRow[]> {
  const rows: MessageRow[] = [];
  const pages = paginateQuery(
    { client: store.client },
    {
      TableName: tableOf(store, 'messages'),
      ConsistentRead: true,
      KeyConditionExpression:
        prefix === undefined ? '#partition = :night' : '#partition = :night AND begins_with(#sort, :prefix)',
      ExpressionAttributeNames: {
        '#partition': partition,
        ...(prefix === undefined ? {} : { '#sort': sort }),
      },
      ExpressionAttributeValues: {
        ':night': night,
        ...(prefix === undefined ? {} : { ':prefix': prefix }),
      },
    },
  );
  for await (const page of pages) {
    for (const item of page.Items ?? []) rows.push(messageRow.parse(item));
  }
  return rows;
}

/** Creates a row. @returns false when there is one: that stays as it is */
export async function createMessage(store: Store, row: NewMessage): Promise<boolean> {
  try {
    await store.client.send(
      new PutCommand({
        TableName: tableOf(store, 'messages'),
        Item: { ...row, rev: 1, ...expiryOf(store, row) },
        ConditionExpression: 'attribute_not_exists(#partition)',
        ExpressionAttributeNames: { '#partition': partition },
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

/**
 * Writes a row if it still has the revision that was read. Each write has an id: when the SDK sends a write
 * again whose answer got lost, the second try finds the first one's row and must not take it for somebody else's.
 * @returns the row as written; undefined when somebody else wrote first, or the row is gone
 */
export async function swapMessage(
  store: Store,
  row: MessageRow,
  expectedRev: number,
): Promise<MessageRow | undefined> {
  const write_id = randomUUID();
  const written = {
    ...row,
    rev: expectedRev + 1,
    write_id,
    [expiryAttribute]: undefined,
    ...expiryOf(store, row),
  };
  try {
    await store.client.send(
      new PutCommand({
        TableName: tableOf(store, 'messages'),
        Item: written,
        ...(expectedRev === 0
          ? {
              ConditionExpression: 'attribute_exists(#partition) AND attribute_not_exists(#rev)',
              ExpressionAttributeNames: { '#partition': partition, '#rev': 'rev' },
            }
          : {
              ConditionExpression: '#rev = :rev',
              ExpressionAttributeNames: { '#rev': 'rev' },
              ExpressionAttributeValues: { ':rev': expectedRev },
            }),
      }),
    );
    return written;
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    const found = await readMessage(store, row);
    return found?.['write_id'] === write_id ? found : undefined;
  }
}

/**
 * Changes a row as it is now, again whenever somebody else wrote in between, so `change` may run several times.
 * @param change gives undefined to leave the row as it is
 * @returns the row as written; undefined when nothing was written or there is no such row
 * @throws ContendedRowError after too many lost writes
 */
export async function changeMessage(
  table: MessageTable,
  key: MessageKey,
  change: (row: MessageRow) => MessageRow | undefined,
): Promise<MessageRow | undefined> {
  for (let swap = 0; swap < maxSwaps; swap += 1) {
    const row = await table.read(key);
    const changed = row === undefined ? undefined : change(row);
    if (row === undefined || changed === undefined) return undefined;
    const written = await table.swap(changed, row.rev);
    if (written !== undefined) return written;
  }
  throw new ContendedRowError(`${key.night}/${key.message_key}`, maxSwaps);
}

function keyOf({ night, message_key }: MessageKey): Record<string, string> {
  return { [partition]: night, [sort]: message_key };
}

function expiryOf(store: Store, { created_at }: Pick<MessageRow, 'created_at'>): { expires_at?: number } {
  return timeToLive(store, Date.parse(created_at) + messageRetentionMs);
}
