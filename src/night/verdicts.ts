import { z } from 'zod';
import type { Expectation } from '../events/expectation.ts';
import type { Gap } from './coverage.ts';
import { slotOf, type JobRun } from './job-runs.ts';
import { reachMs, type Slot } from './slots.ts';

/** What became of a slot; exactly one at any time. */
export const verdicts = [
  'completed',
  'running',
  'waiting',
  'late',
  'missed',
  'overdue',
  'failed',
  'excused',
  'unknown',
] as const;
export type Verdict = (typeof verdicts)[number];
export type Flag = 'began_late' | 'ended_late' | 'too_short' | 'too_long' | 'unmet';

/** A time in which a job is expected to fail or not to run. ms UTC, Ronda's time. */
export type Maintenance = {
  /** Of the event that planned it. */
  readonly id: string;
  readonly plannedAt: number;
  readonly from: number;
  /** When it ends, or was ended. */
  readonly until: number;
  readonly reason: string;
};

/** What is judged of one scheduler. */
export type Subject = {
  readonly scheduler_id: string;
  /** Oldest first: those that are asked for, and those around them that runs may belong to. */
  readonly slots: readonly Slot[];
  readonly runs: readonly JobRun[];
  readonly maintenances: readonly Maintenance[];
  /** When it was removed, if it is. */
  readonly removedAt: number | null;
  /** When the last of its reports was accepted: until all before it is heard, an end may lack its beginning. */
  readonly updatedAt: number;
};

/** By what is judged. ms UTC, Ronda's time. */
export type Judge = {
  readonly now: number;
  /** Up to when everything that was sent has surely been read; null: nobody knows. */
  readonly judgedAt: number | null;
  /** Schedulers with events that are received but not applied yet, and since when: none is judged past that. */
  readonly unapplied: ReadonlyMap<string, string>;
  /** Times without coverage, oldest first: they are added to every deadline. */
  readonly gaps: readonly Gap[];
};

export type Judgement = {
  readonly slot: Slot;
  readonly verdict: Verdict;
  /** The verdict as far as has been heard: never `unknown`. */
  readonly heard: Verdict;
  readonly flags: readonly Flag[];
  /** Whether the flags tell of its last completed run: until all of that is heard, they do not. */
  readonly resultHeard: boolean;
  /** Until when its run may begin in time, and is to end, with all that puts deadlines off. */
  readonly startBy: number;
  readonly finishBy: number | null;
  /** The upstreams that it waits for. */
  readonly waitingFor: readonly string[];
  readonly excuse: string | null;
  /** The run that decides it. */
  readonly run: JobRun | null;
  /** When its first run began. */
  readonly beganAt: number | null;
  readonly decidingEvents: readonly string[];
};

/** Verdicts of slots, and the runs that belong to none. */
export type Verdicts = {
  readonly of: (scheduler_id: string) => readonly Judgement[];
  /** All runs that were given, those that belong to no slot included. */
  readonly runsOf: (scheduler_id: string) => readonly JobRun[];
  /** The slot of a run; undefined: none. */
  readonly slotOf: (scheduler_id: string, run: JobRun) => Slot | undefined;
  /** Upstreams that are ignored, since they wait for one another. */
  readonly circles: (scheduler_id: string) => readonly string[];
};

/**
 * The verdict of each slot, computed from what is known and never stored: events in any order come to the same, and
 * nothing is judged past what has been heard. Pure; nothing is computed before it is asked for.
 */
export function verdictsOf(subjects: Iterable<Subject>, judge: Judge): Verdicts {
  const all = new Map([...subjects].map((subject) => [subject.scheduler_id, subject]));
  const attributed = new Map<string, Map<Slot, JobRun[]>>();
  const known = new Map<Slot, Judgement>();

  const runsBySlot = (subject: Subject): Map<Slot, JobRun[]> => {
    const before = attributed.get(subject.scheduler_id);
    if (before !== undefined) return before;
    const bySlot = new Map<Slot, JobRun[]>();
    for (const run of subject.runs) {
      const slot = slotOf(run, subject.slots);
      if (slot !== undefined) bySlot.set(slot, [...(bySlot.get(slot) ?? []), run]);
    }
    attributed.set(subject.scheduler_id, bySlot);
    return bySlot;
  };

  /** What a slot waits for, its circles cut: whoever waits for it is no upstream of it. */
  const upstreamsOf = ({ scheduler_id, expectation, at }: Slot): string[] =>
    (expectation.depends_on ?? []).filter((id) => !isUpstream(all, scheduler_id, id, at));

  const judged = (subject: Subject, slot: Slot): Judgement => {
    const before = known.get(slot);
    if (before !== undefined) return before;
    const judgement = judgementOf(subject, slot, runsBySlot(subject).get(slot) ?? [], judge, () =>
      upstreamsOf(slot).map((id) => ({ id, judgement: upstreamOf(id, slot) })),
    );
    known.set(slot, judgement);
    return judgement;
  };

  /** The slot of an upstream that counts for a slot: of the same date the last one by then that is not excused. */
  const upstreamOf = (id: string, { date, at }: Slot): Judgement | undefined => {
    const upstream = all.get(id);
    return upstream?.slots
      .filter((one) => one.date === date && one.at <= at)
      .toReversed()
      .map((one) => judged(upstream, one))
      .find(({ verdict }) => verdict !== 'excused');
  };

  return {
    of: (id) => {
      const subject = all.get(id);
      return subject === undefined ? [] : subject.slots.map((slot) => judged(subject, slot));
    },
    runsOf: (id) => all.get(id)?.runs ?? [],
    slotOf: (id, run) => {
      const subject = all.get(id);
      return subject === undefined ? undefined : slotOf(run, subject.slots);
    },
    circles: (id) => {
      const slot = all.get(id)?.slots.at(-1);
      const kept = slot === undefined ? [] : upstreamsOf(slot);
      return (slot?.expectation.depends_on ?? []).filter((one) => !kept.includes(one));
    },
  };
}

