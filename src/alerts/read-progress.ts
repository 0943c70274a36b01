import type { CurrentState } from '../../projections/current-state.ts';
import { compareRefs, eventKey } from '../events/order.ts';
import { msOf } from '../events/time.ts';
import type { AlertProgress, AlertRow, StaleRow } from '../store/alerts/alert-rows.ts';
import { endOfKeys, readBetween } from '../store/events/event-store.ts';
import { firstCompletionAfter } from '../store/projections/history-rows.ts';
import type { Store } from '../store/store.ts';
import { keyEventId } from './alert.ts';
import type { AlertContext } from './context.ts';
import { hasCompletedAfter, progressOf } from './lifecycle.ts';

/**
 * What became of an alert, as far as is known now. The history is asked only when the job's row tells of a completion
 * that nothing is written down of yet, the events only when it tells that a stale job gave a sign of life.
 */
export async function readProgress(
  { store, clock, slots }: Pick<AlertContext, 'store' | 'clock' | 'slots'>,
  row: AlertRow,
  state: CurrentState | undefined,
): Promise<AlertProgress> {
  const known = row.progress;
  const now = clock.now();
  if (row.kind !== 'failure') {
    const { acknowledged, snoozed, removed } = progressOf(keyEventId(row), state, null, known, now);
    // What became of a slot is told by its verdict.
    if (row.kind !== 'stale')
      return { acknowledged, recovered: null, snoozed, removed, outcome: known.outcome };
    const outcome = state === undefined || removed !== null ? null : await outcomeOf(store, row, state);
    return { acknowledged, recovered: null, snoozed, removed, outcome };
  }
  const { scheduler_id, event_id, occurred_at } = row;
  const isNews = known.recovered === null && hasCompletedAfter(row, state);
  const ofSlot = isNews && state !== undefined ? await slots.recoveryOf(state, row) : undefined;
  if (ofSlot !== undefined) {
    const progress = progressOf(event_id, state, null, known, now);
    return { ...progress, recovered: progress.recovered ?? ofSlot, outcome: null };
  }
  const first = isNews
    ? ((await firstCompletionAfter(store, scheduler_id, occurred_at)) ?? state?.completed?.at ?? null)
    : null;
  return { ...progressOf(event_id, state, first, known, now), outcome: null };
}

/**
 * What ended it that a job was stale: the first sign of life after the last, which may be the job's end; else an end,
 * or a start anew, whatever its time.
 */
async function outcomeOf(
  store: Store,
  { scheduler_id, last_sign }: StaleRow,
  { heartbeat, status }: CurrentState,
): Promise<AlertProgress['outcome']> {
  if (heartbeat !== null && compareRefs(heartbeat, last_sign) > 0)
    return (
      (await firstSignAfter(store, scheduler_id, last_sign)) ?? { kind: 'heard', at: msOf(heartbeat.at) }
    );
  if (status === null || status.status === 'running') return null;
  return { kind: status.status, at: msOf(status.at) };
}

async function firstSignAfter(
  store: Store,
  schedulerId: string,
  lastSign: StaleRow['last_sign'],
): Promise<AlertProgress['outcome']> {
  for await (const { event } of readBetween(store, schedulerId, eventKey(lastSign), endOfKeys)) {
    const at = msOf(event.occurred_at);
    if (event.type === 'heartbeat_received') return { kind: 'heard', at };
    if (event.type === 'status_reported')
      return { kind: event.status === 'running' ? 'heard' : event.status, at };
  }
  return null;
}
