import { BatchGetCommand, DeleteCommand, paginateScan, PutCommand } from '@aws-sdk/lib-dynamodb';
import { z } from 'zod';
import type { StateProjection } from '../../../projections/projection.ts';
import { jitteredMs } from '../../backoff.ts';
import { pause } from '../../clock.ts';
import { DependencyError, isOutage } from '../../errors.ts';
import { conditionHeld } from '../condition.ts';
import { batchBackoff, maxBatchAttempts } from '../retries.ts';
import { segmentInput, type Segment } from '../segments.ts';
import type { Store } from '../store.ts';
import { tableName } from '../tables.ts';

/** A row as it lies in the table. */
export type StoredRow<Row> = {
  /** Raised by every write. Anything at all in a row that was damaged; it is compared, whatever it is. */
  readonly rev: unknown;
  /** Of the projection that wrote it; 0 when it does not say. */
  readonly version: number;
  /** Undefined when it cannot be read: another version wrote it, or it was damaged. */
  readonly state: Row | undefined;
};

/** The rows of a projection of which each scheduler has one. */
export type StateRows<Row> = {
  /**
   * Reads rows consistently, never from a cache. A scheduler without a row is not in the answer.
   * @throws DependencyError when one of them could not be read
   */
  readonly readRows: (store: Store, ids: readonly string[]) => Promise<ReadonlyMap<string, StoredRow<Row>>>;
  /** The same, where one that cannot be read, its key being throttled, is no reason to fail the others. */
  readonly readEach: (store: Store, ids: readonly string[]) => Promise<RowsRead<Row>>;
  readonly readRow: (store: Store, id: string) => Promise<StoredRow<Row> | undefined>;
  /**
   * Writes a row if it still has the revision that was read (`undefined`: still has none).
   * @returns false when somebody else wrote first
   */
  readonly swapRow: (store: Store, state: Row, rev: unknown) => Promise<boolean>;
  /** Removes a row if it still has the revision that was read. @returns false when somebody else wrote first */
  readonly removeRow: (store: Store, id: string, rev: unknown) => Promise<boolean>;
  /** All rows, in the table's own order, from behind `after` if given. Eventually consistent. */
  readonly scanRows: (store: Store, after?: string) => AsyncGenerator<Row>;
  /** All rows, also those that cannot be read, with their ids. Eventually consistent. */
  readonly scanStored: (store: Store, segment?: Segment) => AsyncGenerator<[string, StoredRow<Row>]>;
};

export type RowsRead<Row> = {
  readonly found: ReadonlyMap<string, StoredRow<Row>>;
  /** Why each of the others was not read. */
  readonly unread: ReadonlyMap<string, unknown>;
};

const stamp = z.object({ version: z.number().catch(0), rev: z.unknown() });
const maxKeysPerRead = 100;

/** The rows of a projection of states, in the table that it names. */
export function stateRows<Row extends { readonly scheduler_id: string }>(
  projection: StateProjection<Row>,
): StateRows<Row> {
  const { partition } = projection.table;
  const tableIn = ({ prefix }: Store): string => tableName(prefix, projection.table);

  const stored = (item: unknown): StoredRow<Row> => {
    const { rev, version } = stamp.parse(item);
    const state = projection.schema.safeParse(item);
    return { rev, version, state: state.success ? state.data : undefined };
  };

  const readEach: StateRows<Row>['readEach'] = async (store, ids) => {
    const found = new Map<string, StoredRow<Row>>();
    const unread = new Map<string, unknown>();
    const table = tableIn(store);
    for (let start = 0; start < ids.length; start += maxKeysPerRead) {
      let keys: Record<string, unknown>[] = ids
        .slice(start, start + maxKeysPerRead)
        .map((id) => ({ [partition]: id }));
      let why: unknown = new DependencyError('dynamodb', 'it left the key of a row unread');
      try {
        for (let attempt = 1; keys.length > 0 && attempt <= maxBatchAttempts; attempt += 1) {
          if (attempt > 1) await pause(jitteredMs(batchBackoff, attempt - 1));
          const answer = await store.client.send(
            new BatchGetCommand({ RequestItems: { [table]: { Keys: keys, ConsistentRead: true } } }),
          );
          for (const item of answer.Responses?.[table] ?? [])
            found.set(String(item[partition]), stored(item));
          keys = answer.UnprocessedKeys?.[table]?.Keys ?? [];
        }
      } catch (error) {
        if (isOutage(error)) throw error;
        // Asked again for throttled keys alone, it answers with the error that it spared the whole batch.
        why = error;
      }
      for (const key of keys) unread.set(String(key[partition]), why);
    }
    return { found, unread };
  };

  const readRows: StateRows<Row>['readRows'] = async (store, ids) => {
    const { found, unread } = await readEach(store, ids);
    for (const error of unread.values()) throw error;
    return found;
  };

  const scanStored: StateRows<Row>['scanStored'] = async function* (store, segment) {
    const pages = paginateScan(
      { client: store.client },
      { TableName: tableIn(store), ...segmentInput(segment) },
    );
    for await (const page of pages) {
      for (const item of page.Items ?? []) yield [String(item[partition]), stored(item)];
    }
  };

  return {
    readRows,
    readEach,
    readRow: async (store, id) => (await readRows(store, [id])).get(id),
    swapRow: async (store, state, rev) => {
      const known = Object.fromEntries(Object.entries<unknown>(state).filter(([, cell]) => cell !== null));
      const next = typeof rev === 'number' ? rev + 1 : 1;
      return await conditionHeld(
        store.client.send(
          new PutCommand({
            TableName: tableIn(store),
            Item: { ...known, version: projection.version, rev: next },
            ...ifRevisionIs(rev),
          }),
        ),
      );
    },
    removeRow: async (store, id, rev) =>
      await conditionHeld(
        store.client.send(
          new DeleteCommand({ TableName: tableIn(store), Key: { [partition]: id }, ...ifRevisionIs(rev) }),
        ),
      ),
    scanRows: async function* (store, after) {
      const pages = paginateScan(
        { client: store.client },
        {
          TableName: tableIn(store),
          ...(after === undefined ? {} : { ExclusiveStartKey: { [partition]: after } }),
        },
      );
      for await (const page of pages) {
        for (const item of page.Items ?? []) {
          const { state } = stored(item);
          if (state !== undefined) yield state;
        }
      }
    },
    scanStored,
  };
}

function ifRevisionIs(rev: unknown) {
  return {
    ...(rev === undefined
      ? { ConditionExpression: 'attribute_not_exists(#rev)' }
      : { ConditionExpression: '#rev = :rev', ExpressionAttributeValues: { ':rev': rev } }),
    ExpressionAttributeNames: { '#rev': 'rev' },
  };
}
