import { isDeepStrictEqual } from 'node:util';
import { membership, type CurrentState } from '../../projections/current-state.ts';
import type { Expectation } from '../events/expectation.ts';
import { msOf, utc } from '../events/time.ts';
import { unmetOf, type Judgement } from '../night/verdicts.ts';
import type {
  AlertProgress,
  AlertRow,
  SlotKind,
  SlotRow,
  SlotSituation,
} from '../store/alerts/alert-rows.ts';
import { advanced, snoozeAt } from './lifecycle.ts';

/** Which alerts verdicts call for, and what becomes of those that are open. Pure. Instants are ms UTC, Ronda's time. */

/** What ended this long ago calls nobody: the day has seen it. */
const newsMs = 24 * 3_600_000;
/** A row is one item of a table. */
const maxDependents = 50;

/** How bad it is when such a job goes wrong. */
export function severityOf(expectation: Pick<Expectation, 'severity'> | undefined): AlertRow['severity'] {
  const { severity = 'normal' } = expectation ?? {};
  return severity === 'critical' ? 'critical' : severity === 'low' ? 'warning' : 'error';
}

/** The name of the alert of a slot: one of each kind. */
export function slotAlertKey(
  kind: SlotKind,
  { scheduler_id, at }: Pick<Judgement['slot'], 'scheduler_id' | 'at'>,
): string {
  return `${kind}/${scheduler_id}/${utc(at)}`;
}

/** An alert that a slot calls for. */
export type SlotOpening = {
  readonly kind: SlotKind;
  readonly judgement: Judgement;
  readonly situation: SlotSituation;
};

/**
 * The alerts that a job's slots call for and that are not there yet.
 * @param judgements of its slots, oldest first
 * @param known its alerts of slots, whatever became of them
 */
export function openingsOf(
  state: CurrentState,
  judgements: readonly Judgement[],
  known: readonly SlotRow[],
  now: number,
): SlotOpening[] {
  if (membership(state) !== 'registered') return [];
  const keys = new Set(known.map(({ alert_key }) => alert_key));
  const openings: SlotOpening[] = [];
  const heads = known.flatMap(({ kind, slot }) => (kind === 'late' ? [msOf(slot)] : []));
  for (const judgement of judgements) {
    for (const kind of kindsOf(judgement)) {
      const { slot } = judgement;
      if (keys.has(slotAlertKey(kind, slot)) || snoozeAt(state, dueOf(kind, judgement)) !== null) continue;
      if (now - endOf(kind, judgement) > newsMs) continue;
      if (kind === 'late') {
        // A job that begins in no slot has one alert, of the first.
        if (heads.some((head) => head < slot.at && firstBegun(judgements, head, slot.at) === undefined))
          continue;
        heads.push(slot.at);
      }
      openings.push({ kind, judgement, situation: situationOf(kind, judgement, judgements) });
    }
  }
  return openings;
}

/** What there is to be called of a judgement. */
function kindsOf({ heard, waitingFor, flags }: Judgement): SlotKind[] {
  const isLate = (heard === 'late' || heard === 'missed') && waitingFor.length === 0;
  return [
    ...(isLate ? (['late'] as const) : []),
    ...(heard === 'overdue' ? (['overdue'] as const) : []),
    ...(['too_short', 'too_long', 'unmet'] as const).filter((flag) => flags.includes(flag)),
  ];
}

function firstBegun(judgements: readonly Judgement[], from: number, to = Infinity): Judgement | undefined {
  return judgements.find(({ slot, beganAt }) => slot.at >= from && slot.at < to && beganAt !== null);
}

/** When it came to be wrong: whoever had snoozed the job by then is not called. */
function dueOf(kind: SlotKind, { startBy, finishBy, run, slot }: Judgement): number {
  if (kind === 'late') return startBy;
  if (kind === 'overdue') return finishBy ?? slot.at;
  return run?.endedAt ?? run?.startedAt ?? slot.at;
}

function endOf(kind: SlotKind, { slot, run, finishBy }: Judgement): number {
  if (kind === 'late') return slot.missedAt;
  return run?.endedAt ?? Math.max(slot.missedAt, finishBy ?? slot.at);
}

function situationOf(kind: SlotKind, judgement: Judgement, judgements: readonly Judgement[]): SlotSituation {
  const { slot, run, startBy, finishBy, beganAt } = judgement;
  const { expectation } = slot;
  const missed = kind === 'late' ? lateSince(judgements, slot.at) : [judgement];
  return {
    latest_slot: missed.at(-1)?.slot.at ?? slot.at,
    slots: missed.length,
    due_by: kind === 'late' ? startBy : finishBy,
    began_at: beganAt,
    ended_at: run?.endedAt ?? null,
    duration: run?.duration ?? null,
    limit:
      kind === 'too_short'
        ? (expectation.min_duration_ms ?? null)
        : kind === 'too_long'
          ? (expectation.max_duration_ms ?? null)
          : null,
    unmet: kind === 'unmet' ? unmetOf(expectation, run?.metadata ?? null) : [],
  };
}

/** The slots from one on that nothing began in, up to one that something began in. */
function lateSince(judgements: readonly Judgement[], from: number): Judgement[] {
  const until = firstBegun(judgements, from)?.slot.at ?? Infinity;
  return judgements.filter(
    (one) => one.slot.at >= from && one.slot.at < until && kindsOf(one).includes('late'),
  );
}

