import { z } from 'zod';
import { place } from './grouping.ts';

/** What the rows of alerts, groups and warnings hold beside the message itself, in `details`. */

/** What is written down of how something went on: the job's row forgets it as soon as the job goes on. ms UTC. */
const known = {
  acknowledged: z.object({ by: z.string(), at: z.number() }).nullable().default(null),
  recovered: z.object({ at: z.number() }).nullable().default(null),
};

/** Whom to call: an owner whom Slack could not be asked for yet is asked for again. */
const owner = {
  mention: z.string().nullable().default(null),
  owner_unknown: z.boolean().default(false),
  /** Whose report it was: look-ups of owners are limited by sender. */
  sender: z.string().nullable().default(null),
};

/** What was decided when an alert was told, so that it is told again in the same words. */
export const alertDetails = z.object({
  place: place.optional(),
  /** Whether the group of its place has it. */
  joined: z.boolean().default(false),
  ...owner,
  late: z.boolean().default(false),
  /** Whether its job was known to have completed when it was first told. */
  arrived_over: z.boolean().default(false),
  /** How long the failed run took, ms. */
  duration: z.number().nullable().default(null),
  ...known,
  /** Why nobody was told. */
  untold: z.enum(['unregistered', 'removed', 'snoozed']).nullable().default(null),
  closed: z.boolean().default(false),
});
export type AlertDetails = z.infer<typeof alertDetails>;

/** One failure of a group: enough to list it. */
export const groupMember = z.object({
  scheduler_id: z.string(),
  event_id: z.string(),
  occurred_at: z.string(),
  service_name: z.string(),
  job_name: z.string(),
  error: z.string().nullable(),
  ...owner,
  ...known,
});
export type GroupMember = z.infer<typeof groupMember>;

export const groupDetails = z.object({
  members: z.array(groupMember),
  /** When the last of them joined, real ms. */
  joined_at: z.number(),
  /** Who has been mentioned; null until the group is first posted. */
  mentioned: z.array(z.string()).nullable().default(null),
  /** How many members its message was last given. */
  shown: z.number().default(0),
  closed: z.boolean().default(false),
});
export type GroupDetails = z.infer<typeof groupDetails>;

/** What is known of a silence that was warned of. */
export const staleDetails = z.object({
  scheduler_id: z.string(),
  last_sign: z.object({ at: z.string(), id: z.string() }),
  timeout_ms: z.number(),
  running_since: z.string().nullable(),
  ...owner,
  acknowledged: known.acknowledged,
  explains: z.boolean().default(false),
  closed: z.boolean().default(false),
});
export type StaleDetails = z.infer<typeof staleDetails>;
