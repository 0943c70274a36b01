import { DateTime } from 'luxon';

const minuteMs = 60_000;
const dayMs = 86_400_000;

/** The local date of an instant in a zone, as `yyyy-MM-dd`. */
export function localDate(at: number, zone: string): string {
  return dateText(at + offsetMs(at, zone));
}

/** A date some days later, or earlier if `days` is negative. */
export function addDays(date: string, days: number): string {
  return dateText(Date.parse(`${date}T00:00:00Z`) + days * dayMs);
}

/**
 * The instant at which the clocks of a zone show a time. A time that they show twice is the first of the two;
 * one that they skip is as long after the change as it would have been without it: 02:30 becomes 03:30.
 *
 * Luxon alone would choose between the two by the offset of the instant it starts from, so that the start of
 * a night would depend on when one asks.
 * @param date `yyyy-MM-dd`
 * @param time `HH:mm`
 * @returns ms UTC
 */
export function instantOf(date: string, time: string, zone: string): number {
  const local = Date.parse(`${date}T${time}:00Z`);
  const before = offsetMs(local - dayMs, zone);
  const after = offsetMs(local + dayMs, zone);
  const byBefore = local - before;
  const byAfter = local - after;
  if (offsetMs(byBefore, zone) === before) return byBefore;
  return offsetMs(byAfter, zone) === after ? byAfter : byBefore;
}

function offsetMs(at: number, zone: string): number {
  return DateTime.fromMillis(at, { zone }).offset * minuteMs;
}

function dateText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
