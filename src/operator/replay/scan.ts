import type { CurrentState } from '../../../projections/current-state.ts';
import { join, fromEvent, emptyRow } from '../../../projections/current-state.ts';
import type { RecordedEvent } from '../../events/event.ts';
import { hasCountingEvents, scanEvents } from '../../store/events/event-store.ts';
import type { Expectation, StoredProjection } from '../../store/projections/registry.ts';
import { readRow } from '../../store/projections/scheduler-rows.ts';
import { resultOf } from '../../store/result.ts';
import type { Store } from '../../store/store.ts';
import { inParallel } from '../../in-parallel.ts';

export type ScanOptions = {
  readonly projections: readonly StoredProjection[];
  /** Only schedulers of this service. */
  readonly service?: string | undefined;
  /** How many segments the events are read in, and which of them an earlier run has finished. */
  readonly segments: number;
  readonly finished: ReadonlySet<number>;
  readonly signal: AbortSignal;
};

/** What a scan reports as it goes on, with the segment of the events that it came from. What it hands over is awaited. */
export type ScanHooks = {
  readonly read: () => void;
  /** A scheduler was met, with so many events, and so many rows that are as these tell. */
  readonly met: (segment: Part, events: number, rows: number) => void;
  /** Rows of a projection that differ, or changed meanwhile: to be looked at for themselves. */
  readonly mismatch: (segment: Part, schedulerId: string, projection: StoredProjection) => Promise<void>;
  readonly finish: (segment: Part) => Promise<void>;
};
/** A segment by its number; the rest are rows of schedulers that no event was met of. */
export type Part = number | 'rest';

/** Segments, and mismatches of each, that are worked on at a time. */
const segmentsAtOnce = 4;
const mismatchesAtOnce = 8;
/** The parallel scan of a projection's rows. */
const rowSegments = 4;

type Found = { digest: bigint; rows: number };
type Rows = { readonly projection: StoredProjection; readonly found: Map<string, Found> };

/**
 * Reads every event once, in a parallel scan, and finds the schedulers whose rows are not what their events tell.
 * It holds a digest per scheduler, whatever the number of events. Rows that consumers write meanwhile come out as
 * mismatches too: the scan decides nothing, it only saves looking at every scheduler for itself.
 */
export async function scanForMismatches(
  store: Store,
  { projections, service, segments, finished, signal }: ScanOptions,
  hooks: ScanHooks,
): Promise<void> {
  const isStopped = (): boolean => signal.aborted;
  const all: Rows[] = [];
  for (const projection of projections) all.push({ projection, found: await digestsOf(store, projection) });

  const left = Array.from({ length: segments }, (_, n) => n).filter((n) => !finished.has(n));
  await inParallel(left, segmentsAtOnce, async (segment) => {
    if (isStopped()) return;
    const schedulers = new Map<string, EventTally>();
    for await (const { schedulerId: id, recorded } of scanEvents(store, { segment, of: segments })) {
      if (isStopped()) return;
      let tally = schedulers.get(id);
      if (tally === undefined) schedulers.set(id, (tally = eventTally(store, id, projections, service)));
      tally.add(recorded);
      hooks.read();
    }
    await inParallel(schedulers, mismatchesAtOnce, async ([id, tally]) => {
      if (isStopped()) return;
      const isWanted = tally.isOf(service);
      let rows = 0;
      const mismatches: StoredProjection[] = [];
      for (const [n, { projection, found }] of all.entries()) {
        const live = found.get(id);
        found.delete(id);
        const isAsExpected = tally.isWhole() && (live?.digest ?? 0n) === tally.expectations[n]?.digest();
        if (isAsExpected) rows += live?.rows ?? 0;
        else if (isWanted) mismatches.push(projection);
      }
      if (isWanted) hooks.met(segment, tally.events(), rows);
      for (const projection of mismatches) await hooks.mismatch(segment, id, projection);
    });
    if (!isStopped()) await hooks.finish(segment);
  });

  // What is left has no events, or came later, or belongs to a segment that an earlier run has finished.
  const isRest = async (id: string): Promise<boolean> => {
    if (finished.size > 0) {
      const known = await resultOf(hasCountingEvents(store, id));
      if (known.ok && known.value) return false;
    }
    // Without events only its row can tell whose it is.
    return service === undefined || serviceOf((await readRow(store, id))?.state) === service;
  };
  for (const { projection, found } of all) {
    await inParallel(found.keys(), mismatchesAtOnce, async (id) => {
      if (!isStopped() && (await isRest(id))) await hooks.mismatch('rest', id, projection);
    });
  }
  if (!isStopped()) await hooks.finish('rest');
}

/** The ids of schedulers that have rows of an older version of the projection. */
export async function outdatedIn(store: Store, projection: StoredProjection): Promise<Set<string>> {
  const ids = new Set<string>();
  await scanAll(store, projection, ({ schedulerId, version }) => {
    if (version < projection.version) ids.add(schedulerId);
  });
  return ids;
}

async function digestsOf(store: Store, projection: StoredProjection): Promise<Map<string, Found>> {
  const found = new Map<string, Found>();
  await scanAll(store, projection, ({ schedulerId, digest }) => {
    const before = found.get(schedulerId);
    if (before === undefined) found.set(schedulerId, { digest, rows: 1 });
    else {
      before.digest += digest;
      before.rows += 1;
    }
  });
  return found;
}

async function scanAll(
  store: Store,
  projection: StoredProjection,
  each: (row: { schedulerId: string; version: number; digest: bigint }) => void,
): Promise<void> {
  await inParallel(Array(rowSegments).keys(), rowSegments, async (segment) => {
    for await (const row of projection.scanDigests(store, { segment, of: rowSegments })) each(row);
  });
}

/** What the events of one scheduler tell, so far. */
type EventTally = {
  /** Undefined: an event that cannot be read. */
  readonly add: (recorded: RecordedEvent | undefined) => void;
  /** Whether all of them could be read. */
  readonly isWhole: () => boolean;
  readonly expectations: readonly Expectation[];
  readonly events: () => number;
  readonly isOf: (service: string | undefined) => boolean;
};

function eventTally(
  store: Store,
  id: string,
  projections: readonly StoredProjection[],
  service: string | undefined,
): EventTally {
  const expectations = projections.map((projection) => projection.expectation(store, id));
  let events = 0;
  let isWhole = true;
  let state: CurrentState | undefined = service === undefined ? undefined : emptyRow(id);
  return {
    add: (recorded) => {
      events += 1;
      if (recorded === undefined) {
        isWhole = false;
        return;
      }
      for (const expectation of expectations) expectation.add(recorded);
      if (state !== undefined) state = join(state, fromEvent(recorded));
    },
    isWhole: () => isWhole,
    expectations,
    events: () => events,
    isOf: (name) => name === undefined || serviceOf(state) === name,
  };
}

/** As everywhere: what was registered, else what the latest status says. */
function serviceOf(state: CurrentState | undefined): string | undefined {
  return state?.registration?.service_name ?? state?.status?.service_name;
}
