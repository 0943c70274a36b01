import { msOf } from '../events/time.ts';

/** A look at the clock: Ronda's time, and how instants of the machine's translate into it. All ms UTC. */
export type ClockReading = {
  readonly now: number;
  readonly fromReal: (instant: number) => number;
};

/** What a living consumer said of itself last. */
export type ConsumerReport = {
  /** Real time, ms UTC. */
  readonly seenAt: number;
  /** A UTC time in Ronda's time, `idle` where it found the queue empty, null while it cannot tell. */
  readonly readUpTo: string | null;
};

/** What may still be under way between acceptance and the queue, and between machines' clocks. Real ms. */
const slackMs = 5_000;

/**
 * Up to which instant everything that was accepted has been read: an estimate on the safe side, since a
 * standard queue has no order. The least of what the living consumers say, less 5 s of real time. An idle
 * one has read what there was when it said so.
 * @returns Ronda's time, ms UTC; null when no consumer lives or one of them cannot tell: then nothing is known
 */
export function watermarkOf(
  consumers: readonly ConsumerReport[],
  { now, fromReal }: ClockReading,
): number | null {
  if (consumers.length === 0) return null;
  let least = Number.POSITIVE_INFINITY;
  for (const { seenAt, readUpTo } of consumers) {
    if (readUpTo === null) return null;
    const reportedAt = fromReal(seenAt);
    const read = readUpTo === 'idle' ? reportedAt : msOf(readUpTo);
    // A message stamped by a clock that is ahead says nothing of the time from now until then.
    least = Math.min(least, Math.min(read, now) - (reportedAt - fromReal(seenAt - slackMs)));
  }
  return least;
}
