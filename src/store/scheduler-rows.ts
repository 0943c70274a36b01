import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { BatchGetCommand, PutCommand, paginateScan } from '@aws-sdk/lib-dynamodb';
import { z } from 'zod';
import { currentState, version, type CurrentState } from '../../projections/current-state.ts';
import { DependencyError } from '../errors.ts';
import { tableOf, type Store } from './store.ts';
import { tables } from './tables.ts';

const { partition } = tables.schedulers;

/**
 * A row as it lies in the table. `rev` is raised by every write. Of a row that another version of the
 * projection wrote, the state is there only if it can still be read.
 */
export type StoredRow = {
  readonly rev: number;
  readonly version: number;
  readonly state: CurrentState | undefined;
};

const stamp = z.object({ rev: z.number(), version: z.number() });

const maxKeysPerRead = 100;
const maxReads = 8;

/** Reads rows consistently, never from a cache. A scheduler without a row is not in the answer. */
export async function readRows(store: Store, ids: readonly string[]): Promise<Map<string, StoredRow>> {
  const rows = new Map<string, StoredRow>();
  const table = tableOf(store, 'schedulers');
  for (let start = 0; start < ids.length; start += maxKeysPerRead) {
    let keys: Record<string, unknown>[] = ids
      .slice(start, start + maxKeysPerRead)
      .map((id) => ({ [partition]: id }));
    for (let read = 0; keys.length > 0; read += 1) {
      if (read === maxReads) throw new DependencyError('dynamodb', 'it left keys of a batch unread');
      const answer = await store.client.send(
        new BatchGetCommand({ RequestItems: { [table]: { Keys: keys, ConsistentRead: true } } }),
      );
      for (const item of answer.Responses?.[table] ?? []) rows.set(String(item[partition]), storedRow(item));
      keys = answer.UnprocessedKeys?.[table]?.Keys ?? [];
    }
  }
  return rows;
}

export async function readRow(store: Store, id: string): Promise<StoredRow | undefined> {
  return (await readRows(store, [id])).get(id);
}

/**
 * Writes a row if it still has the revision that was read (`undefined`: still has none).
 * @returns false when somebody else wrote first
 */
export async function swapRow(store: Store, state: CurrentState, rev: number | undefined): Promise<boolean> {
  const known = Object.fromEntries(Object.entries(state).filter(([, cell]) => cell !== null));
  try {
    await store.client.send(
      new PutCommand({
        TableName: tableOf(store, 'schedulers'),
        Item: { ...known, version, rev: (rev ?? 0) + 1 },
        ...(rev === undefined
          ? { ConditionExpression: 'attribute_not_exists(#rev)' }
          : { ConditionExpression: '#rev = :rev', ExpressionAttributeValues: { ':rev': rev } }),
        ExpressionAttributeNames: { '#rev': 'rev' },
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

/** All rows, in the table's own order, from behind `after` if given. Eventually consistent. */
export async function* scanRows(store: Store, after?: string): AsyncGenerator<CurrentState> {
  const pages = paginateScan(
    { client: store.client },
    {
      TableName: tableOf(store, 'schedulers'),
      ...(after === undefined ? {} : { ExclusiveStartKey: { [partition]: after } }),
    },
  );
  for await (const page of pages) {
    for (const item of page.Items ?? []) {
      const { state } = storedRow(item);
      if (state !== undefined) yield state;
    }
  }
}

function storedRow(item: unknown): StoredRow {
  const { rev, version } = stamp.parse(item);
  const state = currentState.safeParse(item);
  return { rev, version, state: state.success ? state.data : undefined };
}
