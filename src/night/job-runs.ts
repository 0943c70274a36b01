import type { HistoryEntry } from '../../projections/history.ts';
import { compareStatuses } from '../events/order.ts';
import { msOf } from '../events/time.ts';
import { reachMs, type Slot } from './slots.ts';

/** One run of a job, out of its history. Instants are ms UTC, durations ms. */
export type JobRun = {
  readonly run_id: string | null;
  /** The day that it is for, as its statuses say; null: they do not. */
  readonly businessDate: string | null;
  readonly startedAt: number;
  readonly endedAt: number | null;
  /** As the service says, else between beginning and end. */
  readonly duration: number | null;
  readonly status: 'running' | 'completed' | 'failed';
  readonly error: string | null;
  /** Of its end, JSON's text. */
  readonly metadata: string | null;
  /** Begun anew, or put back, before it ended: nothing is known of its end. */
  readonly abandoned: boolean;
  /** Its events, in order. */
  readonly eventIds: readonly string[];
};

type Open = { -readonly [K in keyof JobRun]: JobRun[K] } & { lastAt: number };

/**
 * The runs of a job, in the order in which they began. Pure, and the same whatever the order of the entries.
 *
 * What has one `run_id` is one run, and such runs may overlap; one that begins 12 h after its last status is a new
 * one. Without ids a run lies between a beginning and its end. An end that no open run precedes began
 * `execution_time_ms` earlier, if that is neither before the previous end nor 12 h back, else it is its own beginning.
 * An end without an id ends the run that began last, of those that are not of another day. `pending` takes back a run without an id that began within 12 h.
 *
 * A run that began again without having ended stays a run, abandoned: what is known of its slot is not unsaid.
 */
export function jobRunsOf(entries: readonly HistoryEntry[]): JobRun[] {
  const sorted = [...new Map(entries.map((one) => [`${one.timestamp}#${one.id}`, one])).values()].sort(
    compareEntries,
  );
  const runs = new Set<Open>();
  const byId = new Map<string, Open>();
  const open: Open[] = [];
  let lastEnd = -Infinity;
  const close = (run: Open): void => {
    const index = open.indexOf(run);
    if (index !== -1) open.splice(index, 1);
  };
  for (const entry of sorted) {
    const at = msOf(entry.timestamp);
    const own = entry.run_id === null ? undefined : continued(byId.get(entry.run_id), entry.status, at);
    if (entry.status === 'pending') {
      const pending = entry.run_id === null ? open.findLast(({ run_id }) => run_id === null) : own;
      if (pending === undefined) continue;
      close(pending);
      if (at - pending.startedAt < reachMs) runs.delete(pending);
      else pending.abandoned = true;
      if (pending.run_id !== null) byId.delete(pending.run_id);
      continue;
    }
    if (entry.status === 'running') {
      if (own !== undefined) {
        resume(own, entry, at);
        if (!open.includes(own)) open.push(own);
        continue;
      }
      const before = entry.run_id === null ? open.findLast(({ run_id }) => run_id === null) : undefined;
      if (before !== undefined) {
        before.abandoned = true;
        close(before);
      }
      const run = begun(entry, at, at);
      runs.add(run);
      open.push(run);
      if (entry.run_id !== null) byId.set(entry.run_id, run);
      continue;
    }
    const ended =
      own ??
      (entry.run_id === null ? open.findLast((run) => isOfOneDay(run, entry)) : undefined) ??
      begun(entry, beginningOf(entry, at, lastEnd), at);
    end(ended, entry, at);
    runs.add(ended);
    close(ended);
    if (ended.run_id !== null) byId.set(ended.run_id, ended);
    lastEnd = Math.max(lastEnd, at);
  }
  return [...runs].map(({ lastAt, ...run }) => run).sort((a, b) => a.startedAt - b.startedAt);
}

/** A run of an id that goes on; 12 h after its last status it is another one. */
function continued(run: Open | undefined, status: HistoryEntry['status'], at: number): Open | undefined {
  const isNew =
    run === undefined || (at - run.lastAt >= reachMs && (status === 'running' || run.endedAt !== null));
  return isNew ? undefined : run;
}

/** What names another day is of another run. */
function isOfOneDay({ businessDate }: Open, { business_date }: HistoryEntry): boolean {
  return businessDate === null || business_date === null || businessDate === business_date;
}

function begun(entry: HistoryEntry, startedAt: number, at: number): Open {
  return {
    run_id: entry.run_id,
    businessDate: entry.business_date,
    startedAt,
    endedAt: null,
    duration: null,
    status: 'running',
    error: null,
    metadata: null,
    abandoned: false,
    eventIds: [entry.id],
    lastAt: at,
  };
}

/** The same run said again that it runs: a try after a failure is one run. */
function resume(run: Open, { id, business_date }: HistoryEntry, at: number): void {
  Object.assign(run, {
    endedAt: null,
    duration: null,
    status: 'running',
    error: null,
    metadata: null,
    lastAt: at,
  });
  run.businessDate ??= business_date;
  run.eventIds = [...run.eventIds, id];
}

function end(run: Open, entry: HistoryEntry, at: number): void {
  const { status, execution_time_ms, error_message, metadata, business_date, id } = entry;
  if (status !== 'completed' && status !== 'failed') return;
  run.endedAt = at;
  run.lastAt = at;
  run.status = status;
  run.duration = execution_time_ms ?? at - run.startedAt;
  run.error = status === 'failed' ? error_message : null;
  run.metadata = metadata;
  run.businessDate ??= business_date;
  run.eventIds = [...new Set([...run.eventIds, id])];
}

function beginningOf({ execution_time_ms }: HistoryEntry, at: number, lastEnd: number): number {
  const began = at - (execution_time_ms ?? 0);
  return began < lastEnd || began <= at - reachMs ? at : began;
}

function compareEntries(a: HistoryEntry, b: HistoryEntry): number {
  return compareStatuses({ ...a, at: a.timestamp }, { ...b, at: b.timestamp });
}

/** A run that begins so short a time before a slot is that slot's. */
const earlyMs = 30 * 60_000;

/**
 * The slot that a run belongs to: the one that its business date names (of several the nearest), else the next one if it
 * begins at most 30 minutes (at most half the gap) before it, else the one before, up to 12 h back, else none. Pure.
 * @param slots of its job, oldest first, those around the run among them
 */
export function slotOf<S extends Pick<Slot, 'at' | 'businessDate'>>(
  { startedAt, businessDate }: Pick<JobRun, 'startedAt' | 'businessDate'>,
  slots: readonly S[],
): S | undefined {
  if (businessDate !== null) {
    const named = slots.filter((slot) => slot.businessDate === businessDate);
    return named.toSorted((a, b) => Math.abs(a.at - startedAt) - Math.abs(b.at - startedAt))[0];
  }
  const index = slots.findIndex(({ at }) => at > startedAt);
  const next = slots[index];
  const before = index === -1 ? slots.at(-1) : slots[index - 1];
  const gap = next === undefined || before === undefined ? Infinity : next.at - before.at;
  if (next !== undefined && next.at - startedAt <= Math.min(earlyMs, gap / 2)) return next;
  return before !== undefined && startedAt - before.at <= reachMs ? before : undefined;
}
