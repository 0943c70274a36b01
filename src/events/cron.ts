import { Cron } from 'croner';
import { LRUCache } from 'lru-cache';

/** A cron expression, read: at which local times a job is due, on the days that it names. */
export type CronSchedule = {
  /** `HH:mm`, rising. */
  readonly times: readonly string[];
  /** Whether it is due on a local date (`yyyy-MM-dd`). */
  readonly fallsOn: (date: string) => boolean;
};

const minuteMs = 60_000;
const dayMs = 1_440 * minuteMs;
/** Heartbeats watch what comes more often. */
export const leastGapMinutes = 15;
/** Every pattern of weekdays and leap years comes around in 28 years, or never. */
const searchedYears = 28;
const day0 = Date.UTC(2024, 0, 1);

/** Reading one costs a millisecond, and a fleet has few. */
const known = new LRUCache<string, { readonly read: CronSchedule | string }>({ max: 5_000 });

/**
 * Reads a cron expression of five fields: names, lists, ranges, steps, `L` and `#`; day of month and weekday are OR.
 * @returns what is wrong with it, as a sentence about it, where it cannot be a schedule
 */
export function readCron(expression: string): CronSchedule | string {
  const before = known.get(expression);
  if (before !== undefined) return before.read;
  const read = reading(expression);
  known.set(expression, { read });
  return read;
}

function reading(expression: string): CronSchedule | string {
  const fields = expression.trim().split(/\s+/);
  const [minute, hour, ...days] = fields;
  if (fields.length !== 5 || minute === undefined || hour === undefined || /\?/.test(`${minute}${hour}`))
    return 'must be a cron expression of five fields, like "0 1 * * MON-FRI", or "night"';
  try {
    const onDays = utcCron(`0 0 ${days.join(' ')}`);
    const times = timesOf(utcCron(`${minute} ${hour} * * *`));
    const first = onDays.nextRun(new Date(day0 - minuteMs));
    if (first === null || first.getTime() > day0 + searchedYears * 366 * dayMs)
      return 'must fall on a day that there is';
    const gap = leastGap(times, onDays);
    if (gap < leastGapMinutes)
      return `must leave at least ${leastGapMinutes} minutes from one time to the next, not ${gap}: heartbeats watch what comes more often`;
    return { times: times.map(timeText), fallsOn: (date) => onDays.match(new Date(`${date}T00:00:00Z`)) };
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^CronPattern: /, '') : 'it cannot be read';
    return `must be a cron expression of five fields, like "0 1 * * MON-FRI", or "night": ${why}`;
  }
}

/** Clocks that change are not cron's business: `instantOf` knows them. */
function utcCron(expression: string): Cron {
  return new Cron(expression, { timezone: 'UTC', mode: '5-part' });
}

/** Minutes of a day. */
function timesOf(cron: Cron): number[] {
  const times: number[] = [];
  for (let at = new Date(day0 - minuteMs); ;) {
    const next = cron.nextRun(at);
    if (next === null || next.getTime() >= day0 + dayMs) return times;
    times.push((next.getTime() - day0) / minuteMs);
    // More than that are too many, whatever they are.
    if (times.length > dayMs / minuteMs / leastGapMinutes) return times;
    at = next;
  }
}

/** The least time between two slots, in minutes, clocks that change left aside. */
function leastGap(times: readonly number[], onDays: Cron): number {
  const within = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  const overnight = dayMs / minuteMs - (times.at(-1) ?? 0) + (times[0] ?? 0);
  if (overnight < leastGapMinutes && hasNeighbours(onDays)) within.push(overnight);
  return Math.min(Infinity, ...within);
}

function hasNeighbours(onDays: Cron): boolean {
  const end = day0 + searchedYears * 366 * dayMs;
  for (let at = onDays.nextRun(new Date(day0 - minuteMs)); at !== null && at.getTime() < end;) {
    const next = onDays.nextRun(at);
    if (next !== null && next.getTime() - at.getTime() === dayMs) return true;
    at = next;
  }
  return false;
}

function timeText(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}

/** The least time from one slot to the next, minutes: of one time a day, a day. */
export function gapMinutes({ times }: CronSchedule): number {
  const minutes = times.map((time) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3)));
  const gaps = minutes.map((time, index) => (minutes[index + 1] ?? (minutes[0] ?? 0) + 1_440) - time);
  return Math.min(...gaps);
}