/** Whether a scheduler waits, at an instant, directly or not for another. */
function isUpstream(all: ReadonlyMap<string, Subject>, wanted: string, from: string, at: number): boolean {
  const seen = new Set<string>();
  const open = [from];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (id === wanted) return true;
    if (seen.has(id)) continue;
    seen.add(id);
    open.push(...(expectationAt(all.get(id), at)?.depends_on ?? []));
  }
  return false;
}

function expectationAt(subject: Subject | undefined, at: number): Expectation | undefined {
  return subject?.slots.findLast((slot) => slot.at <= at)?.expectation;
}

type Upstream = { readonly id: string; readonly judgement: Judgement | undefined };

function judgementOf(
  subject: Subject,
  slot: Slot,
  runs: readonly JobRun[],
  judge: Judge,
  upstreams: () => readonly Upstream[],
): Judgement {
  const { now } = judge;
  const unapplied = judge.unapplied.get(slot.scheduler_id);
  const heard = Math.min(
    judge.judgedAt ?? -Infinity,
    unapplied === undefined ? Infinity : Date.parse(unapplied),
  );
  const putOff = (deadline: number, since = slot.at): number =>
    extended(deadline, since, slot.at, subject.maintenances, judge.gaps);
  const waited = upstreams();
  const unmet = waited.filter(
    ({ judgement }) => judgement !== undefined && judgement.verdict !== 'completed',
  );
  const met = waited.flatMap(({ judgement }) => judgement?.run ?? []);
  const readyAt = Math.max(slot.at, ...met.map(({ endedAt }) => endedAt ?? 0));
  const startBy = putOff(readyAt + slot.startBy - slot.at, readyAt);
  const finishBy = slot.finishBy === null ? null : putOff(slot.finishBy);
  const missedAt = Math.max(putOff(slot.missedAt), startBy);
  const last = runs.at(-1);
  const base = {
    slot,
    ...{ startBy, finishBy },
    flags: [],
    resultHeard: true,
    waitingFor: [],
    excuse: null,
    run: last ?? null,
    beganAt: runs[0]?.startedAt ?? null,
    decidingEvents: [...slot.ruleIds, ...runs.flatMap(({ eventIds }) => eventIds)],
  } satisfies Partial<Judgement>;
  /** The verdict by what has been heard; where the clock says another one, nobody knows. */
  const by = (verdictAt: (at: number) => Verdict): Pick<Judgement, 'verdict' | 'heard'> => {
    const byClock = verdictAt(now);
    const known = verdictAt(Math.min(heard, now));
    return { verdict: known === byClock ? byClock : 'unknown', heard: known };
  };

  if (last !== undefined) {
    const isLate = unmet.length === 0 && (base.beganAt ?? 0) > startBy;
    const { status } = last;
    const judged =
      status === 'running'
        ? by((at) => (finishBy !== null && at >= finishBy ? 'overdue' : 'running'))
        : { verdict: status, heard: status };
    const flags: Flag[] = [
      ...(isLate ? (['began_late'] as const) : []),
      ...(finishBy !== null && last.endedAt !== null && last.endedAt > finishBy
        ? (['ended_late'] as const)
        : []),
      ...resultFlags(slot.expectation, runs, Math.min(heard, now), subject.updatedAt),
    ];
    const completed = runs.findLast((run) => run.status === 'completed');
    const resultHeard =
      completed === undefined || isHeard(completed, Math.min(heard, now), subject.updatedAt);
    return { ...base, ...judged, flags, resultHeard };
  }
  const excuse = excuseOf(subject, slot, missedAt);
  if (excuse !== undefined)
    return {
      ...base,
      ...{ verdict: 'excused', heard: 'excused' },
      excuse: excuse.text,
      decidingEvents: [...base.decidingEvents, ...(excuse.id === undefined ? [] : [excuse.id])],
    };
  const decidingEvents = [...base.decidingEvents, ...met.flatMap(({ eventIds }) => eventIds)];
  if (unmet.length > 0) {
    const longAgo = putOff(slot.at + reachMs);
    const judged = by((at) => (at >= longAgo ? 'missed' : 'waiting'));
    return { ...base, ...judged, waitingFor: unmet.map(({ id }) => id) };
  }
  const judged = by((at) => (at >= missedAt ? 'missed' : at >= startBy ? 'late' : 'waiting'));
  return { ...base, ...judged, decidingEvents };
}

