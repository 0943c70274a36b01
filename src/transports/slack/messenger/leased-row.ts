import type { Clock } from '../../../clock.ts';
import type { Logger } from '../../../log.ts';
import type { MessageLease, MessageRow, MessageTable } from '../../../store/messages/messages.ts';
import { changeRow } from '../../../store/versioned-rows.ts';
import type { SlackApi } from '../api.ts';
import { leasedBy, isOurs, released, startWithinMs, type IsLeased, type LeaseTerms } from './lease.ts';
import type { Lookup, Place } from './lookup.ts';
import { RefusedError } from '../slack-errors.ts';
import type { TableRefusals } from './table-refusals.ts';

export type MessengerApi = Pick<
  SlackApi,
  'turn' | 'post' | 'update' | 'delete' | 'history' | 'replies' | 'authTest'
>;

/** What every step of the messenger works with. */
export type MessengerContext = {
  readonly table: MessageTable;
  readonly api: MessengerApi;
  readonly lookup: Lookup;
  readonly refusals: TableRefusals;
  readonly clock: Clock;
  readonly log: Logger;
  readonly leaseTerms: LeaseTerms;
  readonly isLeased: IsLeased;
  readonly pause: (ms: number) => Promise<void>;
};

/** A row under our lease, as last read or written, and since when by `monotonic()`; renewing changes all three. */
export type LeasedRow = { row: MessageRow; lease: MessageLease; since: number };

/**
 * Leases a row that was just read.
 * @returns undefined when somebody else wrote first
 */
export async function acquire(
  { table, clock, leaseTerms }: MessengerContext,
  row: MessageRow,
  change: (row: MessageRow) => MessageRow = (same) => same,
): Promise<LeasedRow | undefined> {
  const since = clock.monotonic();
  const written = await table.swap(change(leasedBy(row, leaseTerms, clock.real())), row.rev);
  return written?.claim === undefined ? undefined : { row: written, lease: written.claim, since };
}

/**
 * Starts the lease anew, after a look that took a good part of it.
 * @returns false when the lease was lost
 */
export async function renew(
  { table, clock, leaseTerms }: MessengerContext,
  leased: LeasedRow,
  change: (row: MessageRow) => MessageRow = (same) => same,
): Promise<boolean> {
  const since = clock.monotonic();
  const at = clock.real();
  const lease = { owner: leaseTerms.owner, at, until: at + leaseTerms.leaseMs };
  const written = await changeRow(table, leased.row, (row) =>
    isOurs(row, leased.lease) ? { ...change(row), claim: lease } : undefined,
  );
  if (written === undefined) return false;
  leased.row = written;
  leased.lease = lease;
  leased.since = since;
  return true;
}

/** How much longer a post may begin under our lease, ms; negative when it may not any more. */
export function startableMs({ clock, leaseTerms }: MessengerContext, { since }: LeasedRow): number {
  return startWithinMs(leaseTerms.leaseMs) - (clock.monotonic() - since);
}

/**
 * Ends our lease, with a last change. Others (who add details without a lease) may have written since, so the
 * change is applied to the row as it is now.
 * @returns undefined when the lease was no longer ours: then nothing was written
 */
export async function release(
  { table, clock, leaseTerms }: MessengerContext,
  leased: LeasedRow,
  change: (row: MessageRow) => MessageRow = (same) => same,
): Promise<MessageRow | undefined> {
  return await changeRow(table, leased.row, (row) =>
    isOurs(row, leased.lease)
      ? released(change(row), leased.lease, clock.real() + leaseTerms.leaseMs)
      : undefined,
  );
}

/** Deletes a message of ours that must not be. One that cannot be deleted stays, and a person is told. */
export async function discard(
  { api, log }: MessengerContext,
  row: MessageRow,
  channel: string,
  ts: string,
): Promise<void> {
  const ids = { ...idsOf(row), channel, ts };
  try {
    await api.delete(channel, ts);
    log.warn(ids, 'message deleted that was there twice, or late');
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    if (error.kind === 'message') return;
    if (error.kind !== 'other') throw error;
    log.error({ ...ids, error: error.error }, 'a superfluous message cannot be deleted: delete it by hand');
  }
}

/** The key as it stands in a message's metadata: a message that was posted anew is another one. */
export function metadataKey({
  night,
  message_key,
  edition,
}: Pick<MessageRow, 'night' | 'message_key' | 'edition'>): string {
  return `${night}/${message_key}${edition === undefined ? '' : `#${edition}`}`;
}

/** Where the row's message is, or where it was attempted last. */
export function placeOf(row: MessageRow, otherwise: Place): Place {
  return row.channel === undefined ? otherwise : { channel: row.channel, threadTs: row.thread_ts };
}

/** What names a message in a log. */
export function idsOf({ night, message_key, kind }: MessageRow): Record<string, string> {
  return { night, message_key, kind };
}
