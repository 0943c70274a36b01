import { isOver, type Progress } from '../../../alerts/lifecycle.ts';
import { utc } from '../../../events/time.ts';
import type { MessageKey, MessageRow } from '../../../store/messages/messages.ts';
import { alertRow } from '../../../store/messages/alert-rows.ts';
import type { Content } from '../content.ts';
import { boardOfNight, type SlackContext } from '../context.ts';
import {
  hasDetails,
  isFolded,
  renderAlert,
  renderAlertDetails,
  renderOwnerCall,
  renderRecoveryReply,
  type Alert,
} from '../render/alert.ts';
import { RefusedError } from '../slack-errors.ts';
import { progressHash, readProgress, type Rows } from './progress.ts';
import { alertOf, changeDetails, detailsOf, failureOf, showsProgress } from './post-alert.ts';

/**
 * Brings an alert up to date: acknowledged, snoozed, recovered, removed; what its one line leaves out and the
 * recovery go into its thread, and so does the call of an owner who was found late. Does nothing when it says so
 * already.
 */
export async function updateAlert(context: SlackContext, row: MessageRow, rows: Rows): Promise<void> {
  const alert = alertRow.parse(row);
  const details = detailsOf(row);
  const state = rows.get(alert.scheduler_id);
  const progress = await readProgress(context, alert, state, details);
  const mention = await lateOwner(context, row, rows, progress);
  const contentHash = progressHash(progress, mention);
  const isSaid = showsProgress(row, contentHash);
  if (isSaid && !isOver(progress)) return;
  const found = await failureOf(context, alert);
  if (found === undefined) return;
  const shown = alertOf(context, alert, { ...details, mention }, found.failure, state, progress);
  let { ts } = row;
  if (!isSaid) {
    const said = await context.messenger.publish(row, 'alert', renderAlert(shown), {
      channel: boardOfNight(context, row.night).channel,
      saidAt: utc(context.clock.now()),
      whenDeleted: 'drop',
      contentHash,
      details: { acknowledged: progress.acknowledged, recovered: progress.recovered },
    });
    if (said.state === 'busy' || said.state === 'deleted') return;
    ({ ts } = said);
  }
  if (ts === undefined) return;
  if ((await replyAll(context, row, ts, shown)) && isOver(progress))
    await changeDetails(context, row, { closed: true });
}

/** @returns false when somebody else is at work on a reply */
async function replyAll(context: SlackContext, row: MessageRow, ts: string, alert: Alert): Promise<boolean> {
  const { progress, failure, zone, now, arrivedOver } = alert;
  // An alert that came as already over says all in its one line.
  if (arrivedOver) return true;
  const leavesOut = isFolded(progress) && hasDetails(alert);
  if (leavesOut && !(await reply(context, row, ts, 'details', renderAlertDetails(alert)))) return false;
  if (progress.recovered === null) return true;
  const { at } = progress.recovered;
  const content = renderRecoveryReply({ ...failure, at, after: at - failure.at, zone, now });
  return await reply(context, row, ts, 'reply', content);
}

/**
 * Says something in a message's thread, once.
 * @returns false when somebody else is at work on it
 */
export async function reply(
  context: SlackContext,
  { night, message_key }: MessageKey,
  threadTs: string,
  what: 'details' | 'reply' | 'owner',
  content: Content,
): Promise<boolean> {
  const key = { night, message_key: `${what}/${message_key}` };
  const { channel } = boardOfNight(context, night);
  // Said once: what it tells does not change, though the time at which it is told moves on.
  const options = { channel, threadTs, whenDeleted: 'drop', contentHash: 'said once' } as const;
  try {
    return (await context.messenger.publish(key, 'reply', content, options)).state !== 'busy';
  } catch (error) {
    // Somebody has just deleted the alert: there is no thread to reply in, now or later.
    if (error instanceof RefusedError && error.kind === 'message') return true;
    throw error;
  }
}

/** Whom an alert calls; one who could not be found when it was posted is called in its thread, once he is. */
async function lateOwner(
  context: SlackContext,
  row: MessageRow,
  rows: Rows,
  progress: Progress,
): Promise<string | null> {
  const { mention, owner_unknown, sender, late } = detailsOf(row);
  const isCalled = owner_unknown && !late && !isOver(progress) && progress.acknowledged === null;
  if (!isCalled || row.ts === undefined) return mention;
  const found = await context.owners.of(rows.get(alertRow.parse(row).scheduler_id), sender);
  if (found.owner_unknown) return mention;
  if (found.mention !== null) {
    const called = await reply(
      context,
      row,
      row.ts,
      'owner',
      renderOwnerCall(found.mention, context.clock.now()),
    );
    if (!called) return mention;
  }
  await changeDetails(context, row, found);
  return found.mention;
}
