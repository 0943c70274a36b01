import { paginateScan, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { z } from 'zod';
import { conditionHeld } from '../condition.ts';
import { segmentInput, type Segment } from '../segments.ts';
import { timeToLive, type Store } from '../store.ts';
import { expiryAttribute, tableName, type TableDefinition } from '../tables.ts';

export type ExtendOptions = {
  readonly table: Pick<TableDefinition, 'name' | 'partition'> & { readonly sort: string };
  /** When an item stops to count by the settings of now, ms UTC; undefined: never, or nobody can tell. */
  readonly expiryOf: (item: unknown) => number | undefined;
  readonly segment: Segment;
  readonly write: boolean;
  readonly signal: AbortSignal;
};

const storedItem = z.record(z.string(), z.unknown());
const expiry = z.number();

/**
 * Gives items of a table the time to live that the settings say now, where it is later than the one they were
 * written with; never an earlier one, since what is past its retention counts for nobody, purged or not.
 * @returns how many were looked at, and how many had to be extended
 */
export async function extendExpiry(
  store: Store,
  { table, expiryOf, segment, write, signal }: ExtendOptions,
): Promise<{ readonly seen: number; readonly extended: number }> {
  const TableName = tableName(store.prefix, table);
  let [seen, extended] = [0, 0];
  for await (const page of paginateScan({ client: store.client }, { TableName, ...segmentInput(segment) })) {
    for (const item of page.Items ?? []) {
      if (signal.aborted) return { seen, extended };
      seen += 1;
      const stored = storedItem.parse(item);
      const { data: until } = expiry.safeParse(stored[expiryAttribute]);
      const { expires_at: wanted } = timeToLive(store, expiryOf(item));
      if (until === undefined || wanted === undefined || until >= wanted) continue;
      const Key = { [table.partition]: stored[table.partition], [table.sort]: stored[table.sort] };
      if (!write || (await extend(store, TableName, Key, wanted))) extended += 1;
    }
  }
  return { seen, extended };
}

/** @returns false when it was purged meanwhile, or extended by somebody else */
async function extend(
  { client }: Store,
  TableName: string,
  Key: Readonly<Record<string, unknown>>,
  wanted: number,
): Promise<boolean> {
  return await conditionHeld(
    client.send(
      new UpdateCommand({
        TableName,
        Key,
        UpdateExpression: 'SET #expiry = :wanted',
        ConditionExpression: '#expiry < :wanted',
        ExpressionAttributeNames: { '#expiry': expiryAttribute },
        ExpressionAttributeValues: { ':wanted': wanted },
      }),
    ),
  );
}
