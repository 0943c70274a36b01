import { pause } from '../../clock.ts';
import type { Kept } from '../../store/kept.ts';
import type { Difference } from '../../store/mending.ts';
import type { Store } from '../../store/store.ts';
import { inParallel } from '../replay/parallel.ts';
import { replay, type ReplayOptions } from '../replay/replay.ts';
import type { Drift } from '../replay/drift.ts';
import type { Tally } from '../replay/tally.ts';

export type VerifyOptions = Pick<
  ReplayOptions,
  'projections' | 'scope' | 'signal' | 'progress' | 'unknown'
> & {
  /** How long a difference must last to be a drift, real ms: within it a consumer applies what it has appended. */
  readonly settleMs: number;
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

const schedulersAtOnce = 8;
/** A row that looks otherwise every time is called a drift in the end. */
const maxLooks = 5;

/**
 * Compares rows with their events and writes nothing. Between an event's append and its row's write the two differ
 * by right: what differs is looked at again after a while, and counts if it still differs in the same way.
 * @throws as `replay`
 */
export async function verify(store: Store, options: VerifyOptions): Promise<Verified> {
  const { signal, settleMs } = options;
  const suspects: { id: string; projection: Kept; lines: ReadonlySet<string> }[] = [];
  const suspect = (id: string, projection: Kept, differences: readonly Difference[]): void => {
    suspects.push({ id, projection, lines: new Set(differences.map(lineOf)) });
  };
  const carried: Verified['carried'][number][] = [];
  const { tally, complete } = await replay(store, {
    ...options,
    write: false,
    prune: false,
    found: (id, projection, { differences, carried: fields }) => {
      for (const field of fields) carried.push({ scheduler_id: id, projection: projection.name, field });
      if (differences.length > 0) suspects.push({ id, projection, lines: new Set(differences.map(lineOf)) });
    },
  });
  const drifts: Drift[] = [];
  for (let look = 1; suspects.length > 0 && !signal.aborted; look += 1) {
    await pause(settleMs, signal);
    const before = suspects.splice(0);
    await inParallel(before, schedulersAtOnce, async ({ id, projection, lines }) => {
      if (signal.aborted) return;
      const { differences } = await projection.mend(store, id, { write: false });
      const news = differences.filter((difference) => !lines.has(lineOf(difference)));
      // What still differs, but otherwise than before, may be under way: it is looked at once more.
      if (news.length > 0 && look < maxLooks) suspect(id, projection, differences);
      else
        for (const difference of differences)
          drifts.push({ ...difference, scheduler_id: id, projection: projection.name });
    });
  }
  return { tally, complete: complete && !signal.aborted, drifts: drifts.sort(inOrder), carried };
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
