import { inspect } from 'node:util';
import { paginateScan } from '@aws-sdk/lib-dynamodb';
import { tableOf, type Store } from '../../src/store/store.ts';
import type { TableName } from '../../src/store/tables.ts';
import type { Happening } from './night-of-events.ts';

/** What lies in the tables, in forms that can be compared with what should. */
export type Row = Record<string, unknown>;

/** Everything in a table. */
export async function rowsOf(store: Store, table: TableName): Promise<Row[]> {
  const rows: Row[] = [];
  const pages = paginateScan(
    { client: store.client },
    { TableName: tableOf(store, table), ConsistentRead: true },
  );
  for await (const page of pages) rows.push(...(page.Items ?? []));
  return rows;
}

/** What an event is: its scheduler, time, id and kind. */
export function rowName(row: Row): string {
  return [row['scheduler_id'], row['occurred_at#event_id'], row['type'], row['status']].join(' ');
}

const storedTypes = {
  status: 'status_reported',
  heartbeat: 'heartbeat_received',
  register: 'scheduler_registered',
  remove: 'scheduler_removed',
  acknowledge: 'failure_acknowledged',
  snooze: 'alerts_snoozed',
};

export function storedName(event: Happening): string {
  const status = event.type === 'status' ? event.status : undefined;
  return [event.scheduler, `${event.at}#${event.id}`, storedTypes[event.type], status].join(' ');
}

/** Each row as a text, members in order, without what says how often and until when it was written. */
export function textsOf(rows: readonly Row[]): string[] {
  return rows.map((row) =>
    inspect({ ...row, rev: null, expires_at: null }, { sorted: true, depth: null, breakLength: Infinity }),
  );
}

/** What is missing (-) and what is too much (+), each as often as it is; the first ten of them. */
export function differences(actual: readonly string[], expected: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const text of actual) counts.set(text, (counts.get(text) ?? 0) + 1);
  for (const text of expected) counts.set(text, (counts.get(text) ?? 0) - 1);
  return [...counts]
    .filter(([, count]) => count !== 0)
    .map(([text, count]) => `${count > 0 ? '+' : '-'} ${text}`)
    .slice(0, 10);
}
