const isoTime =
  /^\d{4}-\d{2}-\d{2}T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:[.,]\d{1,9})?)?(?:Z|[+-](?:[01]\d|2[0-3])(?::?[0-5]\d)?)$/;

/** An instant as it leaves the service and as it is stored: ISO 8601, UTC, milliseconds. */
export function utc(ms: number): string {
  return new Date(ms).toISOString();
}

/** An instant in ms UTC. @param time as `utc` or `parseTime` give it */
export function msOf(time: string): number {
  return Date.parse(time);
}

/**
 * The instant that an ISO 8601 date and time with offset or `Z` names, in UTC with milliseconds (finer digits
 * are cut). Undefined for anything else: no offset, a day that the month lacks, a leap second, and years
 * outside 0000-9999 in UTC, which would not sort as text.
 */
export function parseTime(text: string): string | undefined {
  if (!isoTime.test(text) || !isDay(text.slice(0, 10))) return undefined;
  const plain = text
    .replace(',', '.')
    .replace(/([+-]\d\d)(?::?(\d\d))?$/, '$1:$2')
    .replace(/:$/, ':00');
  const ms = Date.parse(plain);
  if (Number.isNaN(ms)) return undefined;
  const time = utc(ms);
  return /^\d{4}-/.test(time) ? time : undefined;
}

const firstEventMs = 0;
const lastEventMs = Date.parse('9998-12-31T23:59:59.999Z');
/** The last instant whose text sorts, ms UTC. A year of room is left above event times for stamps that must follow one. */
export const lastInstant = Date.parse('9999-12-31T23:59:59.999Z');

/** Whether an event may have happened at a time that was read: in the years 1970 to 9998, UTC. */
export function isEventTime(time: string): boolean {
  const ms = msOf(time);
  return ms >= firstEventMs && ms <= lastEventMs;
}

/** `Date.parse` takes 30 February for 2 March; a service that sends it has a bug that it wants to hear of. */
function isDay(date: string): boolean {
  const midnight = Date.parse(`${date}T00:00:00Z`);
  return !Number.isNaN(midnight) && utc(midnight).startsWith(date);
}
