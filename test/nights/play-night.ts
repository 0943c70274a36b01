import { fold, fromEvent, join, type CurrentState } from '../../projections/current-state.ts';
import { fromEvent as entriesOf, type HistoryEntry } from '../../projections/history.ts';
import { fromEvent as rulesOf, rulesIn } from '../../projections/rules.ts';
import { openingsOf, severityOf, slotAlertKey, updatedSlot } from '../../src/alerts/slot-alerts.ts';
import { utc } from '../../src/events/time.ts';
import type { BoardSpec } from '../../src/night/boards.ts';
import type { Slot } from '../../src/night/slots.ts';
import { subjectOf } from '../../src/night/subjects.ts';
import {
  verdictsOf,
  type Flag,
  type Judgement,
  type Subject,
  type Verdicts,
} from '../../src/night/verdicts.ts';
import { alertRow, type SlotRow } from '../../src/store/alerts/alert-rows.ts';
import {
  after,
  expectedNight,
  hour,
  minute,
  type ExpectedNight,
  type TrueJob,
  type TrueRun,
} from './expected-night.ts';

/** Plays a night in virtual time through the code that judges and calls, and compares what it did with the truth. */

export type Score = {
  readonly slots: number;
  readonly alerts: number;
  /** What was wrong, a sentence each. */
  readonly falseAlarms: readonly string[];
  readonly missedAlarms: readonly string[];
  readonly wrongVerdicts: readonly string[];
  /** From when an alarm was due until it was given, ms. */
  readonly waits: readonly number[];
};

const slackMs = 5_000;
/** How often the watch looks. */
const lookMs = 15_000;

export function playNight(seed: number): Score {
  const night = expectedNight(seed);
  const score: Working = {
    slots: 0,
    alerts: 0,
    falseAlarms: [],
    missedAlarms: [],
    wrongVerdicts: [],
    waits: [],
  };
  const spec: BoardSpec = {
    ...night.board,
    name: 'eod',
    channel: 'C0EOD',
    updateMinutes: 60,
    services: null,
  };
  const rules = rulesIn(
    [
      night.calendar,
      ...night.jobs.flatMap((job) => [
        job.registered,
        ...(job.maintenance === null ? [] : [job.maintenance.event]),
      ]),
    ].flatMap((event) => [...rulesOf(event).values()]),
  );
  const states = new Map(night.jobs.map((job) => [job.id, fold(job.id, [job.registered])]));
  const histories = new Map<string, Map<string, HistoryEntry>>(night.jobs.map(({ id }) => [id, new Map()]));
  const rows = new Map<string, SlotRow[]>(night.jobs.map(({ id }) => [id, []]));
  const subjects = new Map<string, Subject>();
  const pending = night.arrivals.toSorted((a, b) => a.applied - b.applied);
  let done = 0;

  for (const now of looksOf(night)) {
    for (let next = pending[done]; next !== undefined && next.applied <= now; next = pending[(done += 1)]) {
      const { scheduler_id } = next.event.event;
      const state = states.get(scheduler_id);
      if (state === undefined) throw new Error('every report is of a job');
      states.set(scheduler_id, join(state, fromEvent(next.event)));
      for (const [key, entry] of entriesOf(next.event)) histories.get(scheduler_id)?.set(key, entry);
      subjects.delete(scheduler_id);
    }
    const judgedAt = watermarkAt(night, now);
    const gaps = night.gaps.filter(({ to }) => to <= now);
    for (const { id, slots } of night.jobs) {
      const state = states.get(id);
      if (state === undefined || subjects.has(id)) continue;
      subjects.set(
        id,
        subjectOf(state, rules, [spec], [...(histories.get(id)?.values() ?? [])], now, () => slots),
      );
    }
    const verdicts = verdictsOf(subjects.values(), { now, judgedAt, unapplied: new Map(), gaps });
    for (const job of night.jobs) {
      const state = states.get(job.id);
      if (state !== undefined) call(night, job, state, verdicts, { now, judgedAt, gaps }, rows, score);
    }
  }
  judge(night, subjects, score);
  score.alerts = [...rows.values()].flat().length;
  return score;
}

