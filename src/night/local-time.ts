import { IANAZone } from 'luxon';
import { LRUCache } from 'lru-cache';

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

/** A fleet asks for the same instants again and again, and Intl is slow; zones change at quarters of an hour. */
const offsets = new LRUCache<string, number>({ max: 20_000 });
const quarterMs = 15 * minuteMs;

function offsetMs(at: number, zone: string): number {
  const key = `${zone} ${Math.floor(at / quarterMs)}`;
  const known = offsets.get(key);
  if (known !== undefined) return known;
  const offset = IANAZone.create(zone).offset(at) * minuteMs;
  offsets.set(key, offset);
  return offset;
}

function dateText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
