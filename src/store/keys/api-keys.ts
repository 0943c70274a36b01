import { createHash, randomBytes } from 'node:crypto';
import { DeleteCommand, GetCommand, paginateScan, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { z } from 'zod';
import { conditionHeld } from '../condition.ts';
import { tableOf, type Store } from '../store.ts';
import { tables } from '../tables.ts';

export const scopes = ['ingest', 'read', 'admin'] as const;
export type Scope = (typeof scopes)[number];

/** All its times are real, UTC. Rows of an older program have none of the optional attributes. */
export const apiKey = z.object({
  key_id: z.string(),
  name: z.string(),
  /** SHA-256 of the plain key, hex. The key has 256 bits of its own, so a slow hash would add nothing. */
  hash: z.string(),
  scopes: z.array(z.enum(scopes)),
  /** The only services whose schedulers it may read and write; null: all. */
  services: z.array(z.string()).nullable(),
  created_at: z.string(),
  expires: z.string().nullable(),
  revoked: z.string().nullable(),
  /** When it was used, to the hour or so (`recordUse`). */
  last_used: z.string().optional(),
  /** The ids of the key that it was made to follow, and of the one that follows it. */
  replaces: z.string().optional(),
  replaced_by: z.string().optional(),
});
export type ApiKey = z.infer<typeof apiKey>;

const { partition } = tables.apiKeys;
const keyFormat = /^ronda_([a-z0-9]{12})_[A-Za-z0-9_-]{43}$/;

/** What is stored of a plain key: SHA-256, hex. */
export function hashOf(plain: string): string {
  return createHash('sha256').update(plain).digest('hex');
}

/** The id that a plain key carries in the clear, so that it can be looked up; undefined if it is none of ours. */
export function keyIdOf(plain: string): string | undefined {
  return keyFormat.exec(plain)?.[1];
}

/** A new key: `ronda_`, its id, and 256 random bits. */
export function newPlainKey(): string {
  const id = BigInt(`0x${randomBytes(9).toString('hex')}`)
    .toString(36)
    .padStart(12, '0')
    .slice(-12);
  return `ronda_${id}_${randomBytes(32).toString('base64url')}`;
}

/** Whether a key is good for nothing any more. @param at real ms UTC */
export function hasEnded({ revoked, expires }: Pick<ApiKey, 'revoked' | 'expires'>, at: number): boolean {
  return revoked !== null || (expires !== null && Date.parse(expires) <= at);
}

/**
 * Stores a new key; the plain one is stored nowhere and cannot be had again.
 * @throws Error when another key has its id
 */
export async function putApiKey(store: Store, key: ApiKey): Promise<void> {
  const written = await conditionHeld(
    store.client.send(
      new PutCommand({
        TableName: tableOf(store, 'apiKeys'),
        Item: key,
        ConditionExpression: 'attribute_not_exists(#id)',
        ExpressionAttributeNames: { '#id': partition },
      }),
    ),
  );
  // When the SDK sends a write again whose answer got lost, the second try finds the first one's row.
  if (!written && (await readApiKey(store, key.key_id))?.hash !== key.hash)
    throw new Error(`there is another key with the id ${key.key_id}`);
}

/** Reads a key consistently: it is good as soon as it has been shown, and no longer once its end has been. */
export async function readApiKey(store: Store, keyId: string): Promise<ApiKey | undefined> {
  const { Item } = await store.client.send(
    new GetCommand({
      TableName: tableOf(store, 'apiKeys'),
      Key: { [partition]: keyId },
      ConsistentRead: true,
    }),
  );
  return Item === undefined ? undefined : apiKey.parse(Item);
}

/** All keys, ended ones too, in no order. */
export async function listApiKeys(store: Store): Promise<ApiKey[]> {
  const keys: ApiKey[] = [];
  const pages = paginateScan(
    { client: store.client },
    { TableName: tableOf(store, 'apiKeys'), ConsistentRead: true },
  );
  for await (const page of pages) {
    for (const item of page.Items ?? []) keys.push(apiKey.parse(item));
  }
  return keys;
}

/**
 * Ends a key for good. One that is revoked stays as it is.
 * @param at real time, UTC
 * @returns the key as it is now: `revoked` tells who was first; undefined when there is none
 */
export async function revokeApiKey(store: Store, keyId: string, at: string): Promise<ApiKey | undefined> {
  await conditionHeld(
    store.client.send(
      new UpdateCommand({
        TableName: tableOf(store, 'apiKeys'),
        Key: { [partition]: keyId },
        UpdateExpression: 'SET revoked = :at',
        ConditionExpression: 'attribute_type(revoked, :null)',
        ExpressionAttributeValues: { ':at': at, ':null': 'NULL' },
      }),
    ),
  );
  return await readApiKey(store, keyId);
}

/**
 * Says of a key which one follows it, and when it ends, if nobody has changed it since it was read. Its last use
 * may have moved: that is not compared, and stays.
 * @param expires real time, UTC
 * @returns whether the key says so now
 */
export async function succeedApiKey(
  store: Store,
  old: ApiKey,
  { replaced_by, expires }: { readonly replaced_by: string; readonly expires: string },
): Promise<boolean> {
  const written = await conditionHeld(
    store.client.send(
      new UpdateCommand({
        TableName: tableOf(store, 'apiKeys'),
        Key: { [partition]: old.key_id },
        UpdateExpression: 'SET replaced_by = :next, expires = :expires',
        ConditionExpression: `attribute_not_exists(replaced_by) AND attribute_type(revoked, :null) AND ${
          old.expires === null ? 'attribute_type(expires, :null)' : 'expires = :was'
        }`,
        ExpressionAttributeValues: {
          ':next': replaced_by,
          ':expires': expires,
          ':null': 'NULL',
          ...(old.expires === null ? {} : { ':was': old.expires }),
        },
      }),
    ),
  );
  // Ours, if the SDK sent it twice.
  return written || (await readApiKey(store, old.key_id))?.replaced_by === replaced_by;
}

/** Takes back a key that nobody has seen. */
export async function deleteApiKey(store: Store, keyId: string): Promise<void> {
  await store.client.send(
    new DeleteCommand({ TableName: tableOf(store, 'apiKeys'), Key: { [partition]: keyId } }),
  );
}

/**
 * Says of a key that it was used. It never makes a row of one that is gone, and never takes the time back.
 * @param at real time, UTC
 */
export async function recordUse(store: Store, keyId: string, at: string): Promise<void> {
  await conditionHeld(
    store.client.send(
      new UpdateCommand({
        TableName: tableOf(store, 'apiKeys'),
        Key: { [partition]: keyId },
        UpdateExpression: 'SET last_used = :at',
        ConditionExpression: 'attribute_exists(#id) AND (attribute_not_exists(last_used) OR last_used < :at)',
        ExpressionAttributeNames: { '#id': partition },
        ExpressionAttributeValues: { ':at': at },
      }),
    ),
  );
}
