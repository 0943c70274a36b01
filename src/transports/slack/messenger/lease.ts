import { LRUCache } from 'lru-cache';
import type { Clock } from '../../../clock.ts';
import type { MessageLease, MessageRow } from '../../../store/messages/messages.ts';

/**
 * The rules of leases on messages, pure. A lease is the right to post or edit one message for a while; all times are
 * real ms. What a lease cannot exclude (its owner froze, its post landed late) it leaves written in the row:
 * `unsure_since`, from when on an unknown post may lie in Slack, and `recheck_at`, when to look for one.
 */
export type LeaseTerms = { readonly owner: string; readonly leaseMs: number };

/** Whether somebody else may be at work on a row right now. */
export type IsLeased = (row: MessageRow) => boolean;

const maxLeasesSeen = 10_000;

/**
 * A lease of another owner runs out by our clock, or once it has been seen unchanged for as long as it lasts: a
 * clock that was set back, ours or its owner's, holds up nobody for longer.
 */
export function createLeaseObserver(clock: Pick<Clock, 'real' | 'monotonic'>, owner: string): IsLeased {
  const firstSeen = new LRUCache<string, number>({ max: maxLeasesSeen });
  return ({ night, message_key, claim: lease }) => {
    if (lease === undefined || lease.owner === owner || lease.until <= clock.real()) return false;
    const name = `${night}/${message_key} ${lease.owner} ${lease.at}`;
    const seen = firstSeen.get(name) ?? clock.monotonic();
    firstSeen.set(name, seen);
    return clock.monotonic() - seen < lease.until - lease.at;
  };
}

/**
 * The row under a lease of our own. A lease found in it was abandoned: its owner may have posted and may have
 * edited, so the message's content is no longer known. (One of our own is abandoned too: a process works on a
 * row once at a time.)
 */
export function leasedBy(row: MessageRow, { owner, leaseMs }: LeaseTerms, now: number): MessageRow {
  const lease = { owner, at: now, until: now + leaseMs };
  if (row.claim === undefined) return { ...row, claim: lease };
  return { ...inDoubt(row, row.claim.at, now + leaseMs), claim: lease, said: undefined };
}

/** The row when a post begun at `since` may be in Slack, or may yet get there. */
export function inDoubt(row: MessageRow, since: number, recheckAt: number): MessageRow {
  return {
    ...row,
    unsure_since: Math.min(row.unsure_since ?? since, since),
    recheck_at: Math.max(row.recheck_at ?? recheckAt, recheckAt),
  };
}

/** Whether the lease under which we worked is still the row's: whoever took it over has written another. */
export function isOurs(row: MessageRow, lease: MessageLease): boolean {
  return row.claim?.owner === lease.owner && row.claim.at === lease.at;
}

/** The row after our work on it. Rows that are in doubt are looked at again a lease from now. */
export function released(row: MessageRow, lease: MessageLease, recheckAt: number): MessageRow {
  if (!isOurs(row, lease)) return row;
  const open = { ...row, claim: undefined };
  return open.unsure_since === undefined ? open : inDoubt(open, open.unsure_since, recheckAt);
}

/** How long after a lease began a post may begin: its time-out (a sixth of the lease) must end before the lease. */
export function startWithinMs(leaseMs: number): number {
  return leaseMs * 0.75;
}

/** Orders Slack's message names (`seconds.micros`) by time. */
export function compareTs(a: string, b: string): number {
  const [secondsA, microsA] = a.split('.').map(Number);
  const [secondsB, microsB] = b.split('.').map(Number);
  return (secondsA ?? 0) - (secondsB ?? 0) || (microsA ?? 0) - (microsB ?? 0);
}

/**
 * Of two messages with one key the later is deleted. Every replica decides so from the names alone, whatever
 * it knows of the others, so that no two of them delete each other's.
 */
export function earlierFirst(a: string, b: string): readonly [string, string] {
  return compareTs(a, b) <= 0 ? [a, b] : [b, a];
}
