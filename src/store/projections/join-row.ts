import { covered, type StateProjection } from '../../../projections/projection.ts';
import { jitteredMs } from '../../backoff.ts';
import { pause } from '../../clock.ts';
import { ContendedRowError, NewerRowError } from '../../errors.ts';
import { maxAttempts, swapBackoff } from '../retries.ts';
import type { StateRows, StoredRow } from './state-rows.ts';
import type { Store } from '../store.ts';

/**
 * Joins a change into a row by compare-and-swap. What changes nothing is not written.
 * @param change what events say that are already appended
 * @param stored the row as it was read, consistently, after that
 * @returns the state then; undefined where the row has to be made anew instead: an older version wrote it, or it
 *   cannot be read
 * @throws NewerRowError when a newer version of the projection owns the row; ContendedRowError when the swap lost
 *   every time
 */
export async function joinRow<Row extends { readonly scheduler_id: string }>(
  store: Store,
  projection: StateProjection<Row>,
  rows: StateRows<Row>,
  change: Row,
  stored: StoredRow<Row> | undefined,
): Promise<Row | undefined> {
  const { version, emptyRow, join } = projection;
  const { scheduler_id } = change;
  let row = stored;
  for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
    if (row === undefined) {
      if (covered(projection, emptyRow(scheduler_id), change)) return change;
      if (await rows.swapRow(store, change, undefined)) return change;
    } else {
      if (row.version > version) throw new NewerRowError(scheduler_id, row.version);
      if (row.version < version || row.state === undefined) return undefined;
      if (covered(projection, row.state, change)) return row.state;
      const next = join(row.state, change);
      if (await rows.swapRow(store, next, row.rev)) return next;
    }
    await pause(jitteredMs(swapBackoff, attempt));
    row = await rows.readRow(store, scheduler_id);
  }
  throw new ContendedRowError(scheduler_id, maxAttempts);
}
