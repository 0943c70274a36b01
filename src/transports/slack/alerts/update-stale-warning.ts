import { progressOf, removalOf, snoozeAt } from '../../../alerts/lifecycle.ts';
import { msOf, utc } from '../../../events/time.ts';
import { eventIdFrom } from '../../../events/identity.ts';
import { compareRefs, eventKey } from '../../../events/order.ts';
import type { CurrentState } from '../../../../projections/current-state.ts';
import { endOfKeys, readBetween } from '../../../store/events/event-store.ts';
import { changeMessage, type MessageRow } from '../../../store/messages/messages.ts';
import type { Store } from '../../../store/store.ts';
import { boardOfNight, type SlackContext } from '../context.ts';
import { renderStale, type StaleWarning } from '../render/stale.ts';
import { contentHashOf } from '../content-hash.ts';
import { renderOwnerCall } from '../render/alert.ts';
import { staleDetails, type StaleDetails } from './details.ts';
import { reply } from './update-alert.ts';
import type { Rows } from './progress.ts';

/** What an acknowledgement of a warning names, as that of a failure names its event. */
export function warningId(schedulerId: string, messageKey: string): string {
  return eventIdFrom(schedulerId, messageKey);
}

/** Brings a warning up to date: acknowledged, snoozed; closed by the first sign of life, any end, or removal. */
export async function updateStaleWarning(context: SlackContext, row: MessageRow, rows: Rows): Promise<void> {
  const { clock, messenger, table } = context;
  const before = staleDetails.parse(row.details);
  const state = rows.get(before.scheduler_id);
  if (state === undefined) return;
  const id = warningId(before.scheduler_id, row.message_key);
  const { acknowledged } = progressOf(id, state, null, before, clock.now());
  const outcome = await outcomeOf(context.store, before, state);
  const calls = outcome === null && acknowledged === null;
  const details = { ...before, acknowledged, ...(calls ? await lateOwner(context, row, before, state) : {}) };
  const content = renderStale(warningOf(context, row, details, state, outcome));
  if (outcome === null && contentHashOf(content) === row.said) return;
  const said = await messenger.publish(row, 'stale', content, {
    channel: boardOfNight(context, row.night).channel,
    saidAt: utc(clock.now()),
    whenDeleted: 'drop',
    details,
  });
  if (outcome !== null && said.state !== 'busy') {
    await changeMessage(table, row, (now) => ({ ...now, details: { ...now.details, closed: true } }));
  }
}

/** An owner who could not be found when the warning was given is called in its thread, once he is. */
async function lateOwner(
  context: SlackContext,
  row: MessageRow,
  { owner_unknown }: StaleDetails,
  state: CurrentState,
): Promise<Partial<StaleDetails>> {
  if (!owner_unknown || row.ts === undefined) return {};
  const found = await context.owners.of(state, null);
  if (found.mention === null) return found;
  const content = renderOwnerCall(found.mention, context.clock.now());
  return (await reply(context, row, row.ts, 'owner', content)) ? found : {};
}

/**
 * What ended a silence: the first sign of life after it, which may be the job's end; else an end, or a start anew,
 * whatever its time; else the scheduler's removal.
 */
async function outcomeOf(
  store: Store,
  { scheduler_id, last_sign }: StaleDetails,
  state: CurrentState,
): Promise<StaleWarning['outcome']> {
  const { heartbeat, status } = state;
  const removed = removalOf(state);
  if (removed !== null) return { kind: 'removed', at: removed.at };
  if (heartbeat !== null && compareRefs(heartbeat, last_sign) > 0) {
    const first = await firstSignAfter(store, scheduler_id, last_sign);
    return first ?? { kind: 'heard', at: msOf(heartbeat.at) };
  }
  if (status === null || status.status === 'running') return null;
  return { kind: status.status, at: msOf(status.at) };
}

async function firstSignAfter(
  store: Store,
  schedulerId: string,
  lastSign: StaleDetails['last_sign'],
): Promise<StaleWarning['outcome']> {
  for await (const { event } of readBetween(store, schedulerId, eventKey(lastSign), endOfKeys)) {
    const at = msOf(event.occurred_at);
    if (event.type === 'heartbeat_received') return { kind: 'heard', at };
    if (event.type === 'status_reported')
      return { kind: event.status === 'running' ? 'heard' : event.status, at };
  }
  return null;
}

/** What a warning shows, from what was known when it was given and what is known now. */
export function warningOf(
  { clock, boards }: Pick<SlackContext, 'clock' | 'boards'>,
  { night, message_key }: Pick<MessageRow, 'night' | 'message_key'>,
  details: StaleDetails,
  state: CurrentState,
  outcome: StaleWarning['outcome'],
): StaleWarning {
  const { service_name, job_name } = state.registration ?? state.status ?? { service_name: '', job_name: '' };
  const now = clock.now();
  return {
    scheduler_id: details.scheduler_id,
    service_name,
    job_name,
    warning_id: warningId(details.scheduler_id, message_key),
    lastHeartbeat: msOf(details.last_sign.at),
    timeoutMinutes: details.timeout_ms / 60_000,
    runningSince: details.running_since === null ? null : msOf(details.running_since),
    mention: details.mention,
    acknowledged: details.acknowledged,
    snoozed: snoozeAt(state, now),
    outcome,
    explains: details.explains,
    zone: boardOfNight({ boards }, night).zone,
    now,
  };
}
