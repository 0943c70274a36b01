import type { MessageRow } from '../../../store/messages/messages.ts';
import { changeRow } from '../../../store/versioned-rows.ts';
import { inDoubt, isOurs } from './lease.ts';
import type { Block, Content } from '../content.ts';
import {
  discard,
  idsOf,
  metadataKey,
  placeOf,
  release,
  renew,
  startableMs,
  type LeasedRow,
  type MessengerContext,
} from './leased-row.ts';
import type { Place } from './lookup.ts';
import { recordPost } from './record-post.ts';
import { AmbiguousError, RefusedError, UnsentError } from '../slack-errors.ts';

/** What is to be posted, and how. */
export type Message = {
  readonly place: Place;
  readonly content: Content;
  readonly contentHash: string;
  /** The Ronda time, UTC, of the content. */
  readonly contentAt: string | undefined;
  readonly whenDeleted: 'repost' | 'drop';
  readonly details: MessageRow['details'];
};

/**
 * `again`: the row has changed so that it must be read anew. `uneditable`: Slack refuses for good to edit the
 * message, and it was posted anew already.
 */
export type Carried = 'posted' | 'edited' | 'adopted' | 'deleted' | 'busy' | 'again' | 'uneditable';

/** Two looks this part of a lease apart (5 s of 60) find a post that was on its way at the first. */
const lookGap = 1 / 12;

/** Posts under a lease, unless an earlier attempt's message is found. */
export async function post(context: MessengerContext, leased: LeasedRow, message: Message): Promise<Carried> {
  const { row } = leased;
  if (row.unsure_since !== undefined) {
    const tried = placeOf(row, message.place);
    const found = await lookTwice(context, row, tried, row.unsure_since);
    const place = found.length > 0 ? tried : message.place;
    if (!(await renew(context, leased, (now) => ({ ...now, ...attributesOf(place) })))) return 'busy';
    if (leased.row.ts !== undefined) return 'again';
    if (found.length > 0) return await adopt(context, leased, message, tried, found);
  }
  return await postAnew(context, leased, message);
}

async function postAnew(context: MessengerContext, leased: LeasedRow, message: Message): Promise<Carried> {
  const { api, clock, log, refusals } = context;
  const { place, content } = message;
  const key = metadataKey(leased.row);
  try {
    const { ts } = await refusals.send(place.channel, content, async (blocks) => {
      await api.turn(place.channel, startableMs(context, leased));
      assertTime(context, leased, 'chat.postMessage');
      return await api.post({ ...place, text: content.text, blocks, key });
    });
    const row = await recordPost(context, leased, {
      channel: place.channel,
      ts,
      note: (now) => ({
        ...withContent(message, now, clock.real()),
        ...attributesOf(place),
        posted_real: clock.real(),
      }),
      doubtful: leased.row.unsure_since !== undefined,
      done: true,
    });
    log.info({ ...idsOf(row), channel: place.channel, ts }, 'message posted');
    return row.ts === ts ? 'posted' : 'again';
  } catch (error) {
    if (!(error instanceof AmbiguousError && error.method === 'chat.postMessage')) throw error;
    return await afterAmbiguousPost(context, leased, message, error);
  }
}

/** The post may be there, may come, may never come. */
async function afterAmbiguousPost(
  context: MessengerContext,
  leased: LeasedRow,
  message: Message,
  error: AmbiguousError,
): Promise<Carried> {
  const { clock, leaseTerms } = context;
  const { at } = leased.lease;
  let found: readonly string[] = [];
  try {
    found = await lookTwice(context, leased.row, message.place, at);
  } finally {
    // Before anything else can fail: whoever tries next must look first.
    if (found.length === 0) {
      await release(context, leased, (row) => inDoubt(row, at, clock.real() + leaseTerms.leaseMs));
    }
  }
  if (found.length === 0) throw error;
  return await adopt(context, leased, message, message.place, found);
}

/** Takes what an earlier attempt left for our message, and brings it up to date. */
async function adopt(
  context: MessengerContext,
  leased: LeasedRow,
  message: Message,
  place: Place,
  [first, ...others]: readonly string[],
): Promise<Carried> {
  if (first === undefined) return 'again';
  const row = await recordPost(context, leased, {
    channel: place.channel,
    ts: first,
    note: (now) => ({ ...now, ...attributesOf(place), said: undefined, posted_real: postedAt(first) }),
    doubtful: true,
    done: false,
  });
  context.log.warn(
    { ...idsOf(row), channel: place.channel, ts: first },
    'message of an earlier attempt found',
  );
  for (const other of others) {
    if (other !== row.ts) await discard(context, row, place.channel, other);
  }
  if (!isOurs(row, leased.lease)) return 'busy';
  leased.row = row;
  const edited = await edit(context, leased, message);
  return edited === 'edited' ? 'adopted' : edited;
}

