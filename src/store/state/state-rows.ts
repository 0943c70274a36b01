import { z } from 'zod';
import type { Store } from '../store.ts';
import { versionedRows, type VersionedRows } from '../versioned-rows.ts';

/** What several processes know together: `coverage`, `grouping/<channel>`, `transport/<name>`, `checkpoint/<work>`. */
const stateRow = z.looseObject({
  key: z.string(),
  rev: z.number().default(0),
  /** Ronda's time, UTC, of the last write. */
  created_at: z.string(),
  details: z.record(z.string(), z.json()).optional(),
});
export type StateRow = z.infer<typeof stateRow>;
export type StateKey = Pick<StateRow, 'key'>;
export type StateTable = VersionedRows<StateRow, StateKey, Pick<StateRow, 'key' | 'created_at' | 'details'>>;

/** What nobody has written for so long nobody needs. Ronda ms. */
const stateRetentionMs = 30 * 86_400_000;

/** The table of what processes know together. */
export function stateTable(store: Store): StateTable {
  return versionedRows(store, 'state', stateRow, stateRetentionMs);
}

/** The row of a key, created empty where there is none yet. */
export async function openState(table: StateTable, key: string, created_at: string): Promise<StateRow> {
  const found = await table.read({ key });
  if (found !== undefined) return found;
  await table.create({ key, created_at });
  return (await table.read({ key })) ?? { key, created_at, rev: 1 };
}
