import { membership, type CurrentState } from '../../../projections/current-state.ts';
import { msOf } from '../../events/time.ts';
import type { FoldOptions } from './rebuild-state.ts';
import { foldStream } from './project.ts';
import type { Store } from '../store.ts';

/** Whether an instant (UTC) lies before the retention of statuses, so that nothing true can be said of it. */
export function isForgotten({ clock, retention }: Store, asOf: string): boolean {
  return msOf(asOf) <= clock.now() - retention.eventMs;
}

/**
 * A scheduler as it stood at an instant (UTC) by its events up to it, late arrivals included. Before the retention
 * of heartbeats the last sign of life comes from statuses alone.
 * @returns undefined when nothing was known of it then, or it was removed
 */
export async function stateAsOf(
  store: Store,
  schedulerId: string,
  asOf: string,
  options: Pick<FoldOptions, 'onEvent'> = {},
): Promise<CurrentState | undefined> {
  const [state, length] = await foldStream(store, schedulerId, { ...options, until: asOf });
  return length === 0 || membership(state) === 'removed' ? undefined : state;
}
