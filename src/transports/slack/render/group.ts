import { isOver, type Progress } from '../../../alerts/lifecycle.ts';
import { causeLine } from '../../../alerts/cause-line.ts';
import type { AlertKind } from '../../../store/alerts/alert-rows.ts';
import type { Content } from '../content.ts';
import { bytesOf, context, header, maxBlocksBytes, parsedSection, withIds } from './blocks.ts';
import { groupMenu } from './buttons.ts';
import { cut, inert, mentionOf, oneLine } from './escape.ts';
import { momentOf } from './format.ts';
import { enumerated, fitting, sectionsOf } from './lists.ts';
import { count, emojiOf, jobLabel, personText } from './labels.ts';

/** An alert in a group with others. Instants are ms UTC. */
export type GroupMember = {
  /** Absent: a failure. */
  readonly kind?: AlertKind;
  readonly service_name: string;
  readonly job_name: string;
  readonly at: number;
  readonly error: string | null;
  readonly progress: Progress;
};

export type Group = {
  /** The group's row, for its menu. */
  readonly key: { readonly night: string; readonly message_key: string };
  /** In the order in which they joined. */
  readonly members: readonly GroupMember[];
  /** Slack ids of the owners; one who owns several jobs may be there several times. */
  readonly mentions: readonly string[];
  /** IANA zone. */
  readonly zone: string;
  /** When the message says this, ms UTC. */
  readonly now: number;
};

/** Of one section, which carries 3,000. */
const maxMentions = 2_900;

/**
 * The message about failures beyond those that got one of their own: those that somebody has to look after first, as
 * many as fit, every owner once. What does not fit is on the board.
 */
export function renderGroup({ key, members, mentions, zone, now }: Group): Content {
  const inOrder = members.toSorted((a, b) => urgencyOf(a) - urgencyOf(b));
  const open = inOrder.filter(({ progress }) => !isOver(progress));
  const title = titleOf(members, open.length);
  const called = open.length === 0 ? undefined : mentionsText(mentions);
  const above = [
    header(`${emojiOf(open.length === 0 ? 'completed' : 'failed')} ${title}`),
    ...(called === undefined ? [] : [parsedSection(called)]),
  ];
  const offered = members.flatMap(({ progress, ...job }, index) =>
    isOver(progress) || progress.acknowledged !== null ? [] : [{ index, name: jobLabel(job) }],
  );
  const below = [...context(tally(members)), ...groupMenu(key, offered)];
  const room = maxBlocksBytes - bytesOf([...above, ...below]) - 1_000;
  const lines = fitting(
    inOrder.map((member) => memberLine(member, zone, now)),
    room,
    (n) => `and ${n} more: see the board`,
  );
  const names = (open.length === 0 ? inOrder : open)
    .slice(0, 20)
    .map(({ service_name, job_name }) => `${inert(service_name, 40)} / ${inert(job_name, 60)}`);
  const listed = names.length === 0 ? '' : `: ${enumerated(names, open.length || members.length, 2_000)}`;
  return {
    text: `${title}${listed}`,
    blocks: withIds([...above, ...sectionsOf(lines), ...below], 'group', now),
  };
}

/**
 * The reply in a group's thread that tells owners of jobs that joined it later: an edit would notify nobody.
 * @param now when the message says this, ms UTC
 */
export function renderGroupMention(mentions: readonly string[], now: number): Content {
  const called = mentionsText(mentions) ?? 'Their owners are not known.';
  const text = `${called} More jobs have failed: see the list above.`;
  return { text, blocks: withIds([parsedSection(text)], 'mention', now) };
}

/**
 * `7 more jobs failed`, `7 more jobs failed: 4 open, 3 over`, `7 more jobs failed: all over`; where not all of them are
 * failures, they went wrong.
 */
function titleOf(members: readonly GroupMember[], open: number): string {
  const all = members.length;
  const isFailure = members.every(({ kind = 'failure' }) => kind === 'failure');
  const failed = `${count(all, 'more job')} ${isFailure ? 'failed' : 'went wrong'}`;
  if (open === all) return failed;
  return open === 0 ? `${failed}: all over` : `${failed}: ${open} open, ${all - open} over`;
}

/** What nobody looks after yet, then what somebody does, then what is over. */
function urgencyOf({ progress }: GroupMember): number {
  if (isOver(progress)) return 2;
  return progress.acknowledged === null ? 0 : 1;
}

/** Every one once, in order; `undefined` when there is nobody. */
function mentionsText(userIds: readonly string[]): string | undefined {
  const all = [...new Set(userIds.map((id) => mentionOf(id)).filter((mention) => mention !== undefined))];
  const shown: string[] = [];
  let left = maxMentions;
  for (const mention of all) {
    left -= mention.length + 1;
    if (left < 0) break;
    shown.push(mention);
  }
  if (shown.length === 0) return undefined;
  const more = all.length - shown.length;
  return `${shown.join(' ')}${more === 0 ? '' : ` and ${count(more, 'more owner')}`}`;
}

/** `❌ billing / close-day · disk full · 02:10 WIB`, `✅ billing / close-day · recovered 02:40 WIB` */
function memberLine(
  { progress, kind = 'failure', ...member }: GroupMember,
  zone: string,
  now: number,
): string {
  const moment = (at: number): string => momentOf(at, now, zone);
  const { acknowledged, recovered, removed, snoozed } = progress;
  if (recovered !== null)
    return `${emojiOf('completed')} ${jobLabel(member)} · recovered ${moment(recovered.at)}`;
  if (removed !== null) return `➖ ${jobLabel(member)} · removed ${moment(removed.at)}`;
  const line = member.error === null ? undefined : causeLine(member.error);
  return [
    `${acknowledged === null ? emojiOf(kind === 'failure' ? 'failed' : 'late') : '👀'} ${jobLabel(member)}`,
    ...(line === undefined ? [] : [cut(oneLine(line), 60)]),
    moment(member.at),
    ...(acknowledged === null ? [] : [`acknowledged by ${personText(acknowledged.by)}`]),
    ...(snoozed === null ? [] : [`snoozed until ${moment(snoozed.until)}`]),
  ].join(' · ');
}

/** `3 recovered, 2 acknowledged`; nothing while there is neither. */
function tally(members: readonly GroupMember[]): string[] {
  const recovered = members.filter(({ progress }) => progress.recovered !== null).length;
  const acknowledged = members.filter(
    ({ progress }) => progress.acknowledged !== null && !isOver(progress),
  ).length;
  return recovered + acknowledged === 0 ? [] : [`${recovered} recovered, ${acknowledged} acknowledged`];
}
