import { changeRow } from '../../../store/versioned-rows.ts';
import { compareTs, isOurs } from './lease.ts';
import { discard, metadataKey, placeOf, type LeasedRow, type MessengerContext } from './leased-row.ts';
import { clockSlackMs } from './lookup.ts';
import { recordPost } from './record-post.ts';

/** Looks for what came late to a row in doubt, leaves one message and ends the doubt. */
export async function recheckLeased(
  context: MessengerContext,
  leased: LeasedRow,
): Promise<'settled' | 'busy'> {
  const { clock, leaseTerms, log, lookup } = context;
  const { row } = leased;
  const dueAt = row.recheck_at ?? clock.real();
  const since = row.unsure_since ?? dueAt - leaseTerms.leaseMs;
  const { channel } = row;
  if (channel !== undefined) {
    const found = await lookup(metadataKey(row), placeOf(row, { channel }), since);
    if (row.deleted === true) {
      for (const ts of found) await discard(context, row, channel, ts);
    } else if (!(await keepEarliest(context, leased, channel, found, since))) {
      return 'busy';
    }
  }
  const written = await changeRow(context.table, row, (now) => {
    if (!isOurs(now, leased.lease)) return undefined;
    // Whoever was in the middle of an edit when its lease was taken over may have finished it since.
    const open = { ...now, claim: undefined, said: undefined };
    // A doubt that arose meanwhile, or comes with the lease that we took over, is to be looked into later.
    if (now.recheck_at !== dueAt || dueAt > clock.real()) return open;
    return {
      ...open,
      recheck_at: undefined,
      unsure_since: now.ts === undefined ? now.unsure_since : undefined,
    };
  });
  if (written === undefined) return 'busy';
  log.debug({ night: row.night, message_key: row.message_key }, 'message looked at again');
  return 'settled';
}

/** @returns false when the lease was lost on the way */
async function keepEarliest(
  context: MessengerContext,
  leased: LeasedRow,
  channel: string,
  found: readonly string[],
  since: number,
): Promise<boolean> {
  const { row } = leased;
  const [first] = found;
  if (first === undefined) return true;
  // The row's own message, if the listing had to show it and does not, has been deleted by somebody.
  const listed = row.ts !== undefined && Number(row.ts) * 1_000 > since - clockSlackMs;
  const known = row.ts === undefined || (listed && !found.includes(row.ts)) ? [] : [row.ts];
  const [earliest = first] = [...found, ...known].sort(compareTs);
  if (earliest !== row.ts) {
    if (row.ts !== undefined && known.length === 0 && !(await forgetMessage(context, leased, row.ts)))
      return false;
    leased.row = await recordPost(context, leased, {
      channel,
      ts: earliest,
      note: (now) => ({ ...now, said: undefined }),
      doubtful: false,
      done: false,
    });
  }
  for (const ts of found) if (ts !== leased.row.ts) await discard(context, row, channel, ts);
  return isOurs(leased.row, leased.lease);
}

async function forgetMessage({ table }: MessengerContext, leased: LeasedRow, ts: string): Promise<boolean> {
  const written = await changeRow(table, leased.row, (now) =>
    isOurs(now, leased.lease) && now.ts === ts ? { ...now, ts: undefined } : undefined,
  );
  if (written !== undefined) leased.row = written;
  return written !== undefined;
}
