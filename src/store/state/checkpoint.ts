import { DeleteCommand, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { tableOf, type Store } from '../store.ts';
import { expiryAttribute, tables, type TableName } from '../tables.ts';

/** How far a long work of an operator is, so that an interrupted one can be resumed from anywhere. */
const keptSeconds = 7 * 86_400;

/** Earlier versions kept checkpoints beside the roles that live, under names of this kind. */
const formerPrefix = 'checkpoint#';

/** Whether an item of the table of roles is a checkpoint of an earlier version. */
export function isCheckpoint(item: Readonly<Record<string, unknown>>): boolean {
  return String(item[tables.roles.partition]).startsWith(formerPrefix);
}

const keyOf = (work: string) => ({ [tables.state.partition]: `checkpoint/${work}` });
const formerKeyOf = (work: string) => ({ [tables.roles.partition]: `${formerPrefix}${work}` });

/** Remembers where a work is; the last one counts. */
export async function keepCheckpoint(store: Store, work: string, state: object): Promise<void> {
  await store.client.send(
    new PutCommand({
      TableName: tableOf(store, 'state'),
      Item: {
        ...keyOf(work),
        state: JSON.stringify(state),
        // By the machine's clock, as TTL goes, whatever Ronda's time is.
        [expiryAttribute]: Math.ceil(store.clock.real() / 1_000) + keptSeconds,
      },
    }),
  );
}

/** What was remembered last, be it by an earlier version; undefined when there is nothing. */
export async function readCheckpoint(store: Store, work: string): Promise<unknown> {
  const state =
    (await readFrom(store, 'state', keyOf(work))) ?? (await readFrom(store, 'roles', formerKeyOf(work)));
  return typeof state === 'string' ? JSON.parse(state) : undefined;
}

/** Forgets where a work was. */
export async function dropCheckpoint(store: Store, work: string): Promise<void> {
  await store.client.send(new DeleteCommand({ TableName: tableOf(store, 'state'), Key: keyOf(work) }));
  await store.client.send(new DeleteCommand({ TableName: tableOf(store, 'roles'), Key: formerKeyOf(work) }));
}

async function readFrom(store: Store, table: TableName, Key: Record<string, string>): Promise<unknown> {
  const { Item } = await store.client.send(
    new GetCommand({ TableName: tableOf(store, table), Key, ConsistentRead: true }),
  );
  return Item?.['state'];
}
