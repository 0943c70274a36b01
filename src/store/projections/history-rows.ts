import { GetCommand, paginateQuery } from '@aws-sdk/lib-dynamodb';
import {
  entryKey,
  historyEntry,
  historyProjection,
  type HistoryEntry,
} from '../../../projections/history.ts';
import { lastKeyAt } from '../../events/order.ts';
import { entryRows } from './entry-rows.ts';
import { tableOf, type Store } from '../store.ts';

const { partition, sort } = historyProjection.table;

export const { putEntries } = entryRows(historyProjection);

/** Whether an entry is there, by its key (`entryKey`). Read consistently. */
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

/** The time of the first completion after an instant (UTC), read consistently; undefined when there is none. */
export async function firstCompletionAfter(
  store: Store,
  schedulerId: string,
  after: string,
): Promise<string | undefined> {
  const pages = paginateQuery(
    { client: store.client },
    {
      TableName: tableOf(store, 'history'),
      ConsistentRead: true,
      KeyConditionExpression: '#partition = :id AND #sort > :after',
      FilterExpression: '#status = :completed',
      ExpressionAttributeNames: { '#partition': partition, '#sort': sort, '#status': 'status' },
      ExpressionAttributeValues: {
        ':id': schedulerId,
        ':after': lastKeyAt(after),
        ':completed': 'completed',
      },
    },
  );
  for await (const page of pages) {
    const [first] = page.Items ?? [];
    if (first !== undefined) return historyEntry.parse(first).timestamp;
  }
  return undefined;
}

/** The least time that a reader may still see: `from`, or where retention begins if that is later. */
export function firstCounting(store: Store, from?: string): string {
  const oldest = historyProjection.firstKey(store.clock.now(), store.retention);
  return from !== undefined && from > oldest ? from : oldest;
}
