/** Slack's `ts`: seconds and six decimals. Compared as whole microseconds, which a number holds exactly. */

export function toTimestamp(micros: number): string {
  const digits = String(micros).padStart(7, '0');
  return `${digits.slice(0, -6)}.${digits.slice(-6)}`;
}

/** Microseconds of a `ts`, or of a bound such as `1764000000` or `1764000000.5`; undefined when it is none. */
export function microsOf(text: string): number | undefined {
  const match = /^(\d{1,10})(?:\.(\d{1,6}))?$/.exec(text);
  if (match === null) return undefined;
  return Number(match[1]) * 1_000_000 + Number((match[2] ?? '').padEnd(6, '0'));
}

/** The next `ts`: the time of the clock, yet always later than the last one. @param real ms UTC */
export function nextMicros(last: number, real: number): number {
  return Math.max(last + 1, Math.floor(real) * 1_000);
}
