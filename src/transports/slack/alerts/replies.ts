import type { Alert } from '../../../alerts/alert.ts';
import type { MessageKey, MessageRow } from '../../../store/messages/messages.ts';
import { changeRow } from '../../../store/versioned-rows.ts';
import type { Content } from '../content.ts';
import type { SlackContext } from '../context.ts';
import { renderOwnerCall } from '../render/alert.ts';
import { RefusedError } from '../slack-errors.ts';
import type { Owner } from './owners.ts';

/** Where in Slack an alert is shown. */
export type Spot = { readonly key: MessageKey; readonly channel: string };
/** A message that has a thread. */
export type Posted = Spot & { readonly ts: string };

/**
 * Posts a reply in a message's thread, once.
 * @returns false when somebody else is at work on it
 */
export async function reply(
  { messenger }: Pick<SlackContext, 'messenger'>,
  { key: { night, message_key }, channel, ts }: Posted,
  what: 'details' | 'reply' | 'owner',
  content: Content,
): Promise<boolean> {
  const key = { night, message_key: `${what}/${message_key}` };
  // Posted once: what it reports does not change, though the time at which it does moves on.
  const options = { channel, threadTs: ts, whenDeleted: 'drop', contentHash: 'said once' } as const;
  try {
    return (await messenger.publish(key, 'reply', content, options)).state !== 'busy';
  } catch (error) {
    // Somebody has just deleted the alert: there is no thread to reply in, now or later.
    if (error instanceof RefusedError && error.kind === 'message') return true;
    throw error;
  }
}

/** Calls an owner who could not be found when an alert was posted, in its thread, once he is. @returns who is called */
export async function callLateOwner(
  context: SlackContext,
  posted: Posted,
  before: Owner,
  alert: Alert,
): Promise<Owner> {
  const found = await context.owners.of(alert);
  if (found.owner_unknown) return before;
  if (found.mention !== null) {
    const content = renderOwnerCall(found.mention, context.clock.now());
    if (!(await reply(context, posted, 'owner', content))) return before;
  }
  await changeDetails(context, posted.key, found);
  return found;
}

/** Adds to a message's details, whoever else writes. */
export async function changeDetails(
  { table }: Pick<SlackContext, 'table'>,
  key: MessageKey,
  change: NonNullable<MessageRow['details']>,
): Promise<void> {
  await changeRow(table, key, (row) => ({ ...row, details: { ...row.details, ...change } }));
}

/** Nobody is about to post it, and nobody can have posted it. */
export function isUntouched({ ts, claim: lease, unsure_since }: MessageRow): boolean {
  return ts === undefined && lease === undefined && unsure_since === undefined;
}
