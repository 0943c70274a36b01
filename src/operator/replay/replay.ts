import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { dropCheckpoint, keepCheckpoint, readCheckpoint } from '../../store/state/checkpoint.ts';
import type { StoredProjection } from '../../store/projections/registry.ts';
import type { Examination } from '../../store/projections/rebuild.ts';
import type { Store } from '../../store/store.ts';
import { examine, type Skipped } from './examine.ts';
import { inParallel } from '../../in-parallel.ts';
import { outdatedIn, scanForMismatches, type Part } from './scan.ts';
import { addRows, emptyTally, sum, tally, type Tally } from './tally.ts';

/** Which schedulers: those named, those with rows of an older version, or all (of one service). */
export type Scope =
  | { readonly of: 'schedulers'; readonly ids: readonly string[] }
  | { readonly of: 'outdated' }
  | { readonly of: 'all'; readonly service?: string | undefined };

export type ReplayOptions = {
  readonly projections: readonly StoredProjection[];
  readonly scope: Scope;
  readonly write: boolean;
  readonly prune: boolean;
  /** Where an interrupted replay of all stood. */
  readonly resumed?: Checkpoint | undefined;
  readonly signal: AbortSignal;
  /** Called with how many events were read, or schedulers done unless all are: often. */
  readonly progress?: (done: number) => void;
  /** A scheduler's rows that were skipped for a fault of their own. */
  readonly skipped?: (skipped: Skipped) => void;
  /** A scheduler that was asked for, of which there is no event and no row. */
  readonly unknown?: (schedulerId: string) => void;
  /** What was found about every scheduler that was looked at for itself. */
  readonly found?: (schedulerId: string, projection: StoredProjection, found: Examination) => void;
};

export type Replayed = {
  readonly tally: Tally;
  /** False when it was stopped before its end. */
  readonly complete: boolean;
};

const work = 'replay';
const schedulersAtOnce = 8;
/** Segments of a full replay: what is lost, and read again, when it is interrupted is 4 of these. */
const segments = 64;

/** What a full replay remembers after each segment: it is enough to begin it again behind that. */
export const checkpoint = z.object({
  projections: z.array(z.string()),
  service: z.string().optional(),
  prune: z.boolean(),
  segments: z.number(),
  finished: z.array(z.number()),
  tally,
});
export type Checkpoint = z.infer<typeof checkpoint>;

/** Where a full replay stood that was interrupted; undefined if none was, or nobody can tell. */
export async function interruptedReplay(store: Store): Promise<Checkpoint | undefined> {
  const { data } = checkpoint.safeParse(await readCheckpoint(store, work));
  return data;
}

/**
 * Makes rows anew from their events, while consumers write; with `write: false` it only compares. Events are
 * never touched and Slack is never told.
 * @throws what shows that a dependency as a whole is away
 */
export async function replay(store: Store, options: ReplayOptions): Promise<Replayed> {
  const { projections, scope, write, prune, resumed, signal, progress } = options;

  const rebuild = async (to: Tally, id: string, projection: StoredProjection): Promise<number> => {
    const skip = (skipped: Skipped): void => options.skipped?.(skipped);
    const found = await examine(store, projection, id, { write, prune }, { tally: to, skip });
    if (found === undefined) return 0;
    addRows(to, found);
    options.found?.(id, projection, found);
    return found.events;
  };

  if (scope.of !== 'all') {
    const ids = scope.of === 'schedulers' ? new Set(scope.ids) : await outdated(store, projections);
    let total = emptyTally;
    let done = 0;
    await inParallel(ids, schedulersAtOnce, async (id) => {
      if (signal.aborted) return;
      const own = { ...emptyTally };
      for (const projection of projections) {
        own.events = Math.max(own.events, await rebuild(own, id, projection));
      }
      if (isDeepStrictEqual(own, emptyTally)) options.unknown?.(id);
      else total = sum(total, { ...own, schedulers: 1 });
      progress?.((done += 1));
    });
    return { tally: total, complete: !signal.aborted };
  }

  // Counted by segment: what is interrupted is done, and counted, again.
  const parts = new Map<Part, Tally>();
  const part = (of: Part): Tally => {
    const there = parts.get(of) ?? { ...emptyTally };
    parts.set(of, there);
    return there;
  };
  const { service } = scope;
  const begun = resumed ?? { segments, finished: [], tally: emptyTally };
  const finished = new Set(begun.finished);
  let total = begun.tally;
  let read = total.events;
  const remember = async (): Promise<void> => {
    const names = projections.map(({ name }) => name);
    await keepCheckpoint(store, work, {
      ...{ projections: names, service, prune, segments: begun.segments },
      ...{ finished: [...finished], tally: total },
    } satisfies Checkpoint);
  };
  if (write) await remember();
  await scanForMismatches(
    store,
    { projections, service, segments: begun.segments, finished: new Set(finished), signal },
    {
      read: () => {
        read += 1;
        progress?.(read);
      },
      met: (of, events, rows) => {
        const to = part(of);
        to.schedulers += 1;
        to.events += events;
        to.unchanged += rows;
      },
      mismatch: async (of, id, projection) => {
        await rebuild(part(of), id, projection);
      },
      finish: async (of) => {
        total = sum(total, part(of));
        if (of === 'rest' || !write) return;
        finished.add(of);
        await remember();
      },
    },
  );
  if (write && !signal.aborted) await dropCheckpoint(store, work);
  return { tally: total, complete: !signal.aborted };
}

async function outdated(store: Store, projections: readonly StoredProjection[]): Promise<Set<string>> {
  const ids = new Set<string>();
  for (const projection of projections) {
    for (const id of await outdatedIn(store, projection)) ids.add(id);
  }
  return ids;
}
