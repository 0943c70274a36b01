import { z } from 'zod';
import type { Store } from '../store.ts';
import { queryPartition, versionedRows, type VersionedRows } from '../versioned-rows.ts';

/** Who alone may post or edit a message, from when until when. Real ms. */
export const messageLease = z.object({ owner: z.string(), at: z.number(), until: z.number() });
export type MessageLease = z.infer<typeof messageLease>;

/**
 * A message that Ronda owns, keyed by what it is. Attributes that are not named here (those of an earlier version, or of
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
  /** Hash of the message's content; absent while that is in doubt. */
  said: z.string().optional(),
  /** The Ronda time, UTC, of its content. */
  said_at: z.string().optional(),
  /** When it was last posted or edited, and when it was posted. Real ms. */
  said_real: z.number().optional(),
  posted_real: z.number().optional(),
  /** The lease. Rows keep the name that it had at first. */
  claim: messageLease.optional(),
  /** The earliest attempt whose post may be in Slack unknown to this row. Real ms. */
  unsure_since: z.number().optional(),
  /** When to look for late posts. Real ms. */
  recheck_at: z.number().optional(),
  /** 2 once it was posted anew, since Slack refused for good to edit the first. */
  edition: z.literal(2).optional(),
  /** Somebody deleted the message in Slack, and it is not to be posted again. */
  deleted: z.literal(true).optional(),
  /** What its kind needs: of a board, `picture` is the hash of what it shows. */
  details: z.record(z.string(), z.json()).optional(),
});
export type MessageRow = z.infer<typeof messageRow>;
export type MessageKey = Pick<MessageRow, 'night' | 'message_key'>;
export type NewMessage = MessageKey & Pick<MessageRow, 'kind' | 'created_at' | 'details'>;

/** What posting exactly once needs of a table. */
export type MessageTable = VersionedRows<MessageRow, MessageKey, NewMessage>;

/** Messages live as long as anybody may scroll back to them. Ronda ms. */
const messageRetentionMs = 30 * 86_400_000;

/** The table of messages. */
export function messageTable(store: Store): MessageTable {
  return versionedRows(store, 'messages', messageRow, messageRetentionMs);
}

/** Reads a row consistently. */
export async function readMessageRow(store: Store, key: MessageKey): Promise<MessageRow | undefined> {
  return await messageTable(store).read(key);
}

/** The rows of a night (`board/local date`), by key, consistently; with `prefix` those whose key begins so. */
export async function queryNight(store: Store, night: string, prefix?: string): Promise<MessageRow[]> {
  return (await queryPartition(store, 'messages', night, prefix)).map((item) => messageRow.parse(item));
}
