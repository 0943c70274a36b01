import { z } from 'zod';
import { place } from '../../../alerts/grouping.ts';
import { alertKinds, alertProgress } from '../../../store/alerts/alert-rows.ts';

/** What Slack's messages about alerts hold beside the message itself, in `details`. */

/** Whom to call: an owner whom Slack could not be asked for yet is asked for again. */
const owner = {
  mention: z.string().nullable().default(null),
  owner_unknown: z.boolean().default(false),
};

/** What was decided when an alert was first posted, so that it is posted again in the same words. */
export const alertDetails = z.object({
  place: place.optional(),
  /** Whether the group of its place has it. */
  joined: z.boolean().default(false),
  ...owner,
  late: z.boolean().default(false),
  /** Whether its job was known to have completed when it was first posted. */
  arrived_over: z.boolean().default(false),
});
export type AlertDetails = z.infer<typeof alertDetails>;

const { acknowledged, recovered, snoozed, removed } = alertProgress.shape;

/** One alert of a group: enough to list it. */
export const groupMember = z.object({
  kind: z.enum(alertKinds).default('failure'),
  scheduler_id: z.string(),
  event_id: z.string(),
  occurred_at: z.string(),
  service_name: z.string(),
  job_name: z.string(),
  error: z.string().nullable(),
  ...owner,
  ...{ acknowledged, recovered, snoozed, removed },
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

/** Of a warning of a stale job. */
export const staleDetails = z.object(owner);
