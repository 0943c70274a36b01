import { DateTime } from 'luxon';

/** A night watch: a zone and a daily window in it, given in local wall-clock time. */
export type NightWindow = {
  /** IANA zone. */
  readonly zone: string;
  /** `HH:mm-HH:mm`, as in `EOD_WINDOW`; an end at or before the start lies on the next day. */
  readonly window: string;
};

/** One night of a window: named by the local date on which it starts. Instants are ms UTC. */
export type Night = NightWindow & {
  /** `yyyy-MM-dd` */
  readonly date: string;
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
};

/**
 * The night that an instant belongs to, named by the local date on which it starts: the night whose start is
 * the last one at or before it. So an event of the afternoon belongs to the night before, and with
 * `22:00-04:00` one at 01:00 belongs to yesterday's.
 * @param at ms UTC
 * @returns `yyyy-MM-dd`
 */
export function nightOf(at: number, { zone, window }: NightWindow): string {
  const [hour, minute] = window.slice(0, 5).split(':').map(Number);
  // `en`: in the machine's own language the digits of a key might be others.
  const local = DateTime.fromMillis(at, { zone, locale: 'en' });
  const start = local.startOf('day').set({ hour: hour ?? 0, minute: minute ?? 0 });
  const night = start.toMillis() <= at ? local : local.minus({ days: 1 });
  return night.toFormat('yyyy-MM-dd');
}
