import { BatchWriteCommand, paginateQuery, GetCommand } from '@aws-sdk/lib-dynamodb';
import {
  entryKey,
  historyEntry,
  version,
  type History,
  type HistoryEntry,
} from '../../projections/history.ts';
import { lastKeyAt } from '../events/order.ts';
import { msOf, utc } from '../events/time.ts';
import { DependencyError } from '../errors.ts';
import { pause } from '../clock.ts';
import { tableOf, timeToLive, type Store } from './store.ts';
import { tables } from './tables.ts';

const { partition, sort } = tables.history;
const maxPutsPerWrite = 25;
const maxWrites = 8;

/**
 * Writes entries, many to a request. A put over the same entry changes nothing. No entry may come twice in one
 * request, hence the map by scheduler and key: the key alone may be that of another scheduler's entry too.
 */
export async function putEntries(store: Store, histories: readonly History[]): Promise<void> {
  const table = tableOf(store, 'history');
  const all = histories.flatMap((history) => [...history]);
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
          version,
          ...timeToLive(store, msOf(entry.timestamp) + store.retention.historyMs),
        },
      },
    }));
    for (let write = 0; puts.length > 0; write += 1) {
      if (write === maxWrites) throw new DependencyError('dynamodb', 'it left entries of a batch unwritten');
      if (write > 0) await pause(2 ** write * 10);
      const answer = await store.client.send(new BatchWriteCommand({ RequestItems: { [table]: puts } }));
      puts = answer.UnprocessedItems?.[table] ?? [];
    }
  }
}

export async function hasEntry(store: Store, schedulerId: string, key: string): Promise<boolean> {
  const { Item } = await store.client.send(
    new GetCommand({
      TableName: tableOf(store, 'history'),
      Key: { [partition]: schedulerId, [sort]: key },
      ConsistentRead: true,
      ProjectionExpression: '#partition',
      ExpressionAttributeNames: { '#partition': partition },
    }),
  );
  return Item !== undefined;
}

export type HistoryRange = {
  /** Inclusive, UTC. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Only entries whose key lies below this one: where the last page ended. */
  readonly before?: string | undefined;
};

/** Entries that count now, newest first, read as the caller asks. */
export async function* readHistory(
  store: Store,
  schedulerId: string,
  range: HistoryRange,
): AsyncGenerator<HistoryEntry> {
  const first = firstCounting(store, range.from);
  const last = range.to === undefined ? '~' : lastKeyAt(range.to);
  const end = range.before !== undefined && range.before < last ? range.before : last;
  if (first > end) return;
  const pages = paginateQuery(
    { client: store.client },
    {
      TableName: tableOf(store, 'history'),
      ScanIndexForward: false,
      ConsistentRead: true,
      KeyConditionExpression: '#partition = :id AND #sort BETWEEN :first AND :last',
      ExpressionAttributeNames: { '#partition': partition, '#sort': sort },
      ExpressionAttributeValues: { ':id': schedulerId, ':first': first, ':last': end },
    },
  );
  for await (const page of pages) {
    for (const item of page.Items ?? []) {
      const entry = historyEntry.parse(item);
      if (entryKey(entry) !== range.before) yield entry;
    }
  }
}

/** The least time that a reader may still see: `from`, or where retention begins if that is later. */
export function firstCounting(store: Store, from?: string): string {
  const oldest = utc(Math.max(0, store.clock.now() - store.retention.historyMs + 1));
  return from !== undefined && from > oldest ? from : oldest;
}
