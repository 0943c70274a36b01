import { extendCoverage, judgedUpTo, type Coverage, type Gap, type LivingRole } from './coverage.ts';
import type { StaleRule } from './stale.ts';
import { watermarkOf, type ClockReading } from './watermark.ts';

/** What staleness may be judged by. */
export type StaleLimits = Pick<StaleRule, 'judgedAt' | 'coveredSince' | 'unapplied'>;

/** Coverage as somebody knows it: what judges now, and the times without any that are still known. */
export type KnownCoverage = StaleLimits & { readonly gaps: readonly Gap[] };

/**
 * What a board judges by that shows an instant, now or past: what was silent then is stale, by the events that are
 * known now, but never past the watermark. So while no consumer reads, nothing is judged, of the past neither. A
 * silence starts again at the end of a time without coverage, as far as that is still known (48 h), and none grows
 * within one.
 * @param at ms UTC, Ronda's time
 * @param keptSince since when heartbeats are kept: of what lies before, nobody knows who was silent
 */
export function limitsAt(
  { judgedAt, coveredSince, unapplied, gaps }: KnownCoverage,
  at: number,
  keptSince: number,
): StaleLimits {
  const starts = [...gaps.map(({ to }) => to), coveredSince].filter((start) => start <= at);
  const within = gaps.find(({ from, to }) => from < at && at < to);
  return {
    judgedAt: judgedAt === null || at <= keptSince ? null : Math.min(judgedAt, at, within?.from ?? at),
    coveredSince: Math.max(0, ...starts),
    unapplied,
  };
}

/** What a living role said of itself last, as it is stored. */
export type RoleReading = {
  readonly role: LivingRole['role'];
  /** Real time, ms UTC. */
  readonly since: number;
  readonly seen_at: number;
  readonly read_up_to: string | null;
  readonly unapplied: ReadonlyMap<string, string>;
};

export type CoverageAssessment = {
  readonly coverage: Coverage | null;
  /** Up to when everything that was accepted has been read, Ronda's time, ms UTC; null: nobody knows. */
  readonly watermark: number | null;
  readonly limits: StaleLimits;
};

/**
 * Coverage and watermark after a look at the roles that are alive.
 * @param previous the coverage that the last look found, null if there was none
 */
export function assessCoverage(
  previous: Coverage | null,
  living: readonly RoleReading[],
  reading: ClockReading,
): CoverageAssessment {
  const roles = living.map(({ role, since, seen_at }) => ({ role, since, seenAt: seen_at }));
  const consumers = living.filter(({ role }) => role === 'consumer');
  const reports = consumers.map(({ seen_at, read_up_to }) => ({ seenAt: seen_at, readUpTo: read_up_to }));
  const coverage = extendCoverage(previous, roles, reading);
  const watermark = watermarkOf(reports, reading);
  return {
    coverage,
    watermark,
    limits: {
      judgedAt: judgedUpTo(watermark, coverage),
      coveredSince: coverage?.since ?? reading.now,
      unapplied: earliest(consumers.map(({ unapplied }) => unapplied)),
    },
  };
}

/** Of several consumers that hold back events of one scheduler, the one that has since the longest. */
function earliest(maps: readonly ReadonlyMap<string, string>[]): Map<string, string> {
  const least = new Map<string, string>();
  for (const map of maps) {
    for (const [id, since] of map) {
      const known = least.get(id);
      if (known === undefined || since < known) least.set(id, since);
    }
  }
  return least;
}
