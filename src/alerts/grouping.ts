import { z } from 'zod';
import { ageOf } from '../clock.ts';

const groupKey = z.object({ night: z.string(), message_key: z.string() });
export type GroupKey = z.infer<typeof groupKey>;

/** What was posted of failures in a channel lately: it decides where the next one goes. Times are real ms. */
export const groupingState = z.object({
  /** Alerts that were given a message of their own. */
  singles: z.array(z.object({ alert: z.string(), at: z.number() })),
  /** The group that the last further one joined. */
  group: z.object({ key: groupKey, joined_at: z.number(), members: z.number() }).nullable(),
});
export type GroupingState = z.infer<typeof groupingState>;

/** Where an alert goes: a message of its own, or one shared with others. */
export const place = z.union([z.literal('single'), groupKey]);
export type Place = z.infer<typeof place>;

export const emptyGroupingState: GroupingState = { singles: [], group: null };

/** The longest time without a new alert that leaves a group open, and the time that the threshold counts over. */
const windowMs = 60_000;
const maxSingles = 5;
/** A group is one item of a table, which may have 400 KB. */
const maxMembers = 200;

/**
 * Places an alert: alone while fewer than five went alone in the last 60 s, else in the open group, which
 * closes after 60 s without a new one. Pure.
 * @param alert its key; placed twice within 60 s it goes to the same place when it went alone
 * @param fresh the key of the group to open if one must be opened
 * @param real ms
 */
export function groupAlert(
  before: GroupingState,
  alert: string,
  fresh: GroupKey,
  real: number,
): [GroupingState, Place] {
  const singles = before.singles.filter(({ at }) => ageOf(at, real) < windowMs);
  if (singles.some((single) => single.alert === alert)) return [{ ...before, singles }, 'single'];
  const { group } = before;
  const open = group !== null && ageOf(group.joined_at, real) < windowMs;
  if (!open && singles.length < maxSingles) {
    return [{ singles: [...singles, { alert, at: real }], group: null }, 'single'];
  }
  const key = open && group.members < maxMembers ? group.key : fresh;
  const members = open && key === group.key ? group.members + 1 : 1;
  return [{ singles, group: { key, joined_at: real, members } }, key];
}
