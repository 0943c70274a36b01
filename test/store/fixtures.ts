import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { createClock } from '../../src/clock.ts';
import type { RecordedEvent } from '../../src/events/event.ts';
import { readStream } from '../../src/store/events/event-store.ts';
import { readHistory } from '../../src/store/projections/history-rows.ts';
import { tableOf, type Store } from '../../src/store/store.ts';
import type { HistoryEntry } from '../../projections/history.ts';
import type { TableName } from '../../src/store/tables.ts';
import { openBackend } from '../support/open.ts';

/** The morning after the night of `facts.ts`, by the machine's clock as far as the store can tell. */
export const morning = Date.parse('2099-11-24T06:00:00.000Z');

/** A store whose clock stands still until a test moves it. */
export type TestStore = Store & { readonly time: { at: number } };

export async function createStore(): Promise<TestStore> {
  const time = { at: morning };
  const { store } = await openBackend({ clock: createClock({}, () => time.at) });
  return { ...store, time };
}

let made = 0;
/** A scheduler that no other test of the file uses. */
export function newId(): string {
  made += 1;
  return `job-${made}`;
}

/** Everything that a generator gives. */
export async function listed<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

export async function listStream(store: Store, id: string, until?: string): Promise<RecordedEvent[]> {
  return await listed(readStream(store, id, until));
}

export async function listHistory(
  store: Store,
  id: string,
  range: Parameters<typeof readHistory>[2] = {},
): Promise<HistoryEntry[]> {
  return await listed(readHistory(store, id, range));
}

/** A row as it lies in its table. */
export async function rawRow(
  store: Store,
  table: TableName,
  key: Readonly<Record<string, string>>,
): Promise<Record<string, unknown> | undefined> {
  const { Item } = await store.client.send(
    new GetCommand({ TableName: tableOf(store, table), Key: key, ConsistentRead: true }),
  );
  return Item;
}