/** A deadline with the time without coverage since an instant added; one inside a maintenance moves to its end. */
function extended(
  deadline: number,
  since: number,
  at: number,
  maintenances: readonly Maintenance[],
  gaps: readonly Gap[],
): number {
  let end = deadline;
  for (const { from, to } of gaps) {
    if (to > since && from < end) end += to - Math.max(from, since);
  }
  for (const one of inForce(maintenances, at)) if (one.from <= end && end < one.until) end = one.until;
  return end;
}

/** Maintenance that is planned after a slot's instant does not concern it. */
function inForce(maintenances: readonly Maintenance[], at: number): Maintenance[] {
  return maintenances
    .filter(({ plannedAt }) => plannedAt <= at)
    .sort((a, b) => a.from - b.from || a.until - b.until);
}

type Excuse = { readonly text: string; readonly id?: string };

/** Why a slot that nothing began in is excused. */
function excuseOf({ maintenances, removedAt }: Subject, slot: Slot, missedAt: number): Excuse | undefined {
  const { at, holiday, takenAwayAt } = slot;
  if (holiday !== null) return { text: holiday };
  const during = inForce(maintenances, at).find(({ from, until }) => from <= at && at < until);
  if (during !== undefined) return { text: `maintenance: ${during.reason}`, id: during.id };
  // What is taken away later does not unsay that it was missed.
  if (takenAwayAt !== null && takenAwayAt < missedAt) return { text: 'its expectation was taken away' };
  if (removedAt !== null && removedAt >= at && removedAt < missedAt) return { text: 'it was removed' };
  return undefined;
}

/** No report may lie further ahead of its acceptance than this. */
const clocksDifferMs = 300_000;

/** What is to be said of the last completed run, and of one that goes on for too long. Pure. */
export function resultFlags(
  expectation: Expectation,
  runs: readonly JobRun[],
  heard: number,
  updatedAt: number,
): Flag[] {
  const { min_duration_ms: least = 0, max_duration_ms: most = Infinity } = expectation;
  const completed = runs.findLast((run) => run.status === 'completed' && isHeard(run, heard, updatedAt));
  const last = runs.at(-1);
  const goesOn = last?.status === 'running' && !last.abandoned && heard > last.startedAt + most;
  const flags: Flag[] = [];
  if (completed?.duration != null && completed.duration < least) flags.push('too_short');
  if (goesOn || (completed?.duration != null && completed.duration > most)) flags.push('too_long');
  if (completed !== undefined && unmetOf(expectation, completed.metadata).length > 0) flags.push('unmet');
  return flags;
}

/** Whether all that was reported of a run that ended has been heard, its beginning too. */
function isHeard({ endedAt }: JobRun, heard: number, updatedAt: number): boolean {
  return heard >= updatedAt || (endedAt !== null && heard >= endedAt + clocksDifferMs);
}

/** The assertions on its result that a completed run does not meet, each as a sentence. Pure. */
export function unmetOf({ results = [] }: Expectation, metadata: string | null): string[] {
  const data: unknown = JSON.parse(metadata ?? '{}');
  return results.flatMap(({ path, at_least, at_most, equals }): string[] => {
    const value = valueAt(data, path.split('.'));
    const text = value === undefined ? 'is not there' : `is ${JSON.stringify(value)}`;
    if (equals !== undefined && value !== equals) return [`${path} ${text}, not ${JSON.stringify(equals)}`];
    if (at_least !== undefined && !(typeof value === 'number' && value >= at_least))
      return [`${path} ${text}, not at least ${at_least}`];
    if (at_most !== undefined && !(typeof value === 'number' && value <= at_most))
      return [`${path} ${text}, not at most ${at_most}`];
    return [];
  });
}

const object = z.record(z.string(), z.unknown());

function valueAt(data: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, name) => {
    const { data: members } = object.safeParse(value);
    return members !== undefined && Object.hasOwn(members, name) ? members[name] : undefined;
  }, data);
}
