import { pause } from '../../clock.ts';
import type { StoredProjection } from '../../store/projections/registry.ts';
import type { Difference } from '../../store/projections/rebuild.ts';
import type { Store } from '../../store/store.ts';
import { examine, type Skipped } from '../replay/examine.ts';
import { inParallel } from '../../in-parallel.ts';
import { replay, type ReplayOptions } from '../replay/replay.ts';
import type { Drift } from '../replay/drift.ts';
import type { Tally } from '../replay/tally.ts';

export type VerifyOptions = Pick<
  ReplayOptions,
  'projections' | 'scope' | 'signal' | 'progress' | 'skipped' | 'unknown'
> & {
  /** How long a difference must last to be a drift, real ms: within it a consumer applies what it has appended. */
  readonly settleMs: number;
  /**
   * Whether messages are still to be applied, asked each time that `settleMs` have passed: as long as there are,
   * for `longestMs` at most, a difference may be theirs.
   */
  readonly inFlight?: { readonly ask: () => Promise<boolean>; readonly longestMs: number };
};

export type Verified = {
  readonly tally: Tally;
  readonly complete: boolean;
  readonly drifts: readonly Drift[];
  readonly carried: readonly {
    readonly scheduler_id: string;
    readonly projection: string;
    readonly field: string;
  }[];
};

/** Differences of rows, each with the look that found it first; the first of all is 0. */
type Mismatch = {
  readonly id: string;
  readonly projection: StoredProjection;
  readonly since: ReadonlyMap<string, number>;
};

const schedulersAtOnce = 8;
/** A row that looks otherwise every time is left in the end: what it said once, it says no more. */
const maxLooks = 5;

/**
 * Compares rows with their events and writes nothing. Between an event's append and its row's write the two differ
 * by right: what differs is looked at again, and is a drift if every look since found it, the row saying the same.
 * What a look finds anew gets a look more.
 * @throws as `replay`
 */
export async function verify(store: Store, options: VerifyOptions): Promise<Verified> {
  const { signal, settleMs, inFlight } = options;
  let mismatches: Mismatch[] = [];
  const carried: Verified['carried'][number][] = [];
  const { tally, complete } = await replay(store, {
    ...options,
    write: false,
    prune: false,
    found: (id, projection, { differences, carried: fields }) => {
      for (const field of fields) carried.push({ scheduler_id: id, projection: projection.name, field });
      const since = new Map(differences.map((difference) => [lineOf(difference), 0]));
      if (since.size > 0) mismatches.push({ id, projection, since });
    },
  });
  const report = { tally: { ...tally }, skip: (skipped: Skipped) => options.skipped?.(skipped) };
  const drifts: Drift[] = [];
  const began = store.clock.monotonic();
  for (let look = 1; mismatches.length > 0 && !signal.aborted; look += 1) {
    await pause(settleMs, signal);
    const isOver = store.clock.monotonic() - began >= (inFlight?.longestMs ?? 0);
    // Asked ahead of the look: what was applied by then, this look finds applied.
    const isQuiet = isOver || (await inFlight?.ask()) !== true;
    const left: Mismatch[] = [];
    await inParallel(mismatches, schedulersAtOnce, async ({ id, projection, since }) => {
      if (signal.aborted) return;
      const differences = (await examine(store, projection, id, { write: false }, report))?.differences ?? [];
      const seen = new Map(differences.map((one) => [lineOf(one), since.get(lineOf(one)) ?? look]));
      const isNew = [...seen.values()].includes(look) && look < maxLooks;
      if (seen.size > 0 && (!isQuiet || isNew)) left.push({ id, projection, since: seen });
      else
        for (const one of differences)
          if (seen.get(lineOf(one)) !== look)
            drifts.push({ ...one, scheduler_id: id, projection: projection.name });
    });
    mismatches = left;
  }
  return {
    tally: report.tally,
    complete: complete && !signal.aborted,
    drifts: drifts.sort(inOrder),
    carried,
  };
}

/** What must not have changed for a difference to be the same: where it is, and what the row says there. */
function lineOf({ row, field, live }: Difference): string {
  return JSON.stringify([row, field, live]);
}

function inOrder(a: Drift, b: Drift): number {
  const [x, y] = [a, b].map(
    ({ scheduler_id, projection, row }) => `${scheduler_id}\n${projection}\n${row ?? ''}`,
  );
  return (x ?? '') < (y ?? '') ? -1 : 1;
}