/** When somebody looks: whenever something is applied, a deadline passes, or an outage ends, and some time later. */
function looksOf({ jobs, gaps, arrivals, from, until }: ExpectedNight): number[] {
  const deadlines = jobs.flatMap((job) =>
    job.slots.flatMap((slot) =>
      [slot.startBy, slot.finishBy ?? slot.at, slot.missedAt].flatMap((at) => {
        const put = after(at - slot.at, slot.at, gaps, job.maintenance);
        return [at + slackMs, put + slackMs, put + lookMs];
      }),
    ),
  );
  const tooLong = jobs.flatMap(({ expectation: { max_duration_ms: most }, runs }) =>
    most === undefined ? [] : runs.map(({ startedAt }) => startedAt + most + 2 * slackMs),
  );
  const all = [
    ...deadlines,
    ...tooLong,
    ...arrivals.flatMap(({ applied }) => [applied + 1, applied + slackMs + 2]),
    ...gaps.map(({ to }) => to + 2 * slackMs),
    until,
  ];
  return [...new Set(all)]
    .filter((at) => at >= from && at <= until && !gaps.some((gap) => gap.from <= at && at < gap.to))
    .sort((a, b) => a - b);
}

/** Up to when everything that was accepted has been applied. */
function watermarkAt({ arrivals }: ExpectedNight, now: number): number {
  const underway = arrivals.filter(({ accepted, applied }) => accepted <= now && applied > now);
  return Math.min(now, ...underway.map(({ accepted }) => accepted)) - slackMs;
}

type Moment = { readonly now: number; readonly judgedAt: number; readonly gaps: ExpectedNight['gaps'] };
type Working = {
  slots: number;
  alerts: number;
  falseAlarms: string[];
  missedAlarms: string[];
  wrongVerdicts: string[];
  waits: number[];
};

function call(
  night: ExpectedNight,
  job: TrueJob,
  state: CurrentState,
  verdicts: Verdicts,
  moment: Moment,
  rows: Map<string, SlotRow[]>,
  score: Working,
): void {
  const { now } = moment;
  const judgements = verdicts.of(job.id);
  const known = (rows.get(job.id) ?? []).map((row) => updatedSlot(row, judgements, now));
  for (const { kind, judgement, situation } of openingsOf(state, judgements, known, now)) {
    const { slot } = judgement;
    const opened = alertRow.parse({
      ...{ night: `eod/${slot.date}`, alert_key: slotAlertKey(kind, slot), kind, situation, state: 'open' },
      ...{
        scheduler_id: job.id,
        created_at: utc(now),
        slot: utc(slot.at),
        severity: severityOf(slot.expectation),
      },
      transitions: [{ type: 'opened', at: utc(now) }],
    });
    if (opened.kind === 'failure' || opened.kind === 'stale') throw new Error('it is a slot’s');
    known.push(opened);
    const why = contradiction(night, job, slot, opened.kind, moment);
    if (why !== undefined) score.falseAlarms.push(`${opened.alert_key} at ${utc(now)}: ${why}`);
    const due = dueAt(night, job, slot, opened.kind, moment);
    if (due !== undefined && due >= night.from) score.waits.push(now - due);
  }
  rows.set(job.id, known);
  // While something of it is under way nobody can know better.
  if (isUnderway(night, [job.id, ...(job.expectation.depends_on ?? [])], now)) return;
  for (const slot of job.slots) {
    // A run may begin before its slot, and nothing is called before that.
    if (slot.at > now + hour) break;
    for (const kind of ['late', 'overdue', 'too_short', 'too_long', 'unmet'] as const) {
      if (contradiction(night, job, slot, kind, moment) !== undefined || isOld(slot, kind, job, moment))
        continue;
      if (isCovered(known, kind, slot, job, now)) continue;
      score.missedAlarms.push(`${slotAlertKey(kind, slot)} at ${utc(now)}`);
      // Told once.
      known.push(silentRow(kind, slot, now));
    }
  }
}

function silentRow(kind: SlotRow['kind'], slot: Slot, now: number): SlotRow {
  const row = alertRow.parse({
    ...{ night: 'none', alert_key: slotAlertKey(kind, slot), kind, slot: utc(slot.at), state: 'over' },
    ...{ scheduler_id: slot.scheduler_id, created_at: utc(now) },
    situation: {
      latest_slot: slot.at,
      slots: 1,
      due_by: null,
      began_at: null,
      ended_at: null,
      duration: null,
      limit: null,
      unmet: [],
    },
  });
  if (row.kind === 'failure' || row.kind === 'stale') throw new Error('it is a slot’s');
  return row;
}

