import { addDays, instantOf, localDate } from './local-time.ts';

/** A night watch: a zone and a daily window in it, given in local wall-clock time. */
export type NightWindow = {
  /** IANA zone. */
  readonly zone: string;
  /** `HH:mm-HH:mm`, as in `EOD_WINDOW`; an end at or before the start lies on the next day, `24:00` ends this one. */
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
export function nightOf(at: number, window: NightWindow): string {
  // From tomorrow, since clocks that go back over midnight show today's date again after it has started; back
  // to the day before yesterday, where a change has put yesterday's start past midnight.
  let date = addDays(localDate(at, window.zone), 1);
  while (startOf(date, window) > at) date = addDays(date, -1);
  return date;
}

/** The night of `nightOf`. Nights tile time: each instant lies from one start to before the next. */
export function nightAt(at: number, window: NightWindow): Night {
  return nightOn(nightOf(at, window), window);
}

/**
 * The night that starts on a local date. Its start and end are where the zone's clocks show them: of a time
 * shown twice the first, of a time that is skipped as long after the change. A night that a change swallows
 * whole ends where it starts.
 * @param date `yyyy-MM-dd`
 */
export function nightOn(date: string, { zone, window }: NightWindow): Night {
  const [from, to] = [window.slice(0, 5), window.slice(6)];
  const start = startOf(date, { zone, window });
  // The end of a day is the beginning of the next, whatever its clocks do in between.
  const end =
    to === '24:00'
      ? instantOf(addDays(date, 1), '00:00', zone)
      : instantOf(to > from ? date : addDays(date, 1), to, zone);
  return { zone, window, date, start, end: Math.max(start, end) };
}

/** The night before, of the same window and zone. */
export function previousNight(night: Night): Night {
  return nightAt(night.start - 1, night);
}

/**
 * When a night's board is edited after it was posted: every so many minutes that have really passed since the
 * start, whatever the clocks show, and a last time at the end.
 * @returns ms UTC, rising; the last one is the end
 */
export function slotsOf({ start, end }: Night, updateMinutes: number): number[] {
  const step = updateMinutes * 60_000;
  const count = Math.max(0, Math.ceil((end - start) / step) - 1);
  return [...Array.from({ length: count }, (_, index) => start + (index + 1) * step), end];
}

function startOf(date: string, { zone, window }: NightWindow): number {
  return instantOf(date, window.slice(0, 5), zone);
}
