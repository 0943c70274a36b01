import { currentStateProjection, type CurrentState } from '../../../projections/current-state.ts';
import { foldOf, type StateProjection } from '../../../projections/projection.ts';
import type { RecordedEvent } from '../../events/event.ts';
import { joinRow } from './join-row.ts';
import { foldEvents, rebuildState, type FoldOptions } from './rebuild-state.ts';
import type { StateRows, StoredRow } from './state-rows.ts';
import { resultOf, type Result } from '../result.ts';
import type { Store } from '../store.ts';

/**
 * Joins events that are already appended into their scheduler's row, with compare-and-swap. A row of an older
 * version, or one that cannot be read, is made anew instead.
 * @param stored the row as it was read, consistently, after those events were appended
 * @returns the state afterwards
 * @throws NewerRowError when a newer version of the projection owns the row; ContendedRowError when the swap
 *   lost every time
 */
export async function project<Row extends { readonly scheduler_id: string }>(
  store: Store,
  projection: StateProjection<Row>,
  rows: StateRows<Row>,
  schedulerId: string,
  events: readonly RecordedEvent[],
  stored: StoredRow<Row> | undefined,
): Promise<Row> {
  const change = foldOf(projection, schedulerId, events);
  const joined = await joinRow(store, projection, rows, change, stored);
  if (joined !== undefined) return joined;
  const { state } = await rebuildState(store, projection, rows, schedulerId, { write: true });
  return state ?? change;
}

/** Projects events that are already appended, with one read for all schedulers; the outcome for each of them. */
export async function projectAll<Row extends { readonly scheduler_id: string }>(
  store: Store,
  projection: StateProjection<Row>,
  rows: StateRows<Row>,
  events: readonly RecordedEvent[],
): Promise<Map<string, Result<Row>>> {
  const bySchedulers = Map.groupBy(events, ({ event }) => event.scheduler_id);
  const read = await resultOf(rows.readEach(store, [...bySchedulers.keys()]));
  const steps = [...bySchedulers].map(async ([id, own]): Promise<[string, Result<Row>]> => {
    if (!read.ok) return [id, read];
    const { found, unread } = read.value;
    if (unread.has(id)) return [id, { ok: false, error: unread.get(id) }];
    return [id, await resultOf(project(store, projection, rows, id, own, found.get(id)))];
  });
  return new Map(await Promise.all(steps));
}

/** A scheduler's current state out of its events, and how many there were. */
export async function foldStream(
  store: Store,
  schedulerId: string,
  options: FoldOptions = {},
): Promise<[CurrentState, number]> {
  const { state, events } = await foldEvents(store, currentStateProjection, schedulerId, options);
  return [state, events];
}
