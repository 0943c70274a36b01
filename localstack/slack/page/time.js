/** Slack's time stamps as people read them, in the reader's zone unless another is given. */

const styles = /** @type {const} */ ({
  day: { dateStyle: 'full' },
  time: { timeStyle: 'short' },
  both: { dateStyle: 'medium', timeStyle: 'medium' },
});

/** Making a format takes longer than using it. @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map();

/**
 * @param {keyof typeof styles} style
 * @param {number} seconds since the Unix epoch
 * @param {string} [timeZone]
 * @returns {string}
 */
function format(style, seconds, timeZone) {
  const key = `${style} ${timeZone ?? ''}`;
  const known = formats.get(key) ?? new Intl.DateTimeFormat('en-GB', { ...styles[style], timeZone });
  formats.set(key, known);
  return known.format(Math.floor(seconds * 1_000));
}

/** @returns {number} negative if `left` is the earlier */
export function compareTs(/** @type {string} */ left, /** @type {string} */ right) {
  return Number(left) - Number(right);
}

/**
 * @param {string} ts
 * @param {string} [timeZone]
 * @returns {string} such as `Monday 23 November 2026`
 */
export function dayOf(ts, timeZone) {
  return format('day', Number(ts), timeZone).replace(',', '');
}

/**
 * @param {string} ts
 * @param {string} [timeZone]
 * @returns {string} such as `00:07`
 */
export function timeOf(ts, timeZone) {
  return format('time', Number(ts), timeZone);
}

/**
 * @param {number} seconds since the Unix epoch
 * @param {string} [timeZone]
 * @returns {string} such as `23 Nov 2026, 00:07:31`
 */
export function dateAndTime(seconds, timeZone) {
  return format('both', seconds, timeZone);
}
