import { isDeepStrictEqual } from 'node:util';
import { isOver, type Progress } from '../../../alerts/lifecycle.ts';
import { ageOf } from '../../../clock.ts';
import { msOf, utc } from '../../../events/time.ts';
import { changeMessage, type MessageRow } from '../../../store/messages/messages.ts';
import type { Content } from '../content.ts';
import { boardOfNight, type SlackContext } from '../context.ts';
import { contentHashOf } from '../content-hash.ts';
import { renderGroup, renderGroupMention } from '../render/group.ts';
import { RefusedError } from '../slack-errors.ts';
import { groupDetails, type GroupDetails, type GroupMember } from './details.ts';
import { readProgress, type Rows } from './progress.ts';
import { isUntouched } from './post-alert.ts';

/** A group's message is edited at most this often, and followed this long after it closed. Real ms. */
const editEveryMs = 2_000;
const closesMs = 60_000;

/** Posts the message of a group, or brings it up to date, and mentions owners who joined since. */
export async function updateGroup(context: SlackContext, row: MessageRow, rows: Rows): Promise<void> {
  const before = groupDetails.safeParse(row.details).data;
  if (before === undefined) return;
  const { clock, messenger } = context;
  const now = clock.real();
  if (row.said_real !== undefined && ageOf(row.said_real, now) < editEveryMs) return;
  const { details, progress } = await bringUpToDate(context, row, before, rows);
  const mentioned = await mentionFirst(context, row, details);
  const later = ownersOf(details).filter((owner) => !mentioned.includes(owner));
  const content = groupContent(context, row, details, mentioned, progress);
  let { ts } = row;
  if (contentHashOf(content) !== row.said || ts === undefined) {
    const said = await messenger.publish(row, 'group', content, {
      channel: boardOfNight(context, row.night).channel,
      saidAt: utc(clock.now()),
      // Who deleted it has not seen what it was about to say.
      whenDeleted: details.members.length > details.shown || later.length > 0 ? 'repost' : 'drop',
      minEditIntervalMs: editEveryMs,
      details: { shown: details.members.length },
      onlyIf: (current) => isDeepStrictEqual(mentionedIn(current), mentioned),
    });
    const { state } = said;
    if (state === 'busy' || state === 'early' || state === 'void' || state === 'deleted') return;
    ({ ts } = said);
  }
  if (ts === undefined) return;
  await mentionLater(context, row, ts, later);
  if (progress.every(isOver) && ageOf(details.joined_at, now) > closesMs)
    await closeGroup(context, row, details);
}

/** What is known of each member now; what is to stay known, and owners who were found late, are written down. */
async function bringUpToDate(
  context: SlackContext,
  row: MessageRow,
  before: GroupDetails,
  rows: Rows,
): Promise<{ readonly details: GroupDetails; readonly progress: readonly Progress[] }> {
  const progress: Progress[] = [];
  const members: GroupMember[] = [];
  for (const member of before.members) {
    const state = rows.get(member.scheduler_id);
    const now = await readProgress(context, member, state, member);
    const wantsOwner = member.owner_unknown && !isOver(now) && now.acknowledged === null;
    const owner = wantsOwner ? await context.owners.of(state, member.sender) : member;
    progress.push(now);
    members.push({
      ...member,
      mention: owner.mention,
      owner_unknown: owner.owner_unknown,
      acknowledged: now.acknowledged,
      recovered: now.recovered,
    });
  }
  if (isDeepStrictEqual(members, before.members)) return { details: before, progress };
  await changeMessage(context.table, row, (found) => {
    const current = groupDetails.parse(found.details);
    // Members only ever join, at the end.
    const joined = current.members.slice(members.length);
    return { ...found, details: { ...current, members: [...members, ...joined] } };
  });
  return { details: { ...before, members }, progress };
}

function groupContent(
  context: SlackContext,
  row: MessageRow,
  { members }: GroupDetails,
  mentions: readonly string[],
  progress: readonly Progress[],
): Content {
  return renderGroup({
    key: row,
    members: members.flatMap((member, index) => {
      const known = progress[index];
      return known === undefined ? [] : [{ ...member, at: msOf(member.occurred_at), progress: known }];
    }),
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
  await changeMessage(table, row, (now) => {
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
      await changeMessage(table, row, (now) => ({ ...now, said: undefined }));
      return;
    }
    await changeMessage(table, row, (now) => {
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
  await changeMessage(table, row, (now) => {
    const current = groupDetails.parse(now.details);
    return current.joined_at === joined_at && current.members.length === members.length
      ? { ...now, details: { ...current, closed: true } }
      : undefined;
  });
}
