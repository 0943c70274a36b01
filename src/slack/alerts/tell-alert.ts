import { createHash } from 'node:crypto';
import type { CurrentState } from '../../../projections/current-state.ts';
import type { StatusReported } from '../../events/event.ts';
import { eventKey } from '../../events/order.ts';
import { msOf, utc } from '../../events/time.ts';
import { changeMessage, readMessage, type MessageRow } from '../../store/messages.ts';
import { readEvent } from '../../store/event-store.ts';
import { alertRow, type AlertRow, type NoticeKey } from '../../store/notices.ts';
import { readRow } from '../../store/scheduler-rows.ts';
import { nightKey } from '../../night/boards.ts';
import { nightOf } from '../../night/night.ts';
import { boardOfNight, type SlackContext } from '../context.ts';
import { fingerprintOf } from '../fingerprint.ts';
import { renderAlert } from '../render/alert.ts';
import type { Content } from '../content.ts';
import type { createTurns } from '../turns.ts';
import { alertDetails, type AlertDetails } from './facts.ts';
import { joinGroup } from './join-group.ts';
import { placeIn } from './ledger.ts';
import { durationOf, newerThan, storyOf, storyPrint, type Story } from './story.ts';

/** One at a time for each key, within a process. */
export type Turns = ReturnType<typeof createTurns>;

/** An alert this old when it arrives is told, but wakes nobody. Ronda ms. */
const lateMs = 24 * 3_600_000;

/**
 * Tells the failure that a notice names: in a message of its own, or in the open group of its channel. Telling
 * it again changes nothing.
 * @param inTurn the process's own: alerts that come together would else lose the row they share to each other
 * @returns `again` when somebody else is at work on it
 * @throws what the messenger throws; nothing is lost then
 */
export async function tellAlert(
  context: SlackContext,
  key: NoticeKey,
  inTurn: Turns,
): Promise<'told' | 'again'> {
  const row = await readMessage(context.store, key);
  const alert = alertRow.safeParse(row);
  if (row === undefined || !alert.success) {
    context.log.error({ ...key }, 'a notice names no alert: it is dropped');
    return 'told';
  }
  if (row.ts !== undefined || row.deleted === true) return 'told';
  const failure = await failureOf(context, alert.data);
  if (failure === undefined) {
    context.log.warn({ ...key }, 'an alert’s event is past its retention: it is dropped');
    return 'told';
  }
  const state = (await readRow(context.store, failure.scheduler_id))?.state;
  const details = await decide(context, row, failure, state, inTurn);
  if (details === undefined) return 'again';
  const { place, mention } = details;
  if (place !== 'single') {
    await inTurn(`${place.night}/${place.message_key}`, () => joinGroup(context, place, failure, mention));
    return 'told';
  }
  const story = storyOf(failure, state);
  const { state: said } = await context.messenger.say(
    key,
    'alert',
    alertContent(context, alert.data, details, failure, state, story),
    {
      channel: boardOfNight(context, key.night).channel,
      saidAt: utc(context.clock.now()),
      whenDeleted: 'drop',
      fingerprint: storyPrint(story),
      details: { acknowledged: story.acknowledged },
      onlyIf: (now) => placeOf(now) === 'single',
    },
  );
  return said === 'busy' || said === 'void' ? 'again' : 'told';
}

/** The event of an alert. */
export async function failureOf(
  { store }: SlackContext,
  { scheduler_id, occurred_at, event_id }: AlertRow,
): Promise<StatusReported | undefined> {
  const recorded = await readEvent(store, scheduler_id, eventKey({ at: occurred_at, id: event_id }));
  return recorded?.event.type === 'status_reported' ? recorded.event : undefined;
}

/** The words of an alert, from what was decided when it was told and what is known now. */
export function alertContent(
  context: SlackContext,
  { night, message_key }: AlertRow,
  { mention, newer, late, snoozed, duration }: AlertDetails,
  failure: StatusReported,
  state: CurrentState | undefined,
  story: Story,
): Content {
  const { scheduler_id, event_id, service_name, job_name, error_message } = failure;
  return renderAlert({
    failure: {
      scheduler_id,
      event_id,
      service_name,
      job_name,
      at: msOf(failure.occurred_at),
      duration: duration ?? durationOf(failure, state),
      error: error_message,
    },
    zone: boardOfNight(context, night).zone,
    now: context.clock.now(),
    mention,
    snoozed: snoozed === null ? null : { until: msOf(snoozed.until), by: snoozed.by },
    ...story,
    newer: newer === null ? null : { status: newer.status, at: msOf(newer.at) },
    late,
    key: `${night}/${message_key}`,
  });
}

type Decided = AlertDetails & { readonly place: NonNullable<AlertDetails['place']> };

/**
 * What is decided once for an alert: where it goes, and whom it mentions. Decided again only while surely
 * nothing of it is in Slack: an alert that waited out an outage may find a storm to join.
 */
async function decide(
  context: SlackContext,
  row: MessageRow,
  failure: StatusReported,
  state: CurrentState | undefined,
  inTurn: Turns,
): Promise<Decided | undefined> {
  const before = detailsOf(row);
  if (before.place !== undefined && (before.place !== 'single' || !isUntouched(row))) {
    return { ...before, place: before.place };
  }
  const { clock, table } = context;
  const board = boardOfNight(context, row.night);
  const { channel } = board;
  const newer = newerThan(failure, state);
  const late = clock.now() - msOf(failure.occurred_at) > lateMs;
  const snooze = state?.snooze ?? null;
  const snoozed =
    snooze !== null && msOf(snooze.until) > clock.now() ? { until: snooze.until, by: snooze.by } : null;
  const quiet = newer !== null || late || snoozed !== null;
  const id = createHash('sha256').update(row.message_key).digest('hex').slice(0, 12);
  // Tonight's, however old the failure is: the watch looks after this night's groups at every round.
  const tonight = nightKey(board, nightOf(clock.now(), board));
  const fresh = { night: tonight, message_key: `group/${utc(clock.real())}/${id}` };
  const name = `${row.night}/${row.message_key}`;
  const decided: Decided = {
    ...before,
    place: await inTurn(`channel/${channel}`, () => placeIn(table, clock, channel, name, fresh)),
    mention: quiet ? null : await context.owners.of(state),
    newer: newer === null ? null : { status: newer.status, at: newer.at },
    late,
    snoozed,
    duration: before.duration ?? durationOf(failure, state),
  };
  const written = await changeMessage(table, row, (now) =>
    now.rev === row.rev ? { ...now, details: { ...now.details, ...decided } } : undefined,
  );
  return written === undefined ? undefined : decided;
}

/** Nobody is about to post it, and nobody can have posted it. */
export function isUntouched({ ts, claim, unsure_since }: MessageRow): boolean {
  return ts === undefined && claim === undefined && unsure_since === undefined;
}

export function detailsOf(row: MessageRow): AlertDetails {
  return alertDetails.parse(row.details ?? {});
}

function placeOf(row: MessageRow): AlertDetails['place'] {
  return detailsOf(row).place;
}

/** Whether an alert already says how its failure went on. */
export function saysStory(row: MessageRow, print: string): boolean {
  return row.said === fingerprintOf({ text: '', blocks: [] }, print);
}
