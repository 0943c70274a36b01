import { addDays, instantOf, localDate } from '../../../night/local-time.ts';
import { nightAt, type NightWindow } from '../../../night/night.ts';
import type { SnoozeUntil } from './command.ts';

/** Local times that people type, as instants. Pure; all instants are ms UTC in Ronda's time. */

/**
 * The instant of a local time in the night that began last, or on the local date if one is given. A time that a
 * change of the clocks shows twice is the first of the two.
 * @param time `HH:mm`
 * @param date `yyyy-MM-dd`
 */
export function instantOfNight(time: string, date: string | null, now: number, window: NightWindow): number {
  if (date !== null) return instantOf(date, time, window.zone);
  const night = nightAt(now, window);
  const sameDay = instantOf(night.date, time, window.zone);
  return sameDay >= night.start ? sameDay : instantOf(addDays(night.date, 1), time, window.zone);
}

/** When a snooze ends that begins at `from`: a local time is the next one after it. */
export function snoozeEnd(until: SnoozeUntil, from: number, zone: string): number {
  if ('ms' in until) return from + until.ms;
  const today = localDate(from, zone);
  const days = [0, 1, 2].map((later) => instantOf(addDays(today, later), until.time, zone));
  return days.find((instant) => instant > from) ?? from;
}
