import { GetCommand, paginateQuery, paginateScan, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { counts, expiryOf } from '../../../projections/retention.ts';
import { envelope, inTermsOf, upcast, type RecordedEvent, type RondaEvent } from '../../events/event.ts';
import { contentHash } from '../../events/identity.ts';
import { eventKey, lastKeyAt } from '../../events/order.ts';
import { DependencyError, EventConflictError, UnreadableEventError } from '../../errors.ts';
import { conditionHeld } from '../condition.ts';
import { segmentInput, type Segment } from '../segments.ts';
import { tableOf, timeToLive, type Store } from '../store.ts';
import { tables } from '../tables.ts';

const { partition, sort } = tables.events;
const maxAppends = 3;

/**
 * Appends an event, once. Appending it again changes nothing and gives back the stored one, whose envelope is
 * the one that counts.
 * @throws EventConflictError when this scheduler, time and id stand for other content already; UnreadableEventError
 *   when nobody can tell what the stored one says
 */
export async function append(store: Store, recorded: RecordedEvent): Promise<RecordedEvent> {
  const { event } = recorded;
  const key = keyOf(event);
  const hash = contentHash(event);
  for (let attempt = 1; attempt <= maxAppends; attempt += 1) {
    if (await put(store, recorded, key, hash)) return recorded;
    // Read for itself: not every engine hands back the item that failed a condition.
    const item = await readItem(store, event.scheduler_id, key);
    // Between the two, TTL may have purged it: then it is put again.
    if (item === undefined) continue;
    const stored = recordedEvent(item);
    if (!isSame(item, stored.event, event)) throw new EventConflictError(event.scheduler_id, key);
    return stored;
  }
  throw new DependencyError('dynamodb', `it said ${maxAppends} times that an event is there, and had none`);
}

/** @returns false when there is an event with its key already */
async function put(
  store: Store,
  { event, envelope }: RecordedEvent,
  key: string,
  hash: string,
): Promise<boolean> {
  return await conditionHeld(
    store.client.send(
      new PutCommand({
        TableName: tableOf(store, 'events'),
        Item: {
          ...event,
          ...envelope,
          [sort]: key,
          content_hash: hash,
          ...timeToLive(store, expiryOf(event, store.retention)),
        },
        ConditionExpression: 'attribute_not_exists(#partition)',
        ExpressionAttributeNames: { '#partition': partition },
      }),
    ),
  );
}

async function readItem(store: Store, schedulerId: string, key: string) {
  const { Item } = await store.client.send(
    new GetCommand({
      TableName: tableOf(store, 'events'),
      Key: { [partition]: schedulerId, [sort]: key },
      ConsistentRead: true,
    }),
  );
  return Item;
}

/**
 * Whether another event than this one has its scheduler, time and id in the store: one that says something else.
 * Read consistently.
 */
export async function isTaken(store: Store, event: RondaEvent): Promise<boolean> {
  const item = await readItem(store, event.scheduler_id, keyOf(event));
  return item !== undefined && !isSame(item, recordedEvent(item).event, event);
}

/** Whether a stored item says what an event of its key says: by its hash, or where an older version made that, by what both say. */
function isSame(item: Readonly<Record<string, unknown>>, stored: RondaEvent, event: RondaEvent): boolean {
  if (item['content_hash'] === contentHash(event)) return true;
  const { v } = item;
  return contentHash(inTermsOf(v, stored)) === contentHash(inTermsOf(v, event));
}

function keyOf({ occurred_at, event_id }: RondaEvent): string {
  return eventKey({ at: occurred_at, id: event_id });
}

/** One event by its key (`eventKey`), read consistently; undefined when there is none. */
export async function readEvent(
  store: Store,
  schedulerId: string,
  key: string,
): Promise<RecordedEvent | undefined> {
  const item = await readItem(store, schedulerId, key);
  return item === undefined ? undefined : recordedEvent(item);
}

/**
 * A scheduler's events that count now, oldest first, read consistently; up to and including the instant
 * `until` (UTC) if given. Memory stays flat: pages are read as the caller asks.
 * @throws UnreadableEventError when one of them is newer than this program, or damaged
 */
export function readStream(store: Store, schedulerId: string, until?: string): AsyncGenerator<RecordedEvent> {
  return readBetween(store, schedulerId, '', until === undefined ? endOfKeys : lastKeyAt(until));
}

/** Above every key. */
export const endOfKeys = '~';

/** As `readStream`, the events with keys above `after`, up to and including `last`. */
export async function* readBetween(
  store: Store,
  schedulerId: string,
  after: string,
  last: string,
): AsyncGenerator<RecordedEvent> {
  // Keys begin with a digit. A condition takes no empty text.
  const first = after === '' ? '!' : `${after}!`;
  if (first > last) return;
  const pages = paginateQuery(
    { client: store.client },
    {
      TableName: tableOf(store, 'events'),
      ConsistentRead: true,
      KeyConditionExpression: '#partition = :id AND #sort BETWEEN :first AND :last',
      ExpressionAttributeNames: { '#partition': partition, '#sort': sort },
      ExpressionAttributeValues: { ':id': schedulerId, ':first': first, ':last': last },
    },
  );
  for await (const page of pages) {
    for (const item of page.Items ?? []) {
      const recorded = recordedEvent(item);
      if (isCounting(store, recorded)) yield recorded;
    }
  }
}

/** Whether a scheduler has any event that counts now, read consistently. @throws as `readStream` */
export async function hasCountingEvents(store: Store, schedulerId: string): Promise<boolean> {
  const { done } = await readStream(store, schedulerId).next();
  return done !== true;
}

/** Whether a scheduler has any event in the table, read consistently. */
export async function hasEvents(store: Store, schedulerId: string): Promise<boolean> {
  const { Count = 0 } = await store.client.send(
    new QueryCommand({
      TableName: tableOf(store, 'events'),
      ConsistentRead: true,
      Limit: 1,
      KeyConditionExpression: '#partition = :id',
      ExpressionAttributeNames: { '#partition': partition },
      ExpressionAttributeValues: { ':id': schedulerId },
    }),
  );
  return Count > 0;
}

/** An event that a scan met; `recorded` is undefined where it cannot be read. */
export type ScannedEvent = { readonly schedulerId: string; readonly recorded: RecordedEvent | undefined };

/** All events that count now, of one segment of the table. Eventually consistent, in no order. */
export async function* scanEvents(store: Store, segment: Segment): AsyncGenerator<ScannedEvent> {
  const pages = paginateScan(
    { client: store.client },
    { TableName: tableOf(store, 'events'), ...segmentInput(segment) },
  );
  for await (const page of pages) {
    for (const item of page.Items ?? []) {
      const read = parsed(item);
      if (read === undefined) yield { schedulerId: String(item[partition]), recorded: undefined };
      else if (isCounting(store, read)) yield { schedulerId: read.event.scheduler_id, recorded: read };
    }
  }
}

function isCounting({ clock, retention }: Store, { event }: RecordedEvent): boolean {
  return counts(event, clock.now(), retention);
}

/** Undefined for what a newer version wrote, or what was damaged. */
function parsed(item: unknown): RecordedEvent | undefined {
  const [event, around] = [upcast(item), envelope.safeParse(item)];
  return event !== undefined && around.success ? { event, envelope: around.data } : undefined;
}

/** @throws UnreadableEventError */
function recordedEvent(item: Readonly<Record<string, unknown>>): RecordedEvent {
  const read = parsed(item);
  if (read === undefined) throw new UnreadableEventError(String(item[partition]), String(item[sort]));
  return read;
}
