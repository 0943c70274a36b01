import type { ClockReading } from './watermark.ts';

/** A role that lives: since when, and when it said so last. Real time, ms UTC. */
export type LivingRole = {
  readonly role: 'ingress' | 'consumer' | 'slack';
  readonly since: number;
  readonly seenAt: number;
};

/** A time without coverage. Ronda's time, ms UTC. */
export type Gap = { readonly from: number; readonly to: number };

/** Since when events could be received without a break. All in Ronda's time, ms UTC. */
export type Coverage = {
  readonly since: number;
  /** Up to when that is known. */
  readonly until: number;
  /** The breaks before, oldest first. */
  readonly gaps: readonly Gap[];
};

/** How long a role may say nothing before it is missed (as `aliveMs` in store/roles.ts). Real ms. */
const aliveMs = 15_000;
const gapsKeptMs = 48 * 3_600_000;
const maxGaps = 20;

/**
 * Coverage after a look at the roles that are alive. There is coverage while an ingress and a
 * consumer live. It goes on where, for each of the two, somebody who lives now began at most 15 s (real) after
 * the time up to which it was known; so a watch that was itself away finds no break where there was none.
 * Otherwise it starts again, and the time between is a gap. Before the first start there is no gap.
 *
 * While one of the two is missing nothing new is known: `until` stays behind, and nothing later may be judged
 * (`judgedUpTo`).
 * @param previous what the last look found, null if there was none; the caller keeps it
 * @param living those seen within the last 15 s, real
 * @returns null as long as the two have never been seen together
 */
export function extendCoverage(
  previous: Coverage | null,
  living: readonly LivingRole[],
  { now, fromReal }: ClockReading,
): Coverage | null {
  const gaps = previous?.gaps.filter(({ to }) => to > now - gapsKeptMs) ?? [];
  const ingress = presenceOf('ingress', living);
  const consumer = presenceOf('consumer', living);
  if (ingress === null || consumer === null) return previous === null ? null : { ...previous, gaps };

  const began = Math.max(ingress.since, consumer.since);
  const since = Math.min(fromReal(began), now);
  const seen = Math.min(fromReal(Math.min(ingress.seenAt, consumer.seenAt)), now);
  const anew = { since, until: Math.max(since, seen) };
  // A fast clock that was started again may stand before what was kept: nothing then tells how the two meet.
  const lookAhead = fromReal(began) - fromReal(began - aliveMs);
  if (previous === null || previous.until > now + lookAhead) return { ...anew, gaps: [] };
  if (fromReal(began - aliveMs) <= previous.until) {
    return { since: previous.since, until: Math.max(previous.until, seen), gaps };
  }
  return { ...anew, gaps: [...gaps, { from: previous.until, to: since }].slice(-maxGaps) };
}

/** Up to when staleness can be judged: what has been read, and only while there was coverage. */
export function judgedUpTo(watermark: number | null, coverage: Coverage | null): number | null {
  return watermark === null || coverage === null ? null : Math.min(watermark, coverage.until);
}

/** Since when a role has surely been there, and when it was seen last. */
function presenceOf(
  role: LivingRole['role'],
  living: readonly LivingRole[],
): { since: number; seenAt: number } | null {
  const present = living.filter((one) => one.role === role);
  if (present.length === 0) return null;
  return {
    since: Math.min(...present.map(({ since }) => since)),
    seenAt: Math.max(...present.map(({ seenAt }) => seenAt)),
  };
}
