import { DateTime } from 'luxon';

/** Times as a reader sees them. Instants are ms UTC, zones IANA names. */

const day = 86_400_000;

/** CLDR knows no short English names for these, so luxon would say `GMT+7`; every reader there says WIB. */
const shortNames: ReadonlyMap<string, string> = new Map([
  ['Asia/Jakarta', 'WIB'],
  ['Asia/Pontianak', 'WIB'],
  ['Asia/Makassar', 'WITA'],
  ['Asia/Jayapura', 'WIT'],
]);

/** `02:00` */
export function timeOf(at: number, zone: string): string {
  return local(at, zone).toFormat('HH:mm');
}

/** `02:00 WIB` */
export function zonedTimeOf(at: number, zone: string): string {
  return `${timeOf(at, zone)} ${shortZone(at, zone)}`;
}

/** `02:00 WIB`, and with its date when that is not the local day of `now`: `22 November 2026, 02:00 WIB`. */
export function momentOf(at: number, now: number, zone: string): string {
  const isToday = local(at, zone).hasSame(local(now, zone), 'day');
  return isToday ? zonedTimeOf(at, zone) : `${dayOf(at, zone)}, ${zonedTimeOf(at, zone)}`;
}

/** `02:00`, and with its date when it lies outside of the 24 hours from `from` on: `22 Nov 23:10`. */
export function timeWithin(at: number, from: number, zone: string): string {
  return at >= from && at < from + day ? timeOf(at, zone) : local(at, zone).toFormat('d MMM HH:mm');
}

/** `22 Nov 02:00` */
export function shortMomentOf(at: number, zone: string): string {
  return local(at, zone).toFormat('d MMM HH:mm');
}

/** Of a night's date (`yyyy-MM-dd`): `Monday 23 November 2026`. */
export function longDate(date: string): string {
  return DateTime.fromISO(date, { zone: 'utc', locale: 'en' }).toFormat('cccc d MMMM yyyy');
}

/** Of a night's date (`yyyy-MM-dd`): `23 November 2026`. */
export function shortDate(date: string): string {
  return DateTime.fromISO(date, { zone: 'utc', locale: 'en' }).toFormat('d MMMM yyyy');
}

function dayOf(at: number, zone: string): string {
  return local(at, zone).toFormat('d MMMM yyyy');
}

function shortZone(at: number, zone: string): string {
  return shortNames.get(zone) ?? local(at, zone).toFormat('ZZZZ');
}

function local(at: number, zone: string): DateTime {
  // `en`: in the machine's own language digits and names of months might be others.
  return DateTime.fromMillis(at, { zone, locale: 'en' });
}
