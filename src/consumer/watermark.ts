import type { ReadUpTo } from '../store/roles.ts';

/** What one receive brought. */
export type Receipt = {
  /** When it came, by the monotonic clock, ms. */
  readonly at: number;
  readonly messages: readonly {
    /** When SQS got it, by SQS's own word, Ronda's time, UTC. */
    readonly sentAt: string;
    /** How long it lay in the queue, real ms. */
    readonly waitedMs: number;
    readonly receiveCount: number;
  }[];
};

/** How far back receives still count; longer than a long poll. Real ms. */
const windowMs = 30_000;
/** A message that failed this often says how broken it is, not how late we are. */
const maxReceiveCount = 3;

/** Only the receives that still count at `now`. */
export function recent(receipts: readonly Receipt[], now: number): Receipt[] {
  return receipts.filter(({ at }) => at > now - windowMs);
}

/**
 * How far a consumer has read: the least time at which SQS got what it received lately, `idle` if it only found
 * the queue empty, null if it received nothing, not even emptiness. Pure.
 * @param limit what it does not get past in any case, UTC
 */
export function readUpTo(receipts: readonly Receipt[], now: number, limit?: string): ReadUpTo {
  const times = timely(receipts, now).map(({ sentAt }) => sentAt);
  const isIdle = recent(receipts, now).some(({ messages }) => messages.length === 0);
  if (times.length === 0 && !isIdle) return null;
  if (limit !== undefined) times.push(limit);
  return times.length === 0 ? 'idle' : times.reduce((least, time) => (time < least ? time : least));
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
