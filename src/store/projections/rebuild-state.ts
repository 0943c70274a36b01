import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { carry, covered, foldOf, type StateProjection } from '../../../projections/projection.ts';
import { counts } from '../../../projections/retention.ts';
import { jitteredMs } from '../../backoff.ts';
import { pause } from '../../clock.ts';
import { ContendedRowError, NewerRowError } from '../../errors.ts';
import type { RecordedEvent } from '../../events/event.ts';
import { eventKey } from '../../events/order.ts';
import { readEvent, readStream } from '../events/event-store.ts';
import { joinRow } from './join-row.ts';
import type { Difference, Examination, RebuildOptions } from './rebuild.ts';
import { maxAttempts, swapBackoff } from '../retries.ts';
import type { StateRows, StoredRow } from './state-rows.ts';
import type { Store } from '../store.ts';

/**
 * Compares a row with what its events tell and, if asked, makes it anew, while consumers write. The stream is
 * folded once, however busy it is; why that is enough:
 * - A consumer appends its event before it reads the row. So whatever an event behind the row says that came since
 *   the fold, its store has: a cell of the row is believed as far as the event that it names is there, and joined.
 *   The row is swapped only if nobody has written it since it was read: nothing that a consumer wrote gets lost,
 *   and on a conflict only the row is read again, not the stream.
 * - What a consumer did not write can get lost: it found its event void against the very row that is replaced. It
 *   had appended it before the swap, wherever in the stream, for events come late. So after the swap the stream is
 *   read once more, whole, and joined as a consumer joins its events. Whoever reads the row from then on reads the
 *   new one.
 * @returns what was found, and the state as it is now; undefined where there is no row
 * @throws NewerRowError when a newer version of the projection owns the row; ContendedRowError when it changed
 *   under every attempt; UnreadableEventError when its stream cannot be folded
 */
export async function rebuildState<Row extends { readonly scheduler_id: string }>(
  store: Store,
  projection: StateProjection<Row>,
  rows: StateRows<Row>,
  schedulerId: string,
  { write, prune = false }: RebuildOptions,
): Promise<Examination & { readonly state: Row | undefined }> {
  const { clock, retention } = store;
  const empty = projection.emptyRow(schedulerId);
  let { state: folded, events } = await foldEvents(store, projection, schedulerId);
  for (let conflicts = 0; conflicts < maxAttempts; conflicts += 1) {
    if (conflicts > 0) await pause(jitteredMs(swapBackoff, conflicts));
    const row = await rows.readRow(store, schedulerId);
    if (row !== undefined && row.version > projection.version)
      throw new NewerRowError(schedulerId, row.version);
    let next = folded;
    if (row?.state !== undefined) {
      next = carry(projection, folded, row.state, clock.now(), retention);
      const late = await eventsNamedBy(store, row.state, next);
      folded = projection.join(folded, foldOf(projection, schedulerId, late));
      next = projection.join(next, folded);
    }
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
    if (isEmpty && (!write || !prune)) return { ...found, orphaned: 1, state: row?.state };
    if (!write) return { ...found, changed: 1, state: row?.state };

    const swapped = isEmpty
      ? await rows.removeRow(store, schedulerId, row?.rev)
      : await rows.swapRow(store, next, row?.rev);
    if (!swapped) continue;
    ({ state: folded, events } = await foldEvents(store, projection, schedulerId));
    if (covered(projection, next, folded))
      return isEmpty ? { ...found, pruned: 1, state: undefined } : { ...found, changed: 1, state: next };
    const state = await joinRow(store, projection, rows, folded, await rows.readRow(store, schedulerId));
    if (state !== undefined) return { ...found, changed: 1, state };
  }
  throw new ContendedRowError(schedulerId, maxAttempts);
}

/** The events that count and that a row names, but for those that another row names too. */
async function eventsNamedBy(
  store: Store,
  row: { readonly scheduler_id: string },
  known: object,
): Promise<RecordedEvent[]> {
  const { clock, retention } = store;
  const keys = new Set(refsIn(row));
  for (const key of refsIn(known)) keys.delete(key);
  const named: RecordedEvent[] = [];
  for (const key of keys) {
    const recorded = await readEvent(store, row.scheduler_id, key);
    if (recorded !== undefined && counts(recorded.event, clock.now(), retention)) named.push(recorded);
  }
  return named;
}

/** The keys of all events that a row names, at any depth. */
function refsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const key = deciderOf(value);
  return [...(key === null ? [] : [key]), ...Object.values(value).flatMap(refsIn)];
}

export type FoldOptions = {
  /** Up to and including this instant, UTC. */
  readonly until?: string;
  /** Waited for after every event; what it throws ends the reading. */
  readonly onEvent?: (() => Promise<void> | void) | undefined;
};

/** A scheduler's state out of its events, and how many there were. */
export async function foldEvents<Row extends { readonly scheduler_id: string }>(
  store: Store,
  { emptyRow, fromEvent, join }: StateProjection<Row>,
  schedulerId: string,
  { until, onEvent }: FoldOptions = {},
): Promise<{ readonly state: Row; readonly events: number }> {
  let state = emptyRow(schedulerId);
  let events = 0;
  for await (const recorded of readStream(store, schedulerId, until)) {
    state = join(state, fromEvent(recorded));
    events += 1;
    await onEvent?.();
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

const eventRef = z.object({ at: z.string(), id: z.string() });

function deciderOf(cell: unknown): string | null {
  const { data } = eventRef.safeParse(cell);
  return data === undefined ? null : eventKey(data);
}
