import { z } from 'zod';
import type { StateProjection } from '../../projections/projection.ts';
import { compareRefs } from '../../src/events/order.ts';
import { msOf } from '../../src/events/time.ts';

/** The longest run of each scheduler that a status told of. */
const longestRun = z.object({
  scheduler_id: z.string(),
  longest: z.object({ at: z.string(), id: z.string(), ms: z.number() }).nullable().default(null),
});
type LongestRun = z.infer<typeof longestRun>;

const emptyRow = (scheduler_id: string): LongestRun => ({ scheduler_id, longest: null });

export const longestRunProjection = {
  name: 'longest-run',
  version: 1,
  table: { name: 'longest-runs', partition: 'scheduler_id', expires: false, recoverable: false },
  schema: longestRun,
  emptyRow,
  fromEvent: ({ event }) => {
    const none = emptyRow(event.scheduler_id);
    if (event.type !== 'status_reported' || event.execution_time_ms === null) return none;
    return { ...none, longest: { at: event.occurred_at, id: event.event_id, ms: event.execution_time_ms } };
  },
  join: (a, b) => {
    if (a.longest === null || b.longest === null) return { ...a, longest: a.longest ?? b.longest };
    const aIsGreater = a.longest.ms - b.longest.ms || compareRefs(a.longest, b.longest);
    return aIsGreater >= 0 ? a : b;
  },
  pastRetention: (row, now, { eventMs }) =>
    row.longest !== null && msOf(row.longest.at) + eventMs <= now ? row : emptyRow(row.scheduler_id),
} as const satisfies StateProjection<LongestRun>;