function isUnderway({ arrivals }: ExpectedNight, ids: readonly string[], now: number): boolean {
  return arrivals.some(
    ({ accepted, applied, event }) =>
      accepted <= now && applied > now && ids.includes(event.event.scheduler_id),
  );
}

/** What ended a day ago calls nobody; what lies before the night began so, too. */
function isOld(slot: Slot, kind: SlotRow['kind'], job: TrueJob, { now }: Moment): boolean {
  if (kind === 'late') return now - slot.missedAt > 23 * hour;
  const last = runsOf(job, slot, now).at(-1);
  return (
    now - Math.max(slot.missedAt, slot.finishBy ?? 0) > 23 * hour ||
    (last?.endedAt != null && now - last.endedAt > 23 * hour)
  );
}

function isCovered(
  known: readonly SlotRow[],
  kind: SlotRow['kind'],
  slot: Slot,
  job: TrueJob,
  now: number,
): boolean {
  if (known.some((row) => row.alert_key === slotAlertKey(kind, slot))) return true;
  const begun = (from: number) =>
    job.slots.some((one) => one.at >= from && one.at < slot.at && runsOf(job, one, now).length > 0);
  return (
    kind === 'late' &&
    known.some((row) => row.kind === 'late' && Date.parse(row.slot) < slot.at && !begun(Date.parse(row.slot)))
  );
}

/** The runs of a slot of which anything is applied by an instant, in the order in which they began. */
function runsOf({ runs }: TrueJob, slot: Slot, now: number): TrueRun[] {
  return runs
    .filter(
      (run) =>
        run.slot?.at === slot.at && (run.begins.applied <= now || (run.ends?.applied ?? Infinity) <= now),
    )
    .sort((a, b) => a.startedAt - b.startedAt);
}

/** Why an alarm would contradict what had been accepted, or is not due; undefined: it is right. */
function contradiction(
  night: ExpectedNight,
  job: TrueJob,
  slot: Slot,
  kind: SlotRow['kind'],
  moment: Moment,
): string | undefined {
  const { now, judgedAt } = moment;
  const known = runsOf(job, slot, now);
  const last = known.at(-1);
  if (kind === 'late') {
    if (
      job.runs.some(
        (run) =>
          run.slot?.at === slot.at &&
          Math.min(run.begins.accepted, run.ends?.accepted ?? Infinity) <= judgedAt,
      )
    )
      return 'it had begun';
    if (known.length > 0) return 'it is known to have begun';
    if (isExcused(job, slot)) return 'it is excused';
    const start = dueAt(night, job, slot, kind, moment);
    return start === undefined ? 'it waits for another' : judgedAt < start ? 'it is not due' : undefined;
  }
  if (kind === 'overdue') {
    const finish = dueAt(night, job, slot, kind, moment);
    if (last === undefined || last.begins.applied > now) return 'it had not begun';
    if (last.ends !== undefined && (last.ends.accepted <= judgedAt || last.ends.applied <= now))
      return 'it had ended';
    return finish === undefined || judgedAt < finish ? 'it is not due' : undefined;
  }
  return flagsOf(job, known, now, judgedAt).includes(kind) ? undefined : 'its runs are well';
}

function isExcused({ maintenance }: TrueJob, slot: Slot): boolean {
  return (
    slot.holiday !== null ||
    (maintenance !== null && maintenance.from <= slot.at && slot.at < maintenance.until)
  );
}

/** When an alarm is due; undefined: it is not, since it waits for another or has no such deadline. */
function dueAt(
  night: ExpectedNight,
  job: TrueJob,
  slot: Slot,
  kind: SlotRow['kind'],
  { now, gaps }: Moment,
): number | undefined {
  if (kind === 'overdue')
    return slot.finishBy === null
      ? undefined
      : after(slot.finishBy - slot.at, slot.at, gaps, job.maintenance);
  if (kind !== 'late') return undefined;
  const ready = readyAt(night, job, slot, now);
  return ready === undefined ? undefined : after(slot.startBy - slot.at, ready, gaps, job.maintenance);
}

