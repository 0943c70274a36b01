import { z } from 'zod';
import { parseDuration } from '../duration.ts';
import { parseTime, utc } from '../events/time.ts';

/** An instant as an operator names it: a UTC time, or so many ms ago. */
export type Moment = { readonly at: string } | { readonly ago: number };

/** ISO 8601 with offset or `Z`, or how long ago: `30m`, `2h`, `3d`. */
export const moment = z.string().transform((text, context): Moment => {
  const at = parseTime(text);
  if (at !== undefined) return { at };
  const ago = parseDuration(text);
  if (ago !== undefined) return { ago };
  context.addIssue('must be an ISO 8601 time with offset or Z, or how long ago, like 30m, 2h or 3d');
  return z.NEVER;
});

/** @param now Ronda's time, ms UTC. @returns UTC */
export function instantOf(moment: Moment, now: number): string {
  return 'at' in moment ? moment.at : utc(now - moment.ago);
}
