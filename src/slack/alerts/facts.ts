import { z } from 'zod';
import { statuses } from '../../events/order.ts';
import { place } from './placing.ts';

/** What the rows of alerts and groups hold beside the message itself, in `details`. */

/** What was decided when an alert was told, so that it is told again in the same words. */
export const alertDetails = z.object({
  place: place.optional(),
  mention: z.string().nullable().default(null),
  /** It arrived when a newer status of its job was known, or a day late. */
  newer: z
    .object({ status: z.enum(statuses), at: z.string() })
    .nullable()
    .default(null),
  late: z.boolean().default(false),
  snoozed: z.object({ until: z.string(), by: z.string() }).nullable().default(null),
  /** How long the failed run took, ms: the job's row forgets when it began as soon as the job goes on. */
  duration: z.number().nullable().default(null),
  /** What it said of its acknowledgement: the job's row knows only that of its latest failure. ms UTC. */
  acknowledged: z.object({ by: z.string(), at: z.number() }).nullable().default(null),
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
  mention: z.string().nullable(),
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
  mention: z.string().nullable(),
  closed: z.boolean().default(false),
});
export type StaleDetails = z.infer<typeof staleDetails>;
