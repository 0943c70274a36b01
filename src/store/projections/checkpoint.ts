import { DeleteCommand, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { tableOf, type Store } from '../store.ts';
import { expiryAttribute, tables } from '../tables.ts';

/**
 * How far a long work of an operator is, so that an interrupted one can be resumed from anywhere. It lies beside
 * the roles that live, which pass over it.
 */
const { partition } = tables.roles;
const prefix = 'checkpoint#';
const keptSeconds = 7 * 86_400;

export function isCheckpoint(item: Readonly<Record<string, unknown>>): boolean {
  return String(item[partition]).startsWith(prefix);
}

/** Remembers where a work is; the last one counts. */
export async function keepCheckpoint(store: Store, work: string, state: object): Promise<void> {
  await store.client.send(
    new PutCommand({
      TableName: tableOf(store, 'roles'),
      Item: {
        [partition]: `${prefix}${work}`,
        state: JSON.stringify(state),
        // By the machine's clock, as TTL goes, whatever Ronda's time is.
        [expiryAttribute]: Math.ceil(store.clock.real() / 1_000) + keptSeconds,
      },
    }),
  );
}

/** What was remembered last; undefined when there is nothing. */
export async function readCheckpoint(store: Store, work: string): Promise<unknown> {
  const { Item } = await store.client.send(
    new GetCommand({
      TableName: tableOf(store, 'roles'),
      Key: { [partition]: `${prefix}${work}` },
      ConsistentRead: true,
    }),
  );
  const state: unknown = Item?.['state'];
  return typeof state === 'string' ? JSON.parse(state) : undefined;
}

export async function dropCheckpoint(store: Store, work: string): Promise<void> {
  await store.client.send(
    new DeleteCommand({ TableName: tableOf(store, 'roles'), Key: { [partition]: `${prefix}${work}` } }),
  );
}
