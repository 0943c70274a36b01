import { LRUCache } from 'lru-cache';
import { membership } from '../../projections/current-state.ts';
import type { Clock } from '../clock.ts';
import { readRows } from '../store/scheduler-rows.ts';
import type { Store } from '../store/store.ts';

/** Which schedulers are registered, and for which service. */
export type Directory = {
  /** Those among `ids` that are registered, with their service's name. */
  readonly find: (ids: readonly string[]) => Promise<ReadonlyMap<string, string>>;
  readonly add: (id: string, service: string) => void;
  readonly remove: (id: string) => void;
};

/** "There" is believed for so long, "not there" never: a status right after its registration must not meet a 404. */
const believedMs = 30_000;
const maxSchedulers = 100_000;

export function createDirectory(store: Store, clock: Clock): Directory {
  const known = new LRUCache<string, string>({
    max: maxSchedulers,
    ttl: believedMs,
    perf: { now: clock.real },
  });
  return {
    find: async (ids) => {
      const found = new Map<string, string>();
      const unknown = new Set<string>();
      for (const id of ids) {
        const service = known.get(id);
        if (service === undefined) unknown.add(id);
        else found.set(id, service);
      }
      for (const [id, { state }] of await readRows(store, [...unknown])) {
        if (state?.registration == null || membership(state) !== 'registered') continue;
        found.set(id, state.registration.service_name);
        known.set(id, state.registration.service_name);
      }
      return found;
    },
    add: (id, service) => {
      known.set(id, service);
    },
    remove: (id) => {
      known.delete(id);
    },
  };
}
