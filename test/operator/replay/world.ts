import { DeleteCommand, paginateScan, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { RecordedEvent } from '../../../src/events/event.ts';
import { addReplay } from '../../../src/operator/replay/command.ts';
import { addVerify } from '../../../src/operator/verify/command.ts';
import { record } from '../../../src/store/projections/record.ts';
import { tableOf, type Store } from '../../../src/store/store.ts';
import { tables, type TableName } from '../../../src/store/tables.ts';
import { recorded, registration, status } from '../../support/events.ts';
import type { TestBackend } from '../../support/harness.ts';
import { shipped } from '../../support/shipped.ts';
import { run, testCli } from '../test-cli.ts';

export type Item = Record<string, unknown>;
export type Ran = { readonly code: number; readonly out: string; readonly err: string };

/** Runs `ronda replay …` or `ronda verify …` on a test's tables. A difference need not last. */
export async function ronda(backend: TestBackend, ...argv: string[]): Promise<Ran> {
  const cli = testCli(backend);
  const [command] = argv;
  const settled = command === 'verify' && !argv.includes('--settle') ? [...argv, '--settle', '0'] : argv;
  const add = command === 'verify' ? addVerify : addReplay;
  const code = await run(
    cli,
    (program, at) => {
      add(program, at, shipped);
    },
    settled,
  );
  return { code, out: cli.out(), err: cli.err() };
}

export async function recordAll(store: Store, events: readonly RecordedEvent[]): Promise<void> {
  for (let start = 0; start < events.length; start += 100) {
    for (const outcome of await record(store, events.slice(start, start + 100)))
      if (!outcome.ok) throw outcome.error;
  }
}

function idFrom(n: number): string {
  return `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
}

/** What a night leaves of each scheduler: a registration and, minute by minute, four statuses. */
export function eventsOf(scheduler_id: string, service_name = 'billing'): RecordedEvent[] {
  const at = (n: number): string => `2099-11-23T17:0${n}:00.000Z`;
  const statuses = ['pending', 'running', 'failed', 'completed'] as const;
  return [
    recorded(registration({ scheduler_id, service_name, occurred_at: at(0), event_id: idFrom(1) })),
    ...statuses.map((name, n) =>
      recorded(
        status({ scheduler_id, service_name, status: name, occurred_at: at(n + 1), event_id: idFrom(n + 2) }),
      ),
    ),
  ];
}

/** Everything in a table, but for what says how often and until when it was written. */
export async function allIn(store: Store, table: TableName): Promise<Item[]> {
  const items: Item[] = [];
  const pages = paginateScan(
    { client: store.client },
    { TableName: tableOf(store, table), ConsistentRead: true },
  );
  for await (const page of pages) {
    items.push(...(page.Items ?? []).map(withoutRevision));
  }
  const itemName = (item: Item): string => JSON.stringify([item['scheduler_id'], item['timestamp#event_id']]);
  return items.sort((a, b) => (itemName(a) < itemName(b) ? -1 : 1));
}

export function withoutRevision(item: Item): Item {
  return Object.fromEntries(Object.entries(item).filter(([name]) => name !== 'rev' && name !== 'expires_at'));
}

export async function put(store: Store, table: TableName, item: Item): Promise<void> {
  await store.client.send(new PutCommand({ TableName: tableOf(store, table), Item: item }));
}

/** Deletes the row or entry that an item is. */
export async function drop(store: Store, table: 'schedulers' | 'history', item: Item): Promise<void> {
  const { partition } = tables[table];
  const sort = table === 'history' ? tables.history.sort : undefined;
  const Key = {
    [partition]: item[partition],
    ...(sort === undefined ? {} : { [sort]: item[sort] }),
  };
  await store.client.send(new DeleteCommand({ TableName: tableOf(store, table), Key }));
}
