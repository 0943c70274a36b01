import { LRUCache } from 'lru-cache';
import { membership } from '../../projections/current-state.ts';
import type { Clock } from '../clock.ts';
import { readEach, unreadableRow } from '../store/projections/scheduler-rows.ts';
import type { Store } from '../store/store.ts';

/** Which schedulers are registered, and for which service. */
export type Directory = {
  readonly find: (ids: readonly string[]) => Promise<Found>;
  readonly add: (id: string, service: string) => void;
  readonly remove: (id: string) => void;
};

export type Found = {
  /** Those that are registered, with their service's name. */
  readonly registered: ReadonlyMap<string, string>;
  /** Those that could not be read, with why: one throttled key, or row of a newer version, fails nobody else. */
  readonly unread: ReadonlyMap<string, unknown>;
};

/** "There" is believed for so long, "not there" never: a status right after its registration must not meet a 404. */
const believedMs = 30_000;
const maxSchedulers = 100_000;

/**
 * A directory that believes for 30 s what it has read, or was told by `add`; `remove` counts in this process
 * alone.
 */
export function createDirectory(store: Store, clock: Clock): Directory {
  const known = new LRUCache<string, string>({
    max: maxSchedulers,
    ttl: believedMs,
    perf: { now: clock.monotonic },
  });
  return {
    find: async (ids) => {
      const registered = new Map<string, string>();
      const unknown = new Set<string>();
      for (const id of ids) {
        const service = known.get(id);
        if (service === undefined) unknown.add(id);
        else registered.set(id, service);
      }
      const { found, unread } = await readEach(store, [...unknown]);
      const unreadable = new Map(unread);
      for (const [id, { state }] of found) {
        if (state === undefined) unreadable.set(id, unreadableRow(id));
        else if (state.registration !== null && membership(state) === 'registered') {
          registered.set(id, state.registration.service_name);
          known.set(id, state.registration.service_name);
        }
      }
      return { registered, unread: unreadable };
    },
    add: (id, service) => {
      known.set(id, service);
    },
    remove: (id) => {
      known.delete(id);
    },
  };
}
