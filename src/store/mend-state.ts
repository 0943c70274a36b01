import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { carry, covered, type StateProjection } from '../../projections/projection.ts';
import { jitteredMs } from '../backoff.ts';
import { pause } from '../clock.ts';
import { ContendedRowError, NewerRowError } from '../errors.ts';
import { eventKey } from '../events/order.ts';
import { readStream } from './event-store.ts';
import type { Difference, Examination, MendOptions } from './mending.ts';
import { maxAttempts, swapBackoff } from './retries.ts';
import type { StateRows, StoredRow } from './state-rows.ts';
import type { Store } from './store.ts';

/**
 * Compares a row with what its events tell and, if asked, makes it anew, while consumers write: the row is read
 * before the events and swapped only if nobody has written it since. After a swap the events are read once more:
 * a consumer may have judged its event void against the very row that was just replaced.
 * @returns what was found, and the state as it is now; undefined where there is no row
 * @throws NewerRowError when a newer version of the projection owns the row; ContendedRowError when it changed
 *   under every attempt
 */
export async function mendState<Row extends { readonly scheduler_id: string }>(
  store: Store,
  projection: StateProjection<Row>,
  rows: StateRows<Row>,
  schedulerId: string,
  { write, prune = false }: MendOptions,
): Promise<Examination & { readonly state: Row | undefined }> {
  const empty = projection.nothing(schedulerId);
  for (let conflicts = 0; conflicts < maxAttempts; conflicts += 1) {
    const row = await rows.readRow(store, schedulerId);
    if (row !== undefined && row.version > projection.version)
      throw new NewerRowError(schedulerId, row.version);
    const { state: folded, events } = await foldStreamOf(store, projection, schedulerId);
    const { clock, retention } = store;
    const next =
      row?.state === undefined ? folded : carry(projection, folded, row.state, clock.now(), retention);
    const isEmpty = isDeepStrictEqual(next, empty);
    const differences = differencesOf(projection, row, isEmpty ? undefined : next);
    const found = {
      events,
      unchanged: row !== undefined && differences.length === 0 ? 1 : 0,
      changed: 0,
      orphaned: 0,
      pruned: 0,
      carried: fieldsOf(next).filter((name) => !isDeepStrictEqual(cellOf(next, name), cellOf(folded, name))),
      conflicts,
      differences,
    };
    if (differences.length === 0) return { ...found, state: row?.state };
    if (isEmpty) {
      if (!write || !prune) return { ...found, orphaned: 1, state: row?.state };
      if (await rows.removeRow(store, schedulerId, row?.rev)) {
        const again = await foldStreamOf(store, projection, schedulerId);
        if (isDeepStrictEqual(again.state, empty)) return { ...found, pruned: 1, state: undefined };
      }
    } else {
      if (!write) return { ...found, changed: 1, state: row?.state };
      if (await rows.swapRow(store, next, row?.rev)) {
        const again = await foldStreamOf(store, projection, schedulerId);
        if (covered(projection, next, again.state)) return { ...found, changed: 1, state: next };
      }
    }
    await pause(jitteredMs(swapBackoff, conflicts + 1));
  }
  throw new ContendedRowError(schedulerId, maxAttempts);
}

/** A scheduler's state out of its events up to `until` (UTC, inclusive), and how many there were. */
export async function foldStreamOf<Row extends { readonly scheduler_id: string }>(
  store: Store,
  { nothing, lift, join }: StateProjection<Row>,
  schedulerId: string,
  until?: string,
): Promise<{ readonly state: Row; readonly events: number }> {
  let state = nothing(schedulerId);
  let events = 0;
  for await (const recorded of readStream(store, schedulerId, until)) {
    state = join(state, lift(recorded));
    events += 1;
  }
  return { state, events };
}

function differencesOf<Row extends object>(
  { version }: { readonly version: number },
  row: StoredRow<Row> | undefined,
  next: Row | undefined,
): Difference[] {
  if (row === undefined)
    return next === undefined ? [] : [{ ...whole, live: undefined, rebuilt: next, decidedBy: null }];
  if (next === undefined)
    return [{ ...whole, live: row.state ?? unreadable, rebuilt: undefined, decidedBy: null }];
  const differences: Difference[] = [];
  if (row.version !== version)
    differences.push({ row: null, field: 'version', live: row.version, rebuilt: version, decidedBy: null });
  const { state } = row;
  if (state === undefined)
    return [...differences, { ...whole, live: unreadable, rebuilt: next, decidedBy: null }];
  for (const field of fieldsOf(next)) {
    const [live, rebuilt] = [cellOf(state, field), cellOf(next, field)];
    if (isDeepStrictEqual(live, rebuilt)) continue;
    differences.push({
      row: null,
      field,
      live: live ?? undefined,
      rebuilt: rebuilt ?? undefined,
      decidedBy: deciderOf(rebuilt),
    });
  }
  return differences;
}

const whole = { row: null, field: 'row' } as const;
/** In place of a row that was damaged beyond reading. */
const unreadable = 'cannot be read';

function fieldsOf(row: object): string[] {
  return Object.keys(row).filter((name) => name !== 'scheduler_id');
}

function cellOf(row: object, name: string): unknown {
  return Object.getOwnPropertyDescriptor(row, name)?.value;
}

const mark = z.object({ at: z.string(), id: z.string() });

function deciderOf(cell: unknown): string | null {
  const { data } = mark.safeParse(cell);
  return data === undefined ? null : eventKey(data);
}
