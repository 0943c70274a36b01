import type { ReadUpTo } from '../store/roles.ts';

/** What one receive brought. */
export type Receipt = {
  /** Real time, ms UTC. */
  readonly at: number;
  readonly messages: readonly {
    /** When it was accepted, Ronda's time, UTC. */
    readonly acceptedAt: string;
    /** How long it lay in the queue, real ms. */
    readonly waitedMs: number;
    readonly receiveCount: number;
  }[];
};

/** How far back receives still tell something; longer than a long poll. Real ms. */
const windowMs = 30_000;
/** A message that failed this often says how broken it is, not how late we are. */
const maxReceiveCount = 3;

/** Only the receives that still count at `now`. */
export function recent(receipts: readonly Receipt[], now: number): Receipt[] {
  return receipts.filter(({ at }) => at > now - windowMs);
}

/**
 * How far a consumer has read: the least acceptance time among what it received lately, `idle` if it only
 * found the queue empty, null if it received nothing, not even emptiness. Pure.
 */
export function readUpTo(receipts: readonly Receipt[], now: number): ReadUpTo {
  const times = timely(receipts, now).map(({ acceptedAt }) => acceptedAt);
  if (times.length > 0) return times.reduce((least, time) => (time < least ? time : least));
  return recent(receipts, now).some(({ messages }) => messages.length === 0) ? 'idle' : null;
}

/** How long messages lay in the queue lately, at worst. Real ms. */
export function lagMs(receipts: readonly Receipt[], now: number): number {
  return timely(receipts, now).reduce((most, { waitedMs }) => Math.max(most, waitedMs), 0);
}

function timely(receipts: readonly Receipt[], now: number): Receipt['messages'][number][] {
  return recent(receipts, now)
    .flatMap(({ messages }) => messages)
    .filter(({ receiveCount }) => receiveCount <= maxReceiveCount);
}
