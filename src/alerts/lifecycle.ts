import { membership, type CurrentState } from '../../projections/current-state.ts';
import { msOf, utc } from '../events/time.ts';
import type { AlertProgress, AlertRow, Transition } from '../store/alerts/alert-rows.ts';

export type { AlertProgress };

/** What became of a failure that somebody was alerted of. Instants are ms UTC in Ronda's time; pure throughout. */
export type Progress = Readonly<Omit<AlertProgress, 'outcome'>>;

/** Of a progress what is written down: the rest is read from the scheduler's row each time. */
export type KnownProgress = Partial<Pick<Progress, 'acknowledged' | 'recovered'>>;

export type Failure = {
  readonly scheduler_id: string;
  readonly event_id: string;
  readonly occurred_at: string;
};

/** Whether the row alone tells that the job completed after a failure, so that the first time is to be looked up. */
export function hasCompletedAfter({ occurred_at }: Failure, row: CurrentState | undefined): boolean {
  return row?.completed != null && row.completed.at > occurred_at;
}

/**
 * @param firstCompletion of the job after the failure, UTC; null where there is none, or none was looked for
 * @param known what is written down of it
 */
export function progressOf(
  failureId: string,
  row: CurrentState | undefined,
  firstCompletion: string | null,
  known: KnownProgress,
  now: number,
): Progress {
  const acknowledgement = row?.acknowledgement?.failure_event_id === failureId ? row.acknowledgement : null;
  return {
    acknowledged:
      known.acknowledged ??
      (acknowledgement === null ? null : { by: acknowledgement.by, at: msOf(acknowledgement.at) }),
    recovered: known.recovered ?? (firstCompletion === null ? null : { at: msOf(firstCompletion) }),
    snoozed: snoozeAt(row, now),
    removed: removalOf(row),
  };
}

/** Whether nobody has to look after it any more. */
export function isOver({ recovered, removed, outcome = null }: Progress & Partial<AlertProgress>): boolean {
  return (recovered ?? removed ?? outcome) !== null;
}

/**
 * An alert's row when more is known of what became of it: what changed is added to its transitions, in order. Once
 * known, an acknowledgement and a recovery stay.
 * @param now Ronda's time, ms UTC
 */
export function advanced<Row extends AlertRow>(row: Row, latest: AlertProgress, now: number): Row {
  const progress = {
    ...latest,
    acknowledged: row.progress.acknowledged ?? latest.acknowledged,
    recovered: row.progress.recovered ?? latest.recovered,
  };
  const fits = ({ type }: Transition): boolean =>
    type === 'resolved' || row.transitions.length < maxTransitions;
  return {
    ...row,
    progress,
    transitions: [...row.transitions, ...transitionsBetween(row.progress, progress, now).filter(fits)],
    state: isOver(progress) ? 'over' : row.state,
  };
}

/** A row is one item of a table, and nobody snoozes an alert so often. */
const maxTransitions = 200;

function transitionsBetween(before: AlertProgress, after: AlertProgress, now: number): Transition[] {
  const none = { at: utc(now), by: null, until: null, outcome: null };
  const { acknowledged, snoozed, recovered, removed, outcome } = after;
  const transitions: Transition[] = [];
  if (before.acknowledged === null && acknowledged !== null)
    transitions.push({ ...none, type: 'acknowledged', at: utc(acknowledged.at), by: acknowledged.by });
  if (snoozed !== null && (before.snoozed?.until !== snoozed.until || before.snoozed.by !== snoozed.by))
    transitions.push({ ...none, type: 'snoozed', by: snoozed.by, until: utc(snoozed.until) });
  else if (snoozed === null && before.snoozed !== null) transitions.push({ ...none, type: 'unsnoozed' });
  if (isOver(before) || !isOver(after)) return transitions;
  const [at, how] =
    recovered !== null
      ? ([recovered.at, 'recovered'] as const)
      : removed !== null
        ? ([removed.at, 'removed'] as const)
        : ([outcome?.at ?? now, outcome?.kind ?? 'removed'] as const);
  return [...transitions, { ...none, type: 'resolved', at: utc(at), outcome: how }];
}

/** The snooze that is in force at an instant, by what the row knows: the latest one. */
export function snoozeAt(row: CurrentState | undefined, at: number): Progress['snoozed'] {
  const snooze = row?.snooze ?? null;
  if (snooze === null || msOf(snooze.at) > at || msOf(snooze.until) <= at) return null;
  return { until: msOf(snooze.until), by: snooze.by };
}

/** When a scheduler that is removed now was removed; null for any other, one that was registered again included. */
export function removalOf(row: CurrentState | undefined): Progress['removed'] {
  return row?.removal != null && membership(row) === 'removed' ? { at: msOf(row.removal.at) } : null;
}
