import { DateTime } from 'luxon';
import type { Expectation } from '../events/expectation.ts';
import type { Job } from './catalogue.ts';
import type { Role, Run } from './stories.ts';

/** Where the fleet's schedules are written. */
const zone = 'Asia/Jakarta';
const minuteMs = 60_000;
/** When the job that never starts is due, and how late the late one begins. Minutes. */
const neverStartsAt = 60;
export const lateBy = 45;

/** When a job of the fleet is due, in minutes from the night's start: schedules stand five minutes apart. */
export function dueMinute(role: Role, [first]: readonly Run[]): number {
  if (first === undefined) return neverStartsAt;
  const minute = 5 * Math.floor(first.begin / 5);
  return role === 'begins-late' ? minute - lateBy : minute;
}

/**
 * What a job of the fleet should do: begin each day at its time, take at least half of what it ever took, and have some
 * records.
 * @param due ms UTC
 */
export function expectationOf({ shortest }: Job, due: number): Expectation {
  return {
    schedule: `${DateTime.fromMillis(due, { zone }).toFormat('m H')} * * *`,
    timezone: zone,
    min_duration_ms: (shortest * minuteMs) / 2,
    results: [{ path: 'records', at_least: 1 }],
  };
}
