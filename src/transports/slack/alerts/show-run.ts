import { createHash } from 'node:crypto';
import { progressOf, type RunAlert } from '../../../alerts/alert.ts';
import { endingOf, explanationOf, whatHappened } from '../../../alerts/explain.ts';
import { momentOf } from '../render/format.ts';
import { isOver } from '../../../alerts/lifecycle.ts';
import { isLate } from '../../../alerts/opening.ts';
import type { DeliveryOutcome } from '../../../alerts/transport.ts';
import { utc } from '../../../events/time.ts';
import { nightKey } from '../../../night/boards.ts';
import { nightOf } from '../../../night/night.ts';
import type { MessageKey, MessageRow } from '../../../store/messages/messages.ts';
import { changeRow } from '../../../store/versioned-rows.ts';
import { contentHashOf } from '../content-hash.ts';
import { boardOfNight } from '../../../alerts/context.ts';
import type { SlackContext } from '../context.ts';
import {
  hasDetails,
  isFolded,
  renderAlert,
  renderAlertDetails,
  renderRecoveryReply,
  type Alert,
} from '../render/alert.ts';
import { assignPlace } from './assign-place.ts';
import { alertDetails, type AlertDetails } from './details.ts';
import { joinGroup, updateMember } from './group-members.ts';
import { nobody, type Owner } from './owners.ts';
import { callLateOwner, changeDetails, isUntouched, reply, type Posted, type Spot } from './replies.ts';

/**
 * Shows what went wrong with a run, or that there was none: in a message of its own, posted once and then edited in place, or in the open group of its channel.
 * Showing it again changes nothing.
 */
export async function showRun(context: SlackContext, spot: Spot, alert: RunAlert): Promise<DeliveryOutcome> {
  const row = await openMessage(context, spot.key);
  if (row === undefined) return 'again';
  if (row.deleted === true) return 'delivered';
  const details = detailsOf(row);
  if (details.joined) return await updateInGroup(context, row, alert, details);
  if (row.ts !== undefined) return await update(context, { ...spot, ts: row.ts }, row, alert, details);
  // Of what nobody has seen nobody needs to see that it is no matter any more.
  if (alert.progress.removed !== null && isUntouched(row)) return 'delivered';
  return await post(context, spot, row, alert);
}

async function openMessage({ table, clock }: SlackContext, key: MessageKey): Promise<MessageRow | undefined> {
  const found = await table.read(key);
  if (found !== undefined) return found;
  await table.create({ ...key, kind: 'alert', created_at: utc(clock.now()) });
  return await table.read(key);
}

type Decided = AlertDetails & { readonly place: NonNullable<AlertDetails['place']> };

async function post(
  context: SlackContext,
  { key, channel }: Spot,
  row: MessageRow,
  alert: RunAlert,
): Promise<DeliveryOutcome> {
  const details = await decide(context, channel, row, alert);
  if (details === 'again') return 'again';
  const { place, mention, owner_unknown } = details;
  if (place !== 'single') {
    await context.exclusively(`${place.night}/${place.message_key}`, () =>
      joinGroup(context, place, alert, { mention, owner_unknown }),
    );
    await changeDetails(context, row, { joined: true });
    return followUp(alert, details);
  }
  const content = renderAlert(shownOf(context, alert, details));
  const { state } = await context.messenger.publish(key, 'alert', content, {
    channel,
    contentAt: utc(context.clock.now()),
    whenDeleted: 'drop',
    contentHash: progressHash(alert, mention),
    onlyIf: (now) => detailsOf(now).place === 'single',
  });
  return state === 'busy' || state === 'void' ? 'again' : followUp(alert, details);
}

/**
 * What is decided once: where it goes, and whom it calls. Decided again only while surely nothing of it is in Slack: an
 * alert that waited out an outage may find its job well, or a storm to join.
 */
async function decide(
  context: SlackContext,
  channel: string,
  row: MessageRow,
  alert: RunAlert,
): Promise<Decided | 'again'> {
  const before = detailsOf(row);
  if (before.place !== undefined && (before.place !== 'single' || !isUntouched(row))) {
    return { ...before, place: before.place };
  }
  const { clock, state, table, exclusively, owners } = context;
  const now = clock.now();
  const late = isLate(atOf(alert), now);
  const id = createHash('sha256').update(row.message_key).digest('hex').slice(0, 12);
  // Tonight's, however old the failure is: the watch looks after this night's groups at every round.
  const board = boardOfNight(context, row.night);
  const tonight = nightKey(board, nightOf(now, board));
  const fresh = { night: tonight, message_key: `group/${utc(clock.real())}/${id}` };
  const name = `${row.night}/${row.message_key}`;
  const decided: Decided = {
    ...before,
    place: await exclusively(`channel/${channel}`, () => assignPlace(state, clock, channel, name, fresh)),
    ...(late || isOver(progressOf(alert)) ? nobody : await owners.of(alert)),
    late,
    arrived_over: progressOf(alert).recovered !== null,
  };
  const written = await changeRow(table, row, (found) =>
    found.rev === row.rev ? { ...found, details: { ...found.details, ...decided } } : undefined,
  );
  return written === undefined ? 'again' : decided;
}

