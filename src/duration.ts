/** Durations as people write and read them, in ms. Pure. */

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const units = new Map([
  ['s', second],
  ['m', minute],
  ['min', minute],
  ['h', hour],
  ['d', day],
  ['w', 7 * day],
]);
const tenYears = 3_650 * day;

/** `90s`, `30m`, `1h30m`, `7d`, `2w` in ms; undefined for anything else, and beyond `longest`. */
export function parseDuration(text: string, longest = tenYears): number | undefined {
  if (!/^(?:\d{1,8}(?:min|[smhdw]))+$/.test(text)) return undefined;
  const parts = [...text.matchAll(/(\d+)([a-z]+)/g)];
  const ms = parts.reduce((sum, [, amount, unit = '']) => sum + Number(amount) * (units.get(unit) ?? NaN), 0);
  return ms <= longest ? ms : undefined;
}

/** `48 s`, `35 min`, `2 h 05 min`, `3 d 04 h`: whole units, rounded down; under a second (or less) `under 1 s`. */
export function durationText(ms: number): string {
  if (!(ms >= second)) return 'under 1 s';
  if (ms < minute) return `${Math.floor(ms / second)} s`;
  if (ms < hour) return `${Math.floor(ms / minute)} min`;
  if (ms < day) return `${Math.floor(ms / hour)} h ${twoDigits((ms % hour) / minute)} min`;
  return `${Math.floor(ms / day)} d ${twoDigits((ms % day) / hour)} h`;
}

function twoDigits(value: number): string {
  return String(Math.floor(value)).padStart(2, '0');
}
