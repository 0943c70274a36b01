import { isDeepStrictEqual } from 'node:util';
import { isOver } from '../../../alerts/lifecycle.ts';
import { ageOf } from '../../../clock.ts';
import { msOf, utc } from '../../../events/time.ts';
import type { MessageKey, MessageRow } from '../../../store/messages/messages.ts';
import { changeRow } from '../../../store/versioned-rows.ts';
import type { Content } from '../content.ts';
import { boardOfNight } from '../../../alerts/context.ts';
import type { SlackContext } from '../context.ts';
import { contentHashOf } from '../content-hash.ts';
import { renderGroup, renderGroupMention } from '../render/group.ts';
import { RefusedError } from '../slack-errors.ts';
import { groupDetails, type GroupDetails } from './details.ts';
import { isUntouched } from './replies.ts';

/** A group's message is edited at most this often, and followed this long after it closed. Real ms. */
const editEveryMs = 2_000;
const closesMs = 60_000;

/** Posts the message of a group, or brings it up to date, and mentions owners who joined since. */
export async function updateGroup(context: SlackContext, key: MessageKey): Promise<void> {
  // Read anew: what became of its failures may have been written down a moment ago.
  const row = await context.table.read(key);
  const details = groupDetails.safeParse(row?.details).data;
  if (row === undefined || details === undefined) return;
  const { clock, messenger } = context;
  const now = clock.real();
  if (row.said_real !== undefined && ageOf(row.said_real, now) < editEveryMs) return;
  const mentioned = await mentionFirst(context, row, details);
  const later = ownersOf(details).filter((owner) => !mentioned.includes(owner));
  const content = groupContent(context, row, details, mentioned);
  let { ts } = row;
  if (contentHashOf(content) !== row.said || ts === undefined) {
    const published = await messenger.publish(row, 'group', content, {
      channel: boardOfNight(context, row.night).channel,
      contentAt: utc(clock.now()),
      // Who deleted it has not seen the content that it was about to get.
      whenDeleted: details.members.length > details.shown || later.length > 0 ? 'repost' : 'drop',
      minEditIntervalMs: editEveryMs,
      details: { shown: details.members.length },
      onlyIf: (current) => isDeepStrictEqual(mentionedIn(current), mentioned),
    });
    const { state } = published;
    if (state === 'busy' || state === 'early' || state === 'void' || state === 'deleted') return;
    ({ ts } = published);
  }
  if (ts === undefined) return;
  await mentionLater(context, row, ts, later);
  if (details.members.every(isOver) && ageOf(details.joined_at, now) > closesMs)
    await closeGroup(context, row, details);
}

function groupContent(
  context: SlackContext,
  row: MessageRow,
  { members }: GroupDetails,
  mentions: readonly string[],
): Content {
  return renderGroup({
    key: row,
    members: members.map((member) => ({ ...member, at: msOf(member.occurred_at), progress: member })),
    mentions,
    zone: boardOfNight(context, row.night).zone,
    now: context.clock.now(),
  });
}

function ownersOf({ members }: GroupDetails): string[] {
  return [...new Set(members.flatMap(({ mention }) => (mention === null ? [] : [mention])))];
}

function mentionedIn(row: MessageRow): string[] | null {
  return groupDetails.parse(row.details).mentioned;
}

/**
 * Settles whom the group's message mentions before it is posted: an edit notifies nobody. Settled anew while
 * surely nothing is posted, so that who joins while Slack is away is mentioned in the message itself.
 */
async function mentionFirst(
  { table }: SlackContext,
  row: MessageRow,
  details: GroupDetails,
): Promise<readonly string[]> {
  if (details.mentioned !== null && !isUntouched(row)) return details.mentioned;
  let owners = ownersOf(details);
  await changeRow(table, row, (now) => {
    const current = groupDetails.parse(now.details);
    if (current.mentioned !== null && !isUntouched(now)) {
      owners = current.mentioned;
      return undefined;
    }
    owners = ownersOf(current);
    if (isDeepStrictEqual(current.mentioned, owners)) return undefined;
    return { ...now, details: { ...current, mentioned: owners } };
  });
  return owners;
}

/** Owners who joined since are mentioned in the thread, each once, and named in the message from then on. */
async function mentionLater(
  { messenger, table, boards, clock }: SlackContext,
  row: MessageRow,
  ts: string,
  owners: readonly string[],
): Promise<void> {
  const { channel } = boardOfNight({ boards }, row.night);
  for (const owner of owners) {
    const key = { night: row.night, message_key: `mention/${row.message_key}/${owner}` };
    const content = renderGroupMention([owner], clock.now());
    try {
      const options = { channel, threadTs: ts, whenDeleted: 'drop' } as const;
      if ((await messenger.publish(key, 'mention', content, options)).state === 'busy') continue;
    } catch (error) {
      if (!(error instanceof RefusedError && error.kind === 'message')) throw error;
      // The group's message has been deleted: the next edit finds that out and posts it anew.
      await changeRow(table, row, (now) => ({ ...now, said: undefined }));
      return;
    }
    await changeRow(table, row, (now) => {
      const current = groupDetails.parse(now.details);
      return {
        ...now,
        details: { ...current, mentioned: [...new Set([...(current.mentioned ?? []), owner])] },
      };
    });
  }
}

/** Not if another failure has joined meanwhile: it would never be shown. */
async function closeGroup(
  { table }: SlackContext,
  row: MessageRow,
  { members, joined_at }: GroupDetails,
): Promise<void> {
  await changeRow(table, row, (now) => {
    const current = groupDetails.parse(now.details);
    return current.joined_at === joined_at && current.members.length === members.length
      ? { ...now, details: { ...current, closed: true } }
      : undefined;
  });
}