/** When all that a slot waits for had completed, by what is applied; undefined: something has not. */
function readyAt(night: ExpectedNight, job: TrueJob, slot: Slot, now: number): number | undefined {
  let ready = slot.at;
  for (const id of job.expectation.depends_on ?? []) {
    const upstream = night.jobs.find((one) => one.id === id);
    const counting = upstream?.slots.findLast(
      (one) =>
        one.date === slot.date &&
        one.at <= slot.at &&
        !(isExcused(upstream, one) && runsOf(upstream, one, now).length === 0),
    );
    if (upstream === undefined || counting === undefined) continue;
    const last = runsOf(upstream, counting, now).at(-1);
    if (last?.status !== 'completed' || last.endedAt === null || (last.ends?.applied ?? Infinity) > now)
      return undefined;
    ready = Math.max(ready, last.endedAt);
  }
  return ready;
}

function flagsOf(job: TrueJob, runs: readonly TrueRun[], now: number, heard: number): Flag[] {
  if (runs.length === 0) return [];
  const { min_duration_ms: least = 0, max_duration_ms: most = Infinity, results } = job.expectation;
  const known = (run: TrueRun) => run.ends !== undefined && run.ends.applied <= now;
  // As long as what was accepted before it may be under way, an end may lack its beginning.
  const reports = job.runs.flatMap(({ begins, ends }) => [begins, ...(ends === undefined ? [] : [ends])]);
  const updated = Math.max(
    0,
    ...reports.flatMap(({ accepted, applied }) => (applied <= now ? [accepted] : [])),
  );
  const isHeard = (run: TrueRun) =>
    known(run) && (heard >= updated || heard >= (run.endedAt ?? now) + 5 * minute);
  // Of an end whose beginning has not come nobody knows how long it took.
  const tookOf = (run: TrueRun) => (run.begins.applied <= now ? run.duration : 0);
  const done = runs.findLast((run) => isHeard(run) && run.status === 'completed');
  const last = runs.at(-1);
  const goesOn =
    last !== undefined &&
    !known(last) &&
    (last.abandonedBy?.applied ?? Infinity) > now &&
    heard > last.startedAt + most;
  return [
    ...(done !== undefined && tookOf(done) < least ? (['too_short'] as const) : []),
    ...(goesOn || (done !== undefined && tookOf(done) > most) ? (['too_long'] as const) : []),
    ...(done !== undefined && results !== undefined && done.rows < 1 ? (['unmet'] as const) : []),
  ];
}

/** When all has been heard, each slot of the night has the verdict that is true. */
function judge(
  night: ExpectedNight,
  subjects: ReadonlyMap<string, Subject>,
  score: { slots: number; wrongVerdicts: string[] },
): void {
  const { until: now, gaps, jobs, date } = night;
  const verdicts = verdictsOf(subjects.values(), { now, judgedAt: now, unapplied: new Map(), gaps });
  for (const job of jobs) {
    for (const judgement of verdicts.of(job.id)) {
      if (judgement.slot.date !== date) continue;
      score.slots += 1;
      const found = textOf(judgement);
      const wanted = truthOf(night, job, judgement.slot, now);
      if (found !== wanted)
        score.wrongVerdicts.push(`${job.id} ${utc(judgement.slot.at)}: ${found}, not ${wanted}`);
    }
  }
}

function textOf({ verdict, flags }: Pick<Judgement, 'verdict' | 'flags'>): string {
  return [verdict, ...flags].join(' ');
}

function truthOf(night: ExpectedNight, job: TrueJob, slot: Slot, now: number): string {
  const moment = { now, judgedAt: now, gaps: night.gaps };
  const runs = runsOf(job, slot, now);
  const last = runs.at(-1);
  const [first] = runs;
  const start = dueAt(night, job, slot, 'late', moment);
  const finish = dueAt(night, job, slot, 'overdue', moment);
  if (last !== undefined && first !== undefined) {
    const goesOn = last.status === 'running';
    const flags = [
      ...(start !== undefined && first.startedAt > start ? (['began_late'] as const) : []),
      ...(finish !== undefined && last.endedAt !== null && last.endedAt > finish
        ? (['ended_late'] as const)
        : []),
      ...flagsOf(job, runs, now, now),
    ];
    return textOf({
      verdict: goesOn && finish !== undefined && now >= finish ? 'overdue' : last.status,
      flags,
    });
  }
  if (isExcused(job, slot)) return 'excused';
  if (start === undefined) {
    const longAgo = after(12 * hour, slot.at, night.gaps, job.maintenance);
    return now >= longAgo ? 'missed' : 'waiting';
  }
  const missed = Math.max(start, after(slot.missedAt - slot.at, slot.at, night.gaps, job.maintenance));
  return now >= missed ? 'missed' : now >= start ? 'late' : 'waiting';
}
