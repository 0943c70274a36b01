import { createHash } from 'node:crypto';
import type { CurrentState } from '../../../../projections/current-state.ts';
import { isOver, type Progress } from '../../../alerts/lifecycle.ts';
import { openingOf, registeredAt, type Opening } from '../../../alerts/opening.ts';
import type { StatusReported } from '../../../events/event.ts';
import { eventKey } from '../../../events/order.ts';
import { msOf, utc } from '../../../events/time.ts';
import { nightKey } from '../../../night/boards.ts';
import { nightOf } from '../../../night/night.ts';
import { runsOf } from '../../../night/runs.ts';
import { stateAsOf } from '../../../store/projections/as-of.ts';
import { readEvent } from '../../../store/events/event-store.ts';
import { readHistory } from '../../../store/projections/history-rows.ts';
import { changeMessage, readMessage, type MessageRow } from '../../../store/messages/messages.ts';
import { alertRow, type AlertRow, type NoticeKey } from '../../../store/messages/alert-rows.ts';
import { readRow } from '../../../store/projections/scheduler-rows.ts';
import type { Store } from '../../../store/store.ts';
import type { Content } from '../content.ts';
import { boardOfNight, realSpan, type SlackContext } from '../context.ts';
import { contentHashOf } from '../content-hash.ts';
import { renderAlert, type Alert } from '../render/alert.ts';
import { alertDetails, type AlertDetails } from './details.ts';
import { joinGroup } from './join-group.ts';
import { assignPlace } from './assign-place.ts';
import { nobody } from './owners.ts';
import { progressHash, readProgress } from './progress.ts';

/** A job that registers and fails at once may come in the other order: it is waited for so long. Real ms. */
const registrationGraceMs = 60_000;
/** So many entries of a history are looked through for the start of a run. */
const maxEntriesOfRun = 60;

/**
 * Tells the failure that a notice names: in a message of its own, or in the open group of its channel; or finds that
 * nobody is to be told, and writes down why. Telling it again changes nothing.
 * @returns `again` when somebody else is at work on it, or it cannot be judged yet
 * @throws what the messenger throws; nothing is lost then
 */
export async function postAlert(context: SlackContext, key: NoticeKey): Promise<'told' | 'again'> {
  const row = await readMessage(context.store, key);
  const alert = alertRow.safeParse(row);
  if (row === undefined || !alert.success) {
    context.log.error({ ...key }, 'a notice names no alert: it is dropped');
    return 'told';
  }
  if (isPosted(row)) return 'told';
  const found = await failureOf(context, alert.data);
  if (found === undefined) {
    context.log.warn({ ...key }, 'an alert’s event is past its retention: it is dropped');
    await changeDetails(context, row, { closed: true });
    return 'told';
  }
  const { failure } = found;
  const state = (await readRow(context.store, failure.scheduler_id))?.state;
  const progress = await readProgress(context, failure, state, detailsOf(row));
  const details = await decide(context, row, found, state, progress);
  if (details === 'again' || details === 'untold') return details === 'again' ? 'again' : 'told';
  const { place } = details;
  if (place !== 'single') {
    await context.exclusively(`${place.night}/${place.message_key}`, () =>
      joinGroup(context, place, failure, state, details),
    );
    await changeDetails(context, row, { joined: true });
    return 'told';
  }
  const { state: said } = await context.messenger.publish(
    key,
    'alert',
    alertContent(context, alert.data, details, failure, state, progress),
    {
      channel: boardOfNight(context, key.night).channel,
      saidAt: utc(context.clock.now()),
      whenDeleted: 'drop',
      contentHash: progressHash(progress, details.mention),
      details: { acknowledged: progress.acknowledged, recovered: progress.recovered },
      onlyIf: (now) => detailsOf(now).place === 'single',
    },
  );
  return said === 'busy' || said === 'void' ? 'again' : 'told';
}

/** Whether nothing is left to do to tell an alert: it was posted, somebody deleted it, or its group has it. */
export function isPosted({ ts, deleted, details }: Pick<MessageRow, 'ts' | 'deleted' | 'details'>): boolean {
  return ts !== undefined || deleted === true || details?.['closed'] === true || details?.['joined'] === true;
}

export type FoundFailure = { readonly failure: StatusReported; readonly sender: string | null };

/** The event of an alert, and who sent it. */
export async function failureOf(
  { store }: SlackContext,
  { scheduler_id, occurred_at, event_id }: AlertRow,
): Promise<FoundFailure | undefined> {
  const recorded = await readEvent(store, scheduler_id, eventKey({ at: occurred_at, id: event_id }));
  return recorded?.event.type === 'status_reported'
    ? { failure: recorded.event, sender: recorded.envelope.sender }
    : undefined;
}

