import { membership, type CurrentState } from '../../projections/current-state.ts';
import type { EventRef } from '../events/order.ts';
import { msOf } from '../events/time.ts';
import type { Night } from './night.ts';

/**
 * A running job that has given no sign of life for longer than its time-out. `lastSign` tells one time from
 * another: one warning for each. `since`: when the time-out ran out, Ronda's time, ms UTC.
 */
export type StaleJob = { readonly lastSign: EventRef; readonly timeoutMs: number; readonly since: number };

export type StaleRule = {
  /** Up to when everything that was sent has surely been read, Ronda's time; null: nothing can be judged. */
  readonly judgedAt: number | null;
  /** Since when there has been coverage, Ronda's time: that nothing came earlier proves nothing. */
  readonly coveredSince: number;
  readonly defaultTimeoutMs: number;
  readonly night: Night;
  /** Schedulers with events that are received but not applied yet, and since when (UTC): none is judged past that. */
  readonly unapplied?: ReadonlyMap<string, string> | undefined;
};

/**
 * Whether a running job is stale: it has given no sign of life (heartbeat or status) for longer than its
 * time-out, at some instant of the window up to which can be judged. A sign counts from when it was given or when
 * it was accepted, whichever is later: a report that comes late proves nothing. What began before the window
 * counts too, however old, so a job that died nights ago is found. After the window's end the verdict stands as it
 * was then, until the job gives a sign of life again. A time-out of 0 says that the job sends no heartbeats: it is never stale.
 * @returns null where there is nothing to warn of
 */
export function staleJobOf(row: CurrentState, rule: StaleRule): StaleJob | null {
  const { status, heartbeat: lastSign } = row;
  if (rule.judgedAt === null || lastSign === null || status?.status !== 'running') return null;
  if (membership(row) === 'removed') return null;
  const minutes = row.heartbeat_timeout_minutes?.value ?? null;
  if (minutes === 0) return null;
  const timeoutMs = minutes === null ? rule.defaultTimeoutMs : minutes * 60_000;
  const acceptedAt = Math.max(msOf(lastSign.at), msOf(lastSign.accepted_at ?? lastSign.at));
  const since = Math.max(acceptedAt, rule.coveredSince) + timeoutMs;
  const unapplied = rule.unapplied?.get(row.scheduler_id);
  const judgedAt = Math.min(rule.judgedAt, unapplied === undefined ? Infinity : msOf(unapplied));
  const judged = Math.min(judgedAt, rule.night.end);
  if (judged < rule.night.start || judged <= since) return null;
  return { lastSign: { at: lastSign.at, id: lastSign.id }, timeoutMs, since };
}

/** The stale jobs among many schedulers, by id. */
export function staleJobsOf(rows: Iterable<CurrentState>, rule: StaleRule): Map<string, StaleJob> {
  const staleJobs = new Map<string, StaleJob>();
  for (const row of rows) {
    const staleJob = staleJobOf(row, rule);
    if (staleJob !== null) staleJobs.set(row.scheduler_id, staleJob);
  }
  return staleJobs;
}