/** Edits the row's message under a lease. Doing it twice does no harm. */
export async function edit(context: MessengerContext, leased: LeasedRow, message: Message): Promise<Carried> {
  const { api, clock, table, refusals } = context;
  const { ts } = leased.row;
  if (ts === undefined) return 'again';
  const { channel } = placeOf(leased.row, message.place);
  try {
    await refusals.send(channel, message.content, async (blocks: readonly Block[]) => {
      assertTime(context, leased, 'chat.update');
      await api.update({ channel, ts, text: message.content.text, blocks });
    });
  } catch (error) {
    if (error instanceof RefusedError && error.error === 'message_not_found') {
      return await gone(context, leased, message, ts);
    }
    if (error instanceof RefusedError && isFinal(error, channel, message.place.channel)) {
      return await afterRefusedEdit(context, leased, error, ts);
    }
    if (error instanceof AmbiguousError)
      await release(context, leased, (row) => ({ ...row, said: undefined }));
    throw error;
  }
  const row = await release(context, leased, (now) =>
    now.ts === ts ? withContent(message, now, clock.real()) : now,
  );
  if (row !== undefined) return row.ts === ts ? 'edited' : 'again';
  // We were too slow: what we wrote may stand over something newer, so its content is no longer known.
  await changeRow(table, leased.row, (now) => (now.ts === ts ? { ...now, said: undefined } : undefined));
  return 'busy';
}

/**
 * Whether Slack will never take an edit of the message: it says so, it says something that is not known to pass, or
 * the channel in which the message stands is gone while the board has moved to another.
 */
function isFinal({ kind, error }: RefusedError, channel: string, wanted: string): boolean {
  if (kind === 'channel') return channel !== wanted;
  // A proxy's answer says nothing of Slack.
  return kind === 'edit' || (kind === 'other' && !error.startsWith('http_'));
}

/** The message is posted anew, once: what is refused again is posted in the thread of the second one. */
async function afterRefusedEdit(
  context: MessengerContext,
  leased: LeasedRow,
  error: RefusedError,
  ts: string,
): Promise<Carried> {
  const anew = leased.row.edition === undefined;
  context.log.warn(
    { ...idsOf(leased.row), ts, error: error.error },
    `slack refuses to edit a message: ${anew ? 'it is posted anew' : 'what is new is posted in its thread'}`,
  );
  const row = await release(context, leased, (now) =>
    anew && now.ts === ts ? { ...now, ts: undefined, said: undefined, edition: 2 } : now,
  );
  if (row === undefined) return 'busy';
  return anew ? 'again' : 'uneditable';
}

/** Somebody deleted the message in Slack. */
async function gone(
  context: MessengerContext,
  leased: LeasedRow,
  { whenDeleted }: Message,
  ts: string,
): Promise<Carried> {
  const row = await release(context, leased, (now) => {
    if (now.ts !== ts) return now;
    return whenDeleted === 'drop'
      ? { ...now, said: undefined, deleted: true }
      : { ...now, said: undefined, deleted: undefined, ts: undefined };
  });
  if (row === undefined) return 'busy';
  return row.deleted === true ? 'deleted' : 'again';
}

async function lookTwice(
  { lookup, pause, leaseTerms }: MessengerContext,
  row: MessageRow,
  place: Place,
  since: number,
): Promise<readonly string[]> {
  const found = await lookup(metadataKey(row), place, since);
  if (found.length > 0) return found;
  await pause(leaseTerms.leaseMs * lookGap);
  return await lookup(metadataKey(row), place, since);
}

/** A call that begins late could still be on its way when somebody else takes the lease over. */
function assertTime(context: MessengerContext, leased: LeasedRow, method: string): void {
  if (startableMs(context, leased) >= 0) return;
  throw new UnsentError(method, 'too little of the lease is left');
}

/** The row when its message has this content. */
export function withContent(message: Message, row: MessageRow, now: number): MessageRow {
  return {
    ...row,
    said: message.contentHash,
    said_at: message.contentAt,
    said_real: now,
    details: message.details === undefined ? row.details : { ...row.details, ...message.details },
  };
}

/** A place as a row has it. */
export function attributesOf({ channel, threadTs }: Place): Pick<MessageRow, 'channel' | 'thread_ts'> {
  return { channel, thread_ts: threadTs };
}

/** The real ms at which Slack says a message was posted. */
function postedAt(ts: string): number {
  return Math.floor(Number(ts) * 1_000);
}
