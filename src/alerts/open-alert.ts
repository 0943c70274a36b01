import type { CurrentState } from '../../projections/current-state.ts';
import { realSpan } from '../clock.ts';
import type { StatusReported } from '../events/event.ts';
import { eventKey } from '../events/order.ts';
import { msOf, utc } from '../events/time.ts';
import { runsOf } from '../night/runs.ts';
import type { HistoryEntry } from '../../projections/history.ts';
import { readExpectation } from '../events/expectation.ts';
import { causeLine } from './cause-line.ts';
import { severityOf } from './slot-alerts.ts';
import type { AlertRow, FailureRow } from '../store/alerts/alert-rows.ts';
import { readEvent } from '../store/events/event-store.ts';
import { stateAsOf } from '../store/projections/as-of.ts';
import { readHistory } from '../store/projections/history-rows.ts';
import { readRow } from '../store/projections/scheduler-rows.ts';
import type { Store } from '../store/store.ts';
import { changeRow } from '../store/versioned-rows.ts';
import type { AlertContext } from './context.ts';
import { advanced } from './lifecycle.ts';
import { openingOf, registeredAt } from './opening.ts';
import { readProgress } from './read-progress.ts';

/** A job that registers and fails at once may come in the other order: it is waited for so long. Real ms. */
const registrationGraceMs = 60_000;
/** So many entries of a history are looked through for the start of a run. */
const maxEntriesOfRun = 60;

/**
 * Judges a failure's alert that is new: opens it, or writes down why nobody is to know. One that was judged stays.
 * @returns the row as it is then; `again` when it cannot be judged yet, or somebody else wrote first
 */
export async function openAlert(context: AlertContext, row: AlertRow): Promise<AlertRow | 'again'> {
  if (row.state !== 'new' || row.kind !== 'failure') return row;
  const { alerts, clock, log, slots, store } = context;
  const swap = async (next: AlertRow): Promise<AlertRow | 'again'> =>
    (await alerts.swap(next, row.rev)) ?? 'again';
  const found = await failureOf(store, row);
  if (found === undefined) {
    log.warn(idsOf(row), 'an alert’s event is past its retention: nobody is alerted');
    return await swap({ ...row, state: 'suppressed', suppressed_because: 'expired' });
  }
  const { event, sender } = found;
  const state = (await readRow(store, row.scheduler_id))?.state;
  const progress = await readProgress(context, row, state);
  const now = clock.now();
  const { service_name } = state?.registration ?? event;
  const maintenance = await slots.maintenanceOf(row.scheduler_id, service_name, msOf(row.occurred_at));
  const opening = openingOf(
    event,
    state,
    await wasRegistered(store, event, state),
    maintenance !== undefined,
  );
  if (!opening.open) {
    const { why } = opening;
    const age = now - msOf(row.created_at);
    // What was never registered may only not have come yet.
    if (why === 'unregistered' && age < realSpan(clock, registrationGraceMs)) return 'again';
    log.info({ ...idsOf(row), why }, 'failure shown on the board alone');
    return await swap({ ...row, state: 'suppressed', suppressed_because: why });
  }
  const kept = state?.expectation?.value ?? null;
  const expected = kept === null ? undefined : readExpectation(kept);
  const opened: FailureRow = {
    ...row,
    state: 'open',
    sender,
    service_name,
    severity: severityOf(expected),
    runbook_url: expected?.runbook_url ?? null,
    seen: await seenBefore(store, event),
    duration: await durationOf(store, event),
    transitions: [{ type: 'opened', at: utc(now), by: null, until: null, outcome: null }],
  };
  return await swap(advanced(opened, progress, now));
}

/** Brings an open alert up to date with what is known of its job now. @returns the row as it is then */
export async function refreshAlert(
  context: AlertContext,
  row: AlertRow,
  state: CurrentState | undefined,
): Promise<AlertRow> {
  if (row.state !== 'open') return row;
  const progress = await readProgress(context, row, state);
  const now = context.clock.now();
  if (advanced(row, progress, now).transitions.length === row.transitions.length) return row;
  const written = await changeRow(context.alerts, row, (current) =>
    current.state === 'open' ? advanced(current, progress, now) : undefined,
  );
  return written ?? (await context.alerts.read(row)) ?? row;
}

/** The event of a failure's alert, and who sent it; undefined when it is past its retention. */
export async function failureOf(
  store: Store,
  { scheduler_id, occurred_at, event_id }: FailureRow,
): Promise<{ readonly event: StatusReported; readonly sender: string | null } | undefined> {
  const recorded = await readEvent(store, scheduler_id, eventKey({ at: occurred_at, id: event_id }));
  return recorded?.event.type === 'status_reported'
    ? { event: recorded.event, sender: recorded.envelope.sender }
    : undefined;
}

async function wasRegistered(
  store: Store,
  { scheduler_id, occurred_at }: StatusReported,
  state: CurrentState | undefined,
): Promise<boolean> {
  if (state === undefined) return false;
  return (
    registeredAt(state, occurred_at) ?? (await stateAsOf(store, scheduler_id, occurred_at)) !== undefined
  );
}

/** How long the failed run took, by the one rule of `runsOf`; null when nobody knows. */
async function durationOf(store: Store, failure: StatusReported): Promise<number | null> {
  if (failure.execution_time_ms !== null) return failure.execution_time_ms;
  const entries = [];
  for await (const entry of readHistory(store, failure.scheduler_id, { to: failure.occurred_at })) {
    entries.push(entry);
    if (entries.length === maxEntriesOfRun) break;
  }
  const at = msOf(failure.occurred_at);
  const end = runsOf(entries, null).ends.find((one) => one.id === failure.event_id && one.at === at);
  return end?.duration ?? null;
}

const seenDays = 30;
/** So many entries of a history are looked through for the same cause. */
const maxEntriesSeen = 1_000;

/** How often the cause of a failure was seen in the 30 days before, and how long recovery took the last time. */
async function seenBefore(store: Store, failure: StatusReported): Promise<FailureRow['seen']> {
  const cause = failure.error_message === null ? undefined : causeLine(failure.error_message);
  if (cause === undefined) return null;
  const from = utc(Math.max(0, msOf(failure.occurred_at) - seenDays * 86_400_000));
  const entries: HistoryEntry[] = [];
  for await (const entry of readHistory(store, failure.scheduler_id, { from, to: failure.occurred_at })) {
    entries.push(entry);
    if (entries.length === maxEntriesSeen) break;
  }
  return seenIn(entries, failure.event_id, cause);
}

/** Of entries that come newest first. Pure. */
export function seenIn(entries: readonly HistoryEntry[], eventId: string, cause: string): FailureRow['seen'] {
  let times = 0;
  let recovery: number | null = null;
  let completedAt: number | null = null;
  for (const { id, status, timestamp, error_message } of entries) {
    if (status === 'completed') completedAt = msOf(timestamp);
    if (status !== 'failed' || id === eventId || error_message === null) continue;
    if (causeLine(error_message) !== cause) continue;
    times += 1;
    if (completedAt !== null) recovery ??= completedAt - msOf(timestamp);
  }
  return times === 0 ? null : { times, recovery };
}

/** What names an alert in a log. */
export function idsOf({ night, alert_key }: Pick<AlertRow, 'night' | 'alert_key'>) {
  return { night, alert_key };
}