/** What an alert shows, from what was decided when it was told and what is known now. */
export function alertOf(
  context: SlackContext,
  { night }: AlertRow,
  { mention, late, duration, arrived_over }: AlertDetails,
  failure: StatusReported,
  state: CurrentState | undefined,
  progress: Progress,
): Alert {
  const { scheduler_id, event_id, error_message } = failure;
  // As the board has it.
  const { service_name, job_name } = state?.registration ?? failure;
  const at = msOf(failure.occurred_at);
  return {
    failure: { scheduler_id, event_id, service_name, job_name, at, duration, error: error_message },
    zone: boardOfNight(context, night).zone,
    now: context.clock.now(),
    mention,
    progress,
    late,
    arrivedOver: arrived_over,
  };
}

export function alertContent(...shown: Parameters<typeof alertOf>): Content {
  return renderAlert(alertOf(...shown));
}

type Decided = AlertDetails & { readonly place: NonNullable<AlertDetails['place']> };

/**
 * What is decided once for an alert: whether it is told, where it goes, and whom it calls. Decided again only while
 * surely nothing of it is in Slack: an alert that waited out an outage may find its job well, or a storm to join.
 */
async function decide(
  context: SlackContext,
  row: MessageRow,
  { failure, sender }: FoundFailure,
  state: CurrentState | undefined,
  progress: Progress,
): Promise<Decided | 'again' | 'untold'> {
  const before = detailsOf(row);
  if (before.place !== undefined && (before.place !== 'single' || !isUntouched(row))) {
    return { ...before, place: before.place };
  }
  const { clock, store, table, exclusively } = context;
  const now = clock.now();
  const registered = await wasRegistered(store, failure, state);
  const opening = openingOf(failure, state, { registered, over: isOver(progress), now });
  if (!opening.open) return await suppress(context, row, opening.why);
  const board = boardOfNight(context, row.night);
  const { channel } = board;
  const id = createHash('sha256').update(row.message_key).digest('hex').slice(0, 12);
  // Tonight's, however old the failure is: the watch looks after this night's groups at every round.
  const tonight = nightKey(board, nightOf(now, board));
  const fresh = { night: tonight, message_key: `group/${utc(clock.real())}/${id}` };
  const name = `${row.night}/${row.message_key}`;
  const decided: Decided = {
    ...before,
    place: await exclusively(`channel/${channel}`, () => assignPlace(table, clock, channel, name, fresh)),
    ...(opening.calls ? await context.owners.of(state, sender) : nobody),
    sender,
    late: opening.late,
    arrived_over: progress.recovered !== null,
    duration: before.duration ?? (await durationOf(store, failure)),
    acknowledged: progress.acknowledged,
    recovered: progress.recovered,
  };
  const written = await changeMessage(table, row, (found) =>
    found.rev === row.rev ? { ...found, details: { ...found.details, ...decided } } : undefined,
  );
  return written === undefined ? 'again' : decided;
}

/** Writes down that nobody is told; what was never registered may only not have come yet. */
async function suppress(
  context: SlackContext,
  row: MessageRow,
  why: Extract<Opening, { open: false }>['why'],
): Promise<'again' | 'untold'> {
  const { clock, log } = context;
  const age = clock.now() - Date.parse(row.created_at);
  if (why === 'unregistered' && age < realSpan(clock, registrationGraceMs)) return 'again';
  log.info({ night: row.night, message_key: row.message_key, why }, 'failure shown on the board alone');
  await changeDetails(context, row, { untold: why, closed: true });
  return 'untold';
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

/** Adds to an alert's details what is known of it, whoever else writes. */
export async function changeDetails(
  { table }: Pick<SlackContext, 'table'>,
  row: MessageRow,
  change: NonNullable<MessageRow['details']>,
): Promise<void> {
  await changeMessage(table, row, (now) => ({ ...now, details: { ...now.details, ...change } }));
}

/** Nobody is about to post it, and nobody can have posted it. */
export function isUntouched({ ts, claim, unsure_since }: MessageRow): boolean {
  return ts === undefined && claim === undefined && unsure_since === undefined;
}

export function detailsOf(row: MessageRow): AlertDetails {
  return alertDetails.parse(row.details ?? {});
}

/** Whether an alert already says this. */
export function showsProgress(row: MessageRow, contentHash: string): boolean {
  return row.said === contentHashOf({ text: '', blocks: [] }, contentHash);
}