/** Acknowledged, snoozed, recovered, removed; what its one line leaves out and the recovery go into its thread. */
async function update(
  context: SlackContext,
  posted: Posted,
  row: MessageRow,
  alert: RunAlert,
  before: AlertDetails,
): Promise<DeliveryOutcome> {
  const details = wantsOwner(alert, before)
    ? { ...before, ...(await callLateOwner(context, posted, before, alert)) }
    : before;
  const shown = shownOf(context, alert, details);
  const contentHash = progressHash(alert, details.mention);
  let { ts } = posted;
  if (row.said !== contentHashOf({ text: '', blocks: [] }, contentHash)) {
    const published = await context.messenger.publish(posted.key, 'alert', renderAlert(shown), {
      channel: posted.channel,
      contentAt: utc(context.clock.now()),
      whenDeleted: 'drop',
      contentHash,
    });
    if (published.state === 'busy') return 'again';
    if (published.state === 'deleted' || published.ts === undefined) return 'delivered';
    ({ ts } = published);
  }
  return (await replyAll(context, { ...posted, ts }, shown)) ? followUp(alert, details) : 'again';
}

/** @returns false when somebody else is at work on a reply */
async function replyAll(context: SlackContext, posted: Posted, shown: Alert): Promise<boolean> {
  const { progress, failure, ending, zone, now, arrivedOver } = shown;
  // An alert that came as already over says all in its one line.
  if (arrivedOver) return true;
  const leavesOut = isFolded(progress) && hasDetails(shown);
  if (leavesOut && !(await reply(context, posted, 'details', renderAlertDetails(shown)))) return false;
  if (progress.recovered === null) return true;
  const { at } = progress.recovered;
  const content = renderRecoveryReply({ ...failure, at, after: at - failure.at, ending, zone, now });
  return await reply(context, posted, 'reply', content);
}

async function updateInGroup(
  context: SlackContext,
  row: MessageRow,
  alert: RunAlert,
  { place, ...details }: AlertDetails,
): Promise<DeliveryOutcome> {
  if (place === undefined || place === 'single') return 'delivered';
  let owner: Owner = { mention: details.mention, owner_unknown: details.owner_unknown };
  if (wantsOwner(alert, details)) {
    const found = await context.owners.of(alert);
    if (!found.owner_unknown) owner = found;
  }
  await context.exclusively(`${place.night}/${place.message_key}`, () =>
    updateMember(context, place, alert, owner),
  );
  if (owner.owner_unknown !== details.owner_unknown) await changeDetails(context, row, { ...owner });
  return followUp(alert, { ...details, ...owner });
}

/** Whether an owner who could not be found yet is still to be called. */
function wantsOwner(
  { progress }: RunAlert,
  { owner_unknown, late }: Pick<AlertDetails, 'owner_unknown' | 'late'>,
): boolean {
  return owner_unknown && !late && !isOver(progress) && progress.acknowledged === null;
}

function followUp(alert: RunAlert, details: Pick<AlertDetails, 'owner_unknown' | 'late'>): DeliveryOutcome {
  return wantsOwner(alert, details) ? 'follow-up' : 'delivered';
}

/** What an alert shows, from what was decided when it was posted and what is known now. */
function shownOf(
  { clock }: SlackContext,
  alert: RunAlert,
  { mention, late, arrived_over }: AlertDetails,
): Alert {
  const { scheduler_id, event_id, service_name, job_name, board } = alert;
  const now = clock.now();
  const moment = (at: number): string => momentOf(at, now, board.zone);
  const slot = alert.kind === 'failure' ? undefined : alert;
  const ending = slot === undefined ? null : endingOf(slot, moment);
  const sign = slot?.progress.outcome?.kind === 'failed' ? 'failed' : 'completed';
  return {
    failure: {
      ...{ scheduler_id, event_id, service_name, job_name, at: atOf(alert) },
      duration: alert.kind === 'failure' ? alert.duration : null,
      error: alert.kind === 'failure' ? alert.error : explanationOf(alert, moment),
    },
    what: whatHappened[alert.kind],
    sign: slot === undefined ? 'failed' : 'late',
    ending: ending === null ? null : { text: ending, sign },
    dependents: alert.dependents,
    runbookUrl: alert.runbookUrl,
    seen: alert.kind === 'failure' ? alert.seen : null,
    zone: board.zone,
    now,
    mention,
    progress: progressOf(alert),
    late,
    arrivedOver: arrived_over,
  };
}

/** When it came to be wrong: of a slot, when it was due. */
function atOf(alert: RunAlert): number {
  return alert.kind === 'failure' ? alert.failedAt : alert.slot;
}

function detailsOf(row: MessageRow): AlertDetails {
  return alertDetails.parse(row.details ?? {});
}

/** What stands for an alert in a comparison: it is edited when this changes. */
function progressHash(alert: RunAlert, mention: string | null): string {
  const { acknowledged, recovered, snoozed, removed } = progressOf(alert);
  const more = [
    ...(alert.dependents.length === 0 ? [] : [alert.dependents]),
    ...(alert.kind === 'failure' ? [] : [alert.situation]),
  ];
  return JSON.stringify([{ acknowledged, recovered, snoozed, removed }, mention, ...more]);
}
