import { BatchWriteCommand, DeleteCommand, paginateScan, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { z } from 'zod';
import type { EntriesProjection } from '../../projections/projection.ts';
import { pause } from '../clock.ts';
import { DependencyError } from '../errors.ts';
import { segmentInput, type Segment } from './segments.ts';
import { timeToLive, type Store } from './store.ts';
import { tableName } from './tables.ts';

/** An entry as it lies in the table; undefined when it cannot be read. `version` 0: it does not say. */
export type StoredEntry<Entry> = { readonly version: number; readonly entry: Entry | undefined };

/** The rows of a projection that has one for each event that leaves one. */
export type EntryRows<Entry> = {
  /**
   * Writes entries, many to a request. A put over the same entry changes nothing. No entry may come twice in one
   * request, hence distinct by scheduler and key: the key alone may be that of another scheduler's entry too.
   */
  readonly putEntries: (store: Store, lifted: readonly ReadonlyMap<string, Entry>[]) => Promise<void>;
  /** One page of a scheduler's entries above `after`, in the order of their keys, read consistently. */
  readonly listPage: (
    store: Store,
    schedulerId: string,
    after: string,
  ) => Promise<{ readonly rows: Map<string, StoredEntry<Entry>>; readonly last: string | undefined }>;
  readonly removeEntry: (store: Store, schedulerId: string, key: string) => Promise<void>;
  /** All entries that count now, with their scheduler and key. Eventually consistent. */
  readonly scanStored: (
    store: Store,
    segment?: Segment,
  ) => AsyncGenerator<[schedulerId: string, key: string, StoredEntry<Entry>]>;
};

const stamp = z.object({ version: z.number().catch(0) });
const maxPutsPerWrite = 25;
const maxWrites = 8;

export function entryRows<Entry extends { readonly scheduler_id: string }>(
  projection: EntriesProjection<Entry>,
): EntryRows<Entry> {
  const { partition, sort } = projection.table;
  const tableIn = ({ prefix }: Store): string => tableName(prefix, projection.table);

  const stored = (item: unknown): StoredEntry<Entry> => {
    const entry = projection.schema.safeParse(item);
    return { version: stamp.parse(item).version, entry: entry.success ? entry.data : undefined };
  };

  return {
    putEntries: async (store, lifted) => {
      const table = tableIn(store);
      const all = lifted.flatMap((entries) => [...entries]);
      const distinct = new Map(
        all.map(([key, entry]) => [`${entry.scheduler_id}#${key}`, [key, entry] as const]),
      );
      const entries = [...distinct.values()];
      for (let start = 0; start < entries.length; start += maxPutsPerWrite) {
        let puts: object[] = entries.slice(start, start + maxPutsPerWrite).map(([key, entry]) => ({
          PutRequest: {
            Item: {
              ...entry,
              [sort]: key,
              version: projection.version,
              ...timeToLive(store, projection.expiryOf(entry, store.retention)),
            },
          },
        }));
        for (let write = 0; puts.length > 0; write += 1) {
          if (write === maxWrites)
            throw new DependencyError('dynamodb', 'it left entries of a batch unwritten');
          if (write > 0) await pause(2 ** write * 10);
          const answer = await store.client.send(new BatchWriteCommand({ RequestItems: { [table]: puts } }));
          puts = answer.UnprocessedItems?.[table] ?? [];
        }
      }
    },
    listPage: async (store, schedulerId, after) => {
      const { Items = [], LastEvaluatedKey } = await store.client.send(
        new QueryCommand({
          TableName: tableIn(store),
          ConsistentRead: true,
          KeyConditionExpression: '#partition = :id AND #sort > :after',
          ExpressionAttributeNames: { '#partition': partition, '#sort': sort },
          ExpressionAttributeValues: { ':id': schedulerId, ':after': after },
        }),
      );
      const last: unknown = LastEvaluatedKey?.[sort];
      return {
        rows: new Map(Items.map((item) => [String(item[sort]), stored(item)])),
        last: typeof last === 'string' ? last : undefined,
      };
    },
    removeEntry: async (store, schedulerId, key) => {
      await store.client.send(
        new DeleteCommand({ TableName: tableIn(store), Key: { [partition]: schedulerId, [sort]: key } }),
      );
    },
    scanStored: async function* (store, segment) {
      const first = projection.firstKey(store.clock.now(), store.retention);
      const pages = paginateScan(
        { client: store.client },
        { TableName: tableIn(store), ...segmentInput(segment) },
      );
      for await (const page of pages) {
        for (const item of page.Items ?? []) {
          const key = String(item[sort]);
          if (key >= first) yield [String(item[partition]), key, stored(item)];
        }
      }
    },
  };
}
