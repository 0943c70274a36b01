import { randomUUID } from 'node:crypto';
import { GetCommand, paginateQuery, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { z } from 'zod';
import { ContendedRowError } from '../errors.ts';
import { conditionHeld } from './condition.ts';
import { tableOf, timeToLive, type Store } from './store.ts';
import { expiryAttribute, tables, type TableDefinition, type TableName } from './tables.ts';

/** What rows have that several processes change: a revision that every write raises. */
export type Versioned = { readonly rev: number; readonly created_at: string };

/** The rows of a table, as compare-and-swap needs them. */
export type VersionedRows<Row extends Versioned, Key, New> = {
  /** Reads a row consistently. */
  readonly read: (key: Key) => Promise<Row | undefined>;
  /** Creates a row. @returns false when there is one: that stays as it is */
  readonly create: (row: New) => Promise<boolean>;
  /**
   * Writes a row if it still has the revision that was read.
   * @returns the row as written; undefined when somebody else wrote first, or the row is gone
   */
  readonly swap: (row: Row, expectedRev: number) => Promise<Row | undefined>;
};

const maxSwaps = 16;

/**
 * Changes a row as it is now, again whenever somebody else wrote in between, so `change` may run several times.
 * @param change gives undefined to leave the row as it is
 * @returns the row as written; undefined when nothing was written or there is no such row
 * @throws ContendedRowError after too many lost writes
 */
export async function changeRow<Row extends Versioned, Key extends object>(
  rows: Pick<VersionedRows<Row, Key, never>, 'read' | 'swap'>,
  key: Key,
  change: (row: Row) => Row | undefined,
): Promise<Row | undefined> {
  for (let swap = 0; swap < maxSwaps; swap += 1) {
    const row = await rows.read(key);
    const changed = row === undefined ? undefined : change(row);
    if (row === undefined || changed === undefined) return undefined;
    const written = await rows.swap(changed, row.rev);
    if (written !== undefined) return written;
  }
  throw new ContendedRowError(rowName(key), maxSwaps);
}

/** The rows of one of `tables`, which are kept for `retentionMs` (Ronda's) after they were created. */
export function versionedRows<Row extends Versioned, Key extends object, New extends { created_at: string }>(
  store: Store,
  table: TableName,
  schema: z.ZodType<Row>,
  retentionMs: number,
): VersionedRows<Row, Key, New> {
  const TableName = tableOf(store, table);
  const { partition } = tables[table];
  const expiryOf = ({ created_at }: { readonly created_at: string }) =>
    timeToLive(store, Date.parse(created_at) + retentionMs);

  const read = async (key: object): Promise<Row | undefined> => {
    const { Item } = await store.client.send(
      new GetCommand({ TableName, Key: keyOf(tables[table], key), ConsistentRead: true }),
    );
    return Item === undefined ? undefined : schema.parse(Item);
  };
  return {
    read,
    create: (row) =>
      conditionHeld(
        store.client.send(
          new PutCommand({
            TableName,
            Item: { ...row, rev: 1, ...expiryOf(row) },
            ConditionExpression: 'attribute_not_exists(#partition)',
            ExpressionAttributeNames: { '#partition': partition },
          }),
        ),
      ),
    // Each write has an id: when the SDK sends a write again whose answer got lost, the second try finds the first
    // one's row and must not take it for somebody else's.
    swap: async (row, expectedRev) => {
      const write_id = randomUUID();
      const written = {
        ...row,
        rev: expectedRev + 1,
        write_id,
        [expiryAttribute]: undefined,
        ...expiryOf(row),
      };
      const write = store.client.send(
        new PutCommand({ TableName, Item: written, ...conditionOf(partition, expectedRev) }),
      );
      if (await conditionHeld(write)) return written;
      const found = await read(row);
      return found !== undefined && 'write_id' in found && found.write_id === write_id ? found : undefined;
    },
  };
}

/** The rows of a partition, by sort key, consistently; with `prefix` those whose key begins so. */
export async function queryPartition(
  store: Store,
  table: 'messages' | 'alerts',
  value: string,
  prefix?: string,
): Promise<Record<string, unknown>[]> {
  const { partition, sort } = tables[table];
  const items: Record<string, unknown>[] = [];
  const pages = paginateQuery(
    { client: store.client },
    {
      TableName: tableOf(store, table),
      ConsistentRead: true,
      KeyConditionExpression:
        prefix === undefined
          ? '#partition = :partition'
          : '#partition = :partition AND begins_with(#sort, :prefix)',
      ExpressionAttributeNames: {
        '#partition': partition,
        ...(prefix === undefined ? {} : { '#sort': sort }),
      },
      ExpressionAttributeValues: {
        ':partition': value,
        ...(prefix === undefined ? {} : { ':prefix': prefix }),
      },
    },
  );
  for await (const page of pages) items.push(...(page.Items ?? []));
  return items;
}

/** A row that an earlier version created has no revision yet: 0. */
function conditionOf(partition: string, expectedRev: number) {
  return expectedRev === 0
    ? {
        ConditionExpression: 'attribute_exists(#partition) AND attribute_not_exists(#rev)',
        ExpressionAttributeNames: { '#partition': partition, '#rev': 'rev' },
      }
    : {
        ConditionExpression: '#rev = :rev',
        ExpressionAttributeNames: { '#rev': 'rev' },
        ExpressionAttributeValues: { ':rev': expectedRev },
      };
}

function rowName(key: object): string {
  const names = ['night', 'message_key', 'alert_key', 'key'];
  return Object.entries(key)
    .flatMap(([name, value]) => (names.includes(name) ? [String(value)] : []))
    .join('/');
}

function keyOf({ partition, sort }: TableDefinition, row: object): Record<string, unknown> {
  const names = sort === undefined ? [partition] : [partition, sort];
  return Object.fromEntries(Object.entries(row).filter(([name]) => names.includes(name)));
}
