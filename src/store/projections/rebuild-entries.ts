import { isDeepStrictEqual } from 'node:util';
import type { EntriesProjection } from '../../../projections/projection.ts';
import { endOfKeys, readBetween, readEvent } from '../events/event-store.ts';
import type { EntryRows, StoredEntry } from './entry-rows.ts';
import { maxDifferences, type Difference, type Examination, type RebuildOptions } from './rebuild.ts';
import type { Store } from '../store.ts';

const maxPuts = 25;

/**
 * Compares a scheduler's entries with what its events tell and, if asked, makes them anew, while consumers write.
 * A page of entries is listed first, then the events of its range are read: an entry of that listing whose event
 * is not there has none, since events are appended before their entries are written. Memory stays flat.
 */
export async function rebuildEntries<Entry extends { readonly scheduler_id: string }>(
  store: Store,
  projection: EntriesProjection<Entry>,
  rows: EntryRows<Entry>,
  schedulerId: string,
  { write, prune = false }: RebuildOptions,
): Promise<Examination> {
  const found = { events: 0, unchanged: 0, changed: 0, orphaned: 0, pruned: 0 };
  const differences: Difference[] = [];
  const differ = (...more: readonly Difference[]): void => {
    differences.push(...more.slice(0, maxDifferences - differences.length));
  };
  const putAll = async (entries: readonly ReadonlyMap<string, Entry>[]): Promise<void> => {
    for (const step of await rows.putEntries(store, entries)) if (!step.ok) throw step.error;
  };
  let puts: ReadonlyMap<string, Entry>[] = [];
  const put = async (): Promise<void> => {
    if (write && puts.length > 0) await putAll(puts);
    puts = [];
  };

  const first = projection.firstKey(store.clock.now(), store.retention);
  let after = first;
  for (;;) {
    const page = await rows.listPage(store, schedulerId, after);
    for await (const recorded of readBetween(store, schedulerId, after, page.last ?? endOfKeys)) {
      found.events += 1;
      for (const [key, entry] of projection.fromEvent(recorded)) {
        const live = page.rows.get(key);
        page.rows.delete(key);
        const wrong = differencesOf(projection, key, live, entry);
        if (wrong.length === 0) found.unchanged += 1;
        else {
          found.changed += 1;
          differ(...wrong);
          if (puts.push(new Map([[key, entry]])) === maxPuts) await put();
        }
      }
    }
    await put();
    for (const [key, { entry }] of page.rows) {
      differ({
        row: key,
        field: 'row',
        live: entry ?? 'cannot be read',
        rebuilt: undefined,
        decidedBy: null,
      });
      if (write && prune) {
        await rows.removeEntry(store, schedulerId, key);
        found.pruned += 1;
        // Its event may have come, and its entry, since the events were read.
        const late = await readEvent(store, schedulerId, key);
        if (late !== undefined) await putAll([projection.fromEvent(late)]);
      } else found.orphaned += 1;
    }
    if (page.last === undefined) return { ...found, carried: [], conflicts: 0, differences };
    after = page.last;
  }
}

function differencesOf<Entry extends object>(
  { version }: { readonly version: number },
  key: string,
  live: StoredEntry<Entry> | undefined,
  rebuilt: Entry,
): Difference[] {
  const at = { row: key, decidedBy: key };
  if (live === undefined) return [{ ...at, field: 'row', live: undefined, rebuilt }];
  const differences: Difference[] = [];
  if (live.version !== version)
    differences.push({ ...at, field: 'version', live: live.version, rebuilt: version });
  if (live.entry === undefined)
    return [...differences, { ...at, field: 'row', live: 'cannot be read', rebuilt }];
  const stored = new Map<string, unknown>(Object.entries(live.entry));
  for (const [field, value] of Object.entries(rebuilt)) {
    const was = stored.get(field);
    if (!isDeepStrictEqual(was, value))
      differences.push({ ...at, field, live: was ?? undefined, rebuilt: value ?? undefined });
  }
  return differences;
}