/**
 * An open alert of a slot as the verdicts have it now: what changed is added to its transitions. The same row where
 * nothing did.
 */
export function updatedSlot(row: SlotRow, judgements: readonly Judgement[], now: number): SlotRow {
  const at = msOf(row.slot);
  const judgement = judgements.find(({ slot }) => slot.at === at);
  if (row.state !== 'open') return row;
  if (row.kind === 'late') return updatedLate(row, judgement, judgements, now);
  if (judgement === undefined) return row;
  const outcome = outcomeOf(row, judgement);
  // What a run of that slot did before is said no more by the one that decides now.
  const situation = kindsOf(judgement).includes(row.kind)
    ? situationOf(row.kind, judgement, judgements)
    : row.situation;
  return ended({ ...row, situation }, row, outcome, now);
}

function updatedLate(
  row: SlotRow,
  own: Judgement | undefined,
  judgements: readonly Judgement[],
  now: number,
): SlotRow {
  const begun = firstBegun(judgements, msOf(row.slot));
  if (begun?.beganAt != null) {
    const situation = { ...row.situation, began_at: begun.beganAt };
    return ended({ ...row, situation }, row, { kind: 'began', at: begun.beganAt }, now);
  }
  if (own?.verdict === 'excused') return ended(row, row, { kind: 'excused', at: now }, now);
  const since = lateSince(judgements, msOf(row.slot));
  const latest = since.at(-1)?.slot.at ?? row.situation.latest_slot;
  if (latest <= row.situation.latest_slot) return row;
  const more = since.filter(({ slot }) => slot.at > row.situation.latest_slot).length;
  return withUpdate(
    { ...row, situation: { ...row.situation, latest_slot: latest, slots: row.situation.slots + more } },
    now,
  );
}

function outcomeOf({ kind, situation }: SlotRow, judgement: Judgement): AlertProgress['outcome'] {
  const { run, verdict } = judgement;
  if (verdict === 'excused') return { kind: 'excused', at: judgement.slot.at };
  if (run === null || run.endedAt === null || run.status === 'running') return null;
  const isWrong = kindsOf(judgement).includes(kind);
  if (kind === 'overdue' || (kind === 'too_long' && situation.ended_at === null))
    return { kind: run.status, at: run.endedAt };
  // While nobody knows what its result is, as after a restart, nothing is over.
  return isWrong || !judgement.resultHeard || run.status === 'failed'
    ? null
    : { kind: 'recovered', at: run.endedAt };
}

function ended(next: SlotRow, before: SlotRow, outcome: AlertProgress['outcome'], now: number): SlotRow {
  if (outcome === null)
    return isDeepStrictEqual(next.situation, before.situation) ? before : withUpdate(next, now);
  return advanced(next, { ...next.progress, outcome }, now);
}

/** A row that says something new. */
function withUpdate<Row extends AlertRow>(row: Row, now: number): Row {
  const update = { type: 'updated', at: utc(now), by: null, until: null, outcome: null } as const;
  // So many that nobody counts them any more; how it ends always finds room.
  return row.transitions.length >= maxUpdates ? row : { ...row, transitions: [...row.transitions, update] };
}
const maxUpdates = 150;

/** An open alert with the jobs that wait for its job now; the same row where it says so already. */
export function withDependents<Row extends AlertRow>(
  row: Row,
  dependents: readonly string[],
  now: number,
): Row {
  const named = dependents.slice(0, maxDependents);
  if (row.state !== 'open' || isDeepStrictEqual(row.dependents, named)) return row;
  return withUpdate({ ...row, dependents: named }, now);
}

/** A job that waits for another, and the slots of the other that it waits for: their instants, oldest first. */
type Dependent = { readonly scheduler_id: string; readonly slots: readonly number[] };

/**
 * Of each job those that wait for it, by id, as far as it is due or has begun: what a later day waits for is not held up
 * yet.
 * @param judged the judgements of each scheduler's slots
 */
export function dependentsIn(
  judged: ReadonlyMap<string, readonly Judgement[]>,
  now: number,
): Map<string, Dependent[]> {
  const found = new Map<string, Dependent[]>();
  for (const { slot, verdict, waitingFor } of [...judged.values()].flat()) {
    if (verdict !== 'waiting') continue;
    for (const id of waitingFor) {
      const upstream = (judged.get(id) ?? []).filter((one) => one.slot.date === slot.date);
      const slots = upstream
        .filter((one) => one.slot.at <= now || one.run !== null)
        .map((one) => one.slot.at);
      if (slots.length > 0)
        found.set(id, [...(found.get(id) ?? []), { scheduler_id: slot.scheduler_id, slots }]);
    }
  }
  return found;
}

/** The ids of those that wait for what an alert is about: its slot, or, of a job that has not begun, its later ones too. */
export function dependentsOf(
  dependents: readonly Dependent[] | undefined,
  { kind, slot }: { readonly kind: AlertRow['kind']; readonly slot?: number },
): string[] {
  const isMeant = (at: number) => slot === undefined || (kind === 'late' ? at >= slot : at === slot);
  const waiting = (dependents ?? []).filter(({ slots }) => slots.some(isMeant));
  return [...new Set(waiting.map(({ scheduler_id }) => scheduler_id))].sort();
}
