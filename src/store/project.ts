import { covers, fold, join, version, type CurrentState } from '../../projections/current-state.ts';
import { carry } from '../../projections/retention.ts';
import type { RecordedEvent } from '../events/event.ts';
import { ContendedRowError, NewerRowError } from '../errors.ts';
import { pause } from '../clock.ts';
import { readStream } from './event-store.ts';
import { readRow, swapRow, type StoredRow } from './scheduler-rows.ts';
import type { Store } from './store.ts';

const maxAttempts = 12;

/**
 * Joins events that are already appended into their scheduler's row, with compare-and-swap.
 * @param stored the row as it was read, consistently, after those events were appended
 * @returns the state afterwards
 * @throws NewerRowError when a newer version of the projection owns the row; ContendedRowError when the swap
 *   lost every time
 */
export async function project(
  store: Store,
  schedulerId: string,
  events: readonly RecordedEvent[],
  stored: StoredRow | undefined,
): Promise<CurrentState> {
  const change = fold(schedulerId, events);
  let row = stored;
  for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
    if (row === undefined) {
      if (await swapRow(store, change, undefined)) return change;
    } else {
      if (row.version > version) throw new NewerRowError(schedulerId, row.version);
      if (row.version < version || row.state === undefined) return await rebuild(store, schedulerId);
      if (covers(row.state, change)) return row.state;
      const next = join(row.state, change);
      if (await swapRow(store, next, row.rev)) return next;
    }
    await pause(jitter(attempt));
    row = await readRow(store, schedulerId);
  }
  throw new ContendedRowError(schedulerId, maxAttempts);
}

/**
 * Makes a row anew from its stream, while consumers write. The stream is read again after the swap: a consumer
 * may have judged its event void against the very row that was just replaced. What it tells is compared, not its
 * length: one event may come while another expires.
 */
export async function rebuild(store: Store, schedulerId: string): Promise<CurrentState> {
  for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
    const row = await readRow(store, schedulerId);
    if (row !== undefined && row.version > version) throw new NewerRowError(schedulerId, row.version);
    const [folded] = await foldStream(store, schedulerId);
    const { clock, retention } = store;
    const next = row?.state === undefined ? folded : carry(folded, row.state, clock.now(), retention);
    if (await swapRow(store, next, row?.rev)) {
      const [again] = await foldStream(store, schedulerId);
      if (covers(next, again)) return next;
    }
    await pause(jitter(attempt));
  }
  throw new ContendedRowError(schedulerId, maxAttempts);
}

/** A scheduler's state out of its events up to `until` (UTC, inclusive), and how many there were. */
export async function foldStream(
  store: Store,
  schedulerId: string,
  until?: string,
): Promise<[CurrentState, number]> {
  let state = fold(schedulerId, []);
  let length = 0;
  for await (const recorded of readStream(store, schedulerId, until)) {
    state = join(state, fold(schedulerId, [recorded]));
    length += 1;
  }
  return [state, length];
}

function jitter(attempt: number): number {
  return Math.random() * Math.min(200, 5 * 2 ** attempt);
}
