import type { Content } from '../content.ts';
import { bytesOf, context, header, maxBlocksBytes, parsedSection, withIds } from './blocks.ts';
import { firstLine, inert, mentionOf, oneLine, cut } from './escape.ts';
import { timeOf } from './format.ts';
import { enumerated, fitting, sectionsOf } from './lists.ts';
import { count, emojiOf, nameOf } from './words.ts';

/** A failure told of together with others. Instants are ms UTC. */
export type GroupMember = {
  readonly scheduler_id: string;
  readonly service_name: string;
  readonly job_name: string;
  readonly at: number;
  readonly error: string | null;
  readonly acknowledgedBy: string | null;
  readonly recoveredAt: number | null;
};

export type Group = {
  /** In the order in which they shall be listed. */
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
 * The message about failures beyond those that got one of their own: as many of them as fit, every owner once.
 * What does not fit is on the board.
 */
export function renderGroup({ members, mentions, zone, now }: Group): Content {
  const title = `${emojiOf('failed')} ${count(members.length, 'more job')} failed`;
  const called = mentionsText(mentions);
  const above = [header(title), ...(called === undefined ? [] : [parsedSection(called)])];
  const below = context(tally(members));
  const room = maxBlocksBytes - bytesOf([...above, ...below]) - 1_000;
  const lines = fitting(
    members.map((member) => memberLine(member, zone)),
    room,
    (n) => `and ${n} more: see the board`,
  );
  const names = members
    .slice(0, 20)
    .map(({ service_name, job_name }) => `${inert(service_name, 40)} / ${inert(job_name, 60)}`);
  const listed = names.length === 0 ? '' : `: ${enumerated(names, members.length, 2_000)}`;
  return {
    text: `${count(members.length, 'more job')} failed${listed}`,
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

/** `❌ 02:10 · billing / close-day · disk full · recovered 02:40` */
function memberLine(member: GroupMember, zone: string): string {
  const error = member.error === null ? undefined : firstLine(member.error);
  const isOver = member.recoveredAt !== null;
  return [
    `${emojiOf(isOver ? 'completed' : 'failed')} ${timeOf(member.at, zone)}`,
    nameOf(member),
    ...(error === undefined ? [] : [cut(error, 60)]),
    ...(member.acknowledgedBy === null ? [] : [`acknowledged by ${oneLine(member.acknowledgedBy, 30)}`]),
    ...(member.recoveredAt === null ? [] : [`recovered ${timeOf(member.recoveredAt, zone)}`]),
  ].join(' · ');
}

/** `3 recovered, 2 acknowledged`; nothing while there is neither. */
function tally(members: readonly GroupMember[]): string[] {
  const recovered = members.filter(({ recoveredAt }) => recoveredAt !== null).length;
  const acknowledged = members.filter(({ acknowledgedBy }) => acknowledgedBy !== null).length;
  return recovered + acknowledged === 0 ? [] : [`${recovered} recovered, ${acknowledged} acknowledged`];
}
