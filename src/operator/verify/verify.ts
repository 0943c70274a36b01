import { pause } from '../../clock.ts';
import type { Kept } from '../../store/kept.ts';
import type { Difference } from '../../store/mending.ts';
import type { Store } from '../../store/store.ts';
import { examine, type Skipped } from '../replay/examine.ts';
import { inParallel } from '../replay/parallel.ts';
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

type Suspect = {
  readonly id: string;
  readonly projection: Kept;
  readonly differences: readonly Difference[];
};

const schedulersAtOnce = 8;

/**
 * Compares rows with their events and writes nothing. Between an event's append and its row's write the two differ
 * by right: what differs is looked at again, and is a drift if every look found it, the row saying the same.
 * @throws as `replay`
 */
export async function verify(store: Store, options: VerifyOptions): Promise<Verified> {
  const { signal, settleMs, inFlight } = options;
  let suspects: Suspect[] = [];
  const carried: Verified['carried'][number][] = [];
  const { tally, complete } = await replay(store, {
    ...options,
    write: false,
    prune: false,
    found: (id, projection, { differences, carried: fields }) => {
      for (const field of fields) carried.push({ scheduler_id: id, projection: projection.name, field });
      if (differences.length > 0) suspects.push({ id, projection, differences });
    },
  });
  const report = { tally: { ...tally }, skip: (skipped: Skipped) => options.skipped?.(skipped) };
  const began = store.clock.monotonic();
  for (let isLast = false; !isLast && suspects.length > 0 && !signal.aborted;) {
    await pause(settleMs, signal);
    const longestMs = inFlight?.longestMs ?? settleMs;
    // Asked ahead of the look: what was applied by then, this look finds applied.
    isLast = store.clock.monotonic() - began >= longestMs || (await inFlight?.ask()) !== true;
    const lasting: Suspect[] = [];
    await inParallel(suspects, schedulersAtOnce, async ({ id, projection, differences }) => {
      if (signal.aborted) return;
      const found = await examine(store, projection, id, { write: false }, report);
      const now = new Set(found?.differences.map(lineOf));
      const left = differences.filter((difference) => now.has(lineOf(difference)));
      if (left.length > 0) lasting.push({ id, projection, differences: left });
    });
    suspects = lasting;
  }
  // Of what was not looked at again to the end nothing can be said.
  const drifts = (signal.aborted ? [] : suspects).flatMap(({ id, projection, differences }) =>
    differences.map((difference) => ({ ...difference, scheduler_id: id, projection: projection.name })),
  );
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
