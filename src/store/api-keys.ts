import { createHash, randomBytes } from 'node:crypto';
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { z } from 'zod';
import { tableOf, type Store } from './store.ts';
import { tables } from './tables.ts';

export const scopes = ['ingest', 'read', 'admin'] as const;
export type Scope = (typeof scopes)[number];

export const apiKey = z.object({
  key_id: z.string(),
  name: z.string(),
  /** SHA-256 of the plain key, hex. The key has 256 bits of its own, so a slow hash would add nothing. */
  hash: z.string(),
  scopes: z.array(z.enum(scopes)),
  /** The only services it may write for; null: all. */
  services: z.array(z.string()).nullable(),
  created_at: z.string(),
  /** Real time, UTC. */
  expires: z.string().nullable(),
  revoked: z.string().nullable(),
});
export type ApiKey = z.infer<typeof apiKey>;

const { partition } = tables.apiKeys;
const keyFormat = /^ronda_([a-z0-9]{12})_[A-Za-z0-9_-]{43}$/;

export function hashOf(plain: string): string {
  return createHash('sha256').update(plain).digest('hex');
}

/** The id that a plain key carries in the clear, so that it can be looked up; undefined if it is none of ours. */
export function keyIdOf(plain: string): string | undefined {
  return keyFormat.exec(plain)?.[1];
}

export function newPlainKey(): string {
  const id = BigInt(`0x${randomBytes(9).toString('hex')}`)
    .toString(36)
    .padStart(12, '0')
    .slice(-12);
  return `ronda_${id}_${randomBytes(32).toString('base64url')}`;
}

/** Stores a key; the plain one is stored nowhere and cannot be had again. */
export async function putApiKey(store: Store, key: ApiKey): Promise<void> {
  await store.client.send(new PutCommand({ TableName: tableOf(store, 'apiKeys'), Item: key }));
}

export async function readApiKey(store: Store, keyId: string): Promise<ApiKey | undefined> {
  const { Item } = await store.client.send(
    new GetCommand({ TableName: tableOf(store, 'apiKeys'), Key: { [partition]: keyId } }),
  );
  return Item === undefined ? undefined : apiKey.parse(Item);
}
