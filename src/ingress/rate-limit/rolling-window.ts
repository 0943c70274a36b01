import type { Store } from 'express-rate-limit';

/** The length of the window that the HTTP contract promises, ms. */
export const minuteMs = 60_000;

/** A store that decides by rolling window, and so knows the limit it decides by. */
export type RollingStore = Store & { readonly limit: number; readonly windowMs: number };

export type Admission = {
  /** What to record from now on: accepted requests still in the window, ms UTC, oldest first. */
  readonly hits: readonly number[];
  readonly admitted: boolean;
  /** Requests in the window, this one included even if refused: above the limit exactly when it is refused. */
  readonly totalHits: number;
  /** When the quota next grows; for a refused request, when it would be admitted. ms UTC. */
  readonly resetAt: number;
};

/**
 * Decides about one request. Of the requests it admits, no more than `limit` lie in any half-open interval
 * of `windowMs`: one accepted at T stops counting at T + windowMs. A refused request leaves no trace, so a
 * client that hammers is served again as soon as its oldest accepted request leaves the window.
 *
 * @param hits accepted requests, ms UTC, oldest first, as the previous decision returned them
 */
export function admit(hits: readonly number[], now: number, limit: number, windowMs: number): Admission {
  const live = inWindow(hits, now, windowMs);
  if (live.length < limit) {
    const recorded = [...live, now];
    return {
      hits: recorded,
      admitted: true,
      totalHits: recorded.length,
      resetAt: (live[0] ?? now) + windowMs,
    };
  }
  // After the limit was lowered there may be more hits than it: all but limit - 1 have to leave first.
  const blocking = live[live.length - limit] ?? now;
  return { hits: live, admitted: false, totalHits: live.length + 1, resetAt: blocking + windowMs };
}

/**
 * The hits that still count, oldest first.
 *
 * A hit stamped later than now was stamped by a clock ahead of ours, or before ours was set back. It happened
 * before now all the same, so now is the latest it can have been: taken as such it never frees a place too
 * early, and never blocks one for longer than a window.
 */
export function inWindow(hits: readonly number[], now: number, windowMs: number): readonly number[] {
  const first = hits.findIndex((hit) => hit + windowMs > now);
  if (first === -1) return [];
  const live = first === 0 ? hits : hits.slice(first);
  const latest = live.at(-1) ?? now;
  return latest > now ? live.map((hit) => Math.min(hit, now)) : live;
}
