import { changeMessage, type MessageClaim, type MessageRow } from '../../store/messages/messages.ts';
import { earlierFirst, inDoubt, isOurs, released } from './lease.ts';
import { discard, type Held, type MessengerContext } from './leased-row.ts';

/** A message of the row's key that is in Slack for sure. */
export type Sighting = {
  readonly channel: string;
  readonly ts: string;
  /** What the row shall say of it. */
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
 * our claim was taken over meanwhile, the new owner may be posting too: the row says to look again.
 * @returns the row as it is then
 */
export async function settle(context: MessengerContext, held: Held, sighting: Sighting): Promise<MessageRow> {
  const { table, clock, lease } = context;
  let decided: Pointed = { row: held.row };
  const written = await changeMessage(table, held.row, (row) => {
    const recheckAt = clock.real() + lease.leaseMs;
    decided = pointTo(row, held.claim, sighting, recheckAt);
    return sighting.done ? released(decided.row, held.claim, recheckAt) : decided.row;
  });
  const { later } = decided;
  if (later !== undefined) await discard(context, held.row, later.channel, later.ts);
  return written ?? decided.row;
}

/** Which of the row's message and the one sighted shall stay. Pure. */
export function pointTo(
  row: MessageRow,
  claim: MessageClaim,
  { channel, ts, note, doubtful }: Omit<Sighting, 'done'>,
  recheckAt: number,
): Pointed {
  const ours = isOurs(row, claim);
  const sighted = { channel, ts };
  const doubted = (one: MessageRow): MessageRow => inDoubt(one, claim.at, recheckAt);
  if (row.deleted === true && !ours) return { row: doubted(row), later: sighted };
  const pointed = { ...note(row), ...sighted, deleted: undefined };
  if (row.ts === undefined || row.ts === ts) {
    const next = row.ts === ts && !ours ? row : pointed;
    return { row: doubtful || !ours ? doubted(next) : next };
  }
  const [first] = earlierFirst(row.ts, ts);
  return first === ts
    ? { row: doubted(pointed), later: { channel: row.channel ?? channel, ts: row.ts } }
    : { row: doubted(row), later: sighted };
}
