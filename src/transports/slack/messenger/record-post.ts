import type { MessageLease, MessageRow } from '../../../store/messages/messages.ts';
import { changeRow } from '../../../store/versioned-rows.ts';
import { earlierFirst, inDoubt, isOurs, released } from './lease.ts';
import { discard, type LeasedRow, type MessengerContext } from './leased-row.ts';

/** A message of the row's key that is in Slack for sure. */
export type PostedMessage = {
  readonly channel: string;
  readonly ts: string;
  /** The row with what is known of it. */
  readonly note: (row: MessageRow) => MessageRow;
  /** Whether other messages of the key may be there or come. */
  readonly doubtful: boolean;
  /** Whether our work ends here. */
  readonly done: boolean;
};

type Pointed = {
  readonly row: MessageRow;
  /** The message that must not stay. */
  readonly later?: { readonly channel: string; readonly ts: string };
};

/**
 * Points the row at a message, unless it points at an earlier one by now; of the two the later is deleted. If
 * our lease was taken over meanwhile, the new owner may be posting too: the row says to look again.
 * @returns the row as it is then
 */
export async function recordPost(
  context: MessengerContext,
  leased: LeasedRow,
  inSlack: PostedMessage,
): Promise<MessageRow> {
  const { table, clock, leaseTerms } = context;
  let decided: Pointed = { row: leased.row };
  const written = await changeRow(table, leased.row, (row) => {
    const recheckAt = clock.real() + leaseTerms.leaseMs;
    decided = pointTo(row, leased.lease, inSlack, recheckAt);
    return inSlack.done ? released(decided.row, leased.lease, recheckAt) : decided.row;
  });
  const { later } = decided;
  if (later !== undefined) await discard(context, leased.row, later.channel, later.ts);
  return written ?? decided.row;
}

/** Which of the row's message and the one found shall stay. Pure. */
export function pointTo(
  row: MessageRow,
  lease: MessageLease,
  { channel, ts, note, doubtful }: Omit<PostedMessage, 'done'>,
  recheckAt: number,
): Pointed {
  const ours = isOurs(row, lease);
  const located = { channel, ts };
  const doubted = (one: MessageRow): MessageRow => inDoubt(one, lease.at, recheckAt);
  if (row.deleted === true && !ours) return { row: doubted(row), later: located };
  const pointed = { ...note(row), ...located, deleted: undefined };
  if (row.ts === undefined || row.ts === ts) {
    const next = row.ts === ts && !ours ? row : pointed;
    return { row: doubtful || !ours ? doubted(next) : next };
  }
  const [first] = earlierFirst(row.ts, ts);
  return first === ts
    ? { row: doubted(pointed), later: { channel: row.channel ?? channel, ts: row.ts } }
    : { row: doubted(row), later: located };
}
