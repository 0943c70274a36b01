import type { CurrentState } from '../../projections/current-state.ts';
import { InvalidInputError } from '../errors.ts';
import { readExpectation } from '../events/expectation.ts';
import { circleThrough } from '../night/circles.ts';
import type { ApiKey } from '../store/keys/api-keys.ts';
import { readEach, unreadableRow } from '../store/projections/scheduler-rows.ts';
import type { Store } from '../store/store.ts';
import { requireReadable } from './one-scheduler.ts';

/** So many schedulers are looked at for what one waits for. A circle past that is ignored, as one that races is. */
const maxUpstreams = 5_000;

/**
 * Looks at all that a scheduler is to wait for, directly or not.
 * @param expectation its text
 * @param field what stands before the name of a field
 * @throws HttpError 403 when it waits for another service's than the key's; InvalidInputError, with the path, when it
 *   waits for itself
 */
export async function requireUpstreams(
  store: Store,
  key: ApiKey,
  id: string,
  expectation: string,
  field = '',
): Promise<void> {
  const direct = readExpectation(expectation)?.depends_on ?? [];
  const rows = await readUpstreams(store, direct);
  for (const one of direct) requireReadable(key, rows.get(one));
  const edges = (one: string): readonly string[] => (one === id ? direct : upstreamsOf(rows.get(one)));
  const circle = circleThrough(id, edges);
  if (circle !== undefined)
    throw new InvalidInputError([`${field}depends_on: must not lead back to itself: ${circle.join(' -> ')}`]);
}

/** What a scheduler waits for, by its row. */
export function upstreamsOf(row: CurrentState | undefined): readonly string[] {
  const text = row?.expectation?.value;
  return text == null ? [] : (readExpectation(text)?.depends_on ?? []);
}

/** The rows of some schedulers and of all that they wait for, directly or not. @throws what kept one from being read */
export async function readUpstreams(
  store: Store,
  ids: readonly string[],
): Promise<ReadonlyMap<string, CurrentState>> {
  const rows = new Map<string, CurrentState>();
  const seen = new Set(ids);
  for (let level = [...seen]; level.length > 0 && seen.size <= maxUpstreams;) {
    const { found, unread } = await readEach(store, level);
    for (const error of unread.values()) throw error;
    for (const [id, { state }] of found) {
      if (state === undefined) throw unreadableRow(id);
      rows.set(id, state);
    }
    const next = new Set(level.flatMap((id) => upstreamsOf(rows.get(id))));
    level = [...next].filter((id) => !seen.has(id));
    for (const id of level) seen.add(id);
  }
  return rows;
}
