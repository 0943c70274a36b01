import { BatchWriteCommand, DeleteCommand, paginateScan, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { z } from 'zod';
import type { EntriesProjection } from '../../../projections/projection.ts';
import { jitteredMs } from '../../backoff.ts';
import { pause } from '../../clock.ts';
import { DependencyError } from '../../errors.ts';
import { batchBackoff, maxBatchAttempts } from '../retries.ts';
import { segmentInput, type Segment } from '../segments.ts';
import type { Result } from '../result.ts';
import { timeToLive, type Store } from '../store.ts';
import { tableName } from '../tables.ts';

/** An entry as it lies in the table; undefined when it cannot be read. `version` 0: it does not say. */
export type StoredEntry<Entry> = { readonly version: number; readonly entry: Entry | undefined };

/** The rows of a projection that has one for each event that leaves one. */
export type EntryRows<Entry> = {
  /**
   * Writes entries, many to a request. A put over the same entry changes nothing. No entry may come twice in one
   * request, hence distinct by scheduler and key: the key alone may be that of another scheduler's entry too.
   * @returns one outcome for each of `entries`, in order: what could not be written fails alone
   */
  readonly putEntries: (
    store: Store,
    fromEvents: readonly ReadonlyMap<string, Entry>[],
  ) => Promise<Result<undefined>[]>;
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

type Put = { readonly PutRequest: { readonly Item: Record<string, unknown> } };

/** The rows of a projection of entries, in the table that it names. */
export function entryRows<Entry extends { readonly scheduler_id: string }>(
  projection: EntriesProjection<Entry>,
): EntryRows<Entry> {
  const { partition, sort } = projection.table;
  const tableIn = ({ prefix }: Store): string => tableName(prefix, projection.table);

  const stored = (item: unknown): StoredEntry<Entry> => {
    const entry = projection.schema.safeParse(item);
    return { version: stamp.parse(item).version, entry: entry.success ? entry.data : undefined };
  };

  const entryName = (schedulerId: unknown, key: unknown): string => `${String(schedulerId)}#${String(key)}`;

  /** @returns the names of those that were not written, their keys being throttled, with why */
  const write = async (store: Store, table: string, all: readonly Put[]): Promise<Map<string, unknown>> => {
    let puts: readonly Put[] = all;
    let why: unknown = new DependencyError('dynamodb', 'it left an entry of a batch unwritten');
    try {
      for (let attempt = 1; puts.length > 0 && attempt <= maxBatchAttempts; attempt += 1) {
        if (attempt > 1) await pause(jitteredMs(batchBackoff, attempt - 1));
        const answer = await store.client.send(
          new BatchWriteCommand({ RequestItems: { [table]: [...puts] } }),
        );
        puts = (answer.UnprocessedItems?.[table] ?? []).flatMap(({ PutRequest }) =>
          PutRequest?.Item === undefined ? [] : [{ PutRequest: { Item: PutRequest.Item } }],
        );
      }
    } catch (error) {
      // Asked again for throttled keys alone, it answers with the error that it spared the whole batch.
      why = error;
    }
    return new Map(puts.map(({ PutRequest: { Item } }) => [entryName(Item[partition], Item[sort]), why]));
  };

  return {
    putEntries: async (store, fromEvents) => {
      const table = tableIn(store);
      const all = fromEvents.flatMap((entries) => [...entries]);
      const distinct = new Map(
        all.map(([key, entry]) => [entryName(entry.scheduler_id, key), { key, entry }]),
      );
      const entries = [...distinct];
      const unwritten = new Map<string, unknown>();
      for (let start = 0; start < entries.length; start += maxPutsPerWrite) {
        const puts = entries.slice(start, start + maxPutsPerWrite).map(([, { key, entry }]) => ({
          PutRequest: {
            Item: {
              ...entry,
              [sort]: key,
              version: projection.version,
              ...timeToLive(store, projection.expiryOf(entry, store.retention)),
            },
          },
        }));
        for (const [name, why] of await write(store, table, puts)) unwritten.set(name, why);
      }
      return fromEvents.map((own): Result<undefined> => {
        const names = [...own].map(([key, { scheduler_id }]) => entryName(scheduler_id, key));
        const failed = names.find((name) => unwritten.has(name));
        return failed === undefined
          ? { ok: true, value: undefined }
          : { ok: false, error: unwritten.get(failed) };
      });
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
