import { ageOf, pause as realPause, type Clock } from '../../../clock.ts';
import { ContendedRowError } from '../../../errors.ts';
import { utc } from '../../../events/time.ts';
import type { Logger } from '../../../log.ts';
import {
  messageTable,
  type MessageKey,
  type MessageRow,
  type MessageTable,
} from '../../../store/messages/messages.ts';
import { changeRow } from '../../../store/versioned-rows.ts';
import type { Store } from '../../../store/store.ts';
import { createLeaseObserver } from './lease.ts';
import type { Content } from '../content.ts';
import { contentHashOf } from '../content-hash.ts';
import {
  discard,
  metadataKey,
  placeOf,
  release,
  acquire,
  type LeasedRow,
  type MessengerApi,
  type MessengerContext,
} from './leased-row.ts';
import { createLookup } from './lookup.ts';
import { attributesOf, edit, post, withContent, type Carried, type Message } from './posting.ts';
import { recheckLeased } from './recheck.ts';
import { SlackCallError } from '../slack-errors.ts';
import { createTableRefusals } from './table-refusals.ts';
import { createKeyedMutex } from '../keyed-mutex.ts';

export type PublishOptions = {
  readonly channel: string;
  /** For a reply: the message in whose thread it stands. */
  readonly threadTs?: string | undefined;
  /** The Ronda time, UTC, of the content; kept in the row. */
  readonly contentAt?: string | undefined;
  /** What to do when somebody deleted the message in Slack. */
  readonly whenDeleted: 'repost' | 'drop';
  /** Real ms; an edit sooner after the last post or edit is answered `early`. */
  readonly minEditIntervalMs?: number | undefined;
  /** Facts for the row; each named one replaces the row's of that name. */
  readonly details?: MessageRow['details'];
  /** Whether the row, as it is when it is leased, still wants this message; otherwise `void`. Pure. */
  readonly onlyIf?: ((row: MessageRow) => boolean) | undefined;
  /** Hash that stands for the content's own when it is judged whether the message has it already. */
  readonly contentHash?: string | undefined;
};

export type Published = {
  /**
   * `adopted`: an earlier attempt's message was found and brought up to date. `busy`: somebody else is at
   * work on it. `early`: the edit may not be made yet. `deleted`: somebody deleted it and it stays so.
   * After `busy` and `early` the message need not have this content yet: try again.
   */
  readonly state: 'posted' | 'edited' | 'unchanged' | 'adopted' | 'busy' | 'deleted' | 'early' | 'void';
  readonly channel: string;
  readonly ts?: string;
};

export type Messenger = {
  /**
   * Gives the message of a key this content: posts it, or edits it, once, whoever else tries.
   * @throws one of `slack-errors.ts` (nothing is lost: try again after the retryable ones), ContendedRowError, or
   *   DynamoDB's own error
   */
  readonly publish: (
    key: MessageKey,
    kind: string,
    content: Content,
    options: PublishOptions,
  ) => Promise<Published>;
  /**
   * Looks for messages of a row that came late, once its `recheck_at` has passed: the earliest stays, the others
   * are deleted. `early`: not due yet.
   * @throws as `publish`
   */
  readonly recheck: (key: MessageKey) => Promise<'settled' | 'busy' | 'early'>;
};

export type MessengerOptions = {
  readonly store: Store;
  readonly api: MessengerApi;
  readonly clock: Clock;
  readonly log: Logger;
  /** Unlike that of any other messenger, living or dead: an instance's random id. */
  readonly owner: string;
  readonly leaseSeconds: number;
  readonly table?: MessageTable;
  readonly pause?: (ms: number) => Promise<void>;
};

const maxRounds = 8;

/**
 * Posts once. Lease the row, post with the key as metadata, write the `ts` down; whoever finds a lease that ran
 * out looks in Slack for the key before it posts. What Slack still makes possible (a frozen process, a post that
 * lands late) is reconciled: of two messages with one key the later is deleted.
 */
export function createMessenger(options: MessengerOptions): Messenger {
  const { store, api, clock, log, owner, leaseSeconds, pause = realPause } = options;
  const table = options.table ?? messageTable(store);
  const context: MessengerContext = {
    table,
    api,
    lookup: createLookup(api),
    refusals: createTableRefusals(clock),
    clock,
    log,
    leaseTerms: { owner, leaseMs: leaseSeconds * 1_000 },
    isLeased: createLeaseObserver(clock, owner),
    pause,
  };
  const exclusively = createKeyedMutex();

  const publishOnce = async (
    key: MessageKey,
    kind: string,
    message: Message,
    { minEditIntervalMs = 0, onlyIf }: Pick<PublishOptions, 'minEditIntervalMs' | 'onlyIf'>,
  ): Promise<Published | undefined> => {
    const row = await table.read(key);
    if (row === undefined) {
      const { night, message_key } = key;
      const created_at = utc(clock.now());
      await table.create({ night, message_key, kind, created_at, details: message.details });
      return undefined;
    }
    if (onlyIf?.(row) === false) return publishedOf('void', row, message);
    const settled = approach(row, message, {
      isLeased: context.isLeased(row),
      now: clock.real(),
      minEditIntervalMs,
    });
    if (settled !== 'go') return publishedOf(settled, row, message);
    const leased = await acquire(context, row, (now) =>
      now.ts === undefined && now.unsure_since === undefined
        ? { ...now, ...attributesOf(message.place) }
        : now,
    );
    if (leased === undefined) return undefined;
    const carried = await guarded(context, leased, () => carry(context, leased, message));
    if (carried === 'uneditable') return await publishInThread(key, message, leased.row);
    return carried === 'again'
      ? undefined
      : publishedOf(carried, (await table.read(key)) ?? leased.row, message);
  };

  /** Where no edit is possible any more: each content once, as a message of its own in the thread. */
  const publishInThread = async (key: MessageKey, message: Message, row: MessageRow): Promise<Published> => {
    const { ts, channel = message.place.channel } = row;
    const update = {
      night: key.night,
      message_key: `update/${key.message_key}/${message.contentHash.slice(0, 16)}`,
    };
    const options = { channel, threadTs: row.thread_ts ?? ts, whenDeleted: 'drop' } as const;
    await publish(update, 'update', message.content, options);
    const written = await changeRow(table, key, (now) =>
      now.ts === ts && now.claim === undefined ? withContent(message, now, clock.real()) : undefined,
    );
    return publishedOf('edited', written ?? row, message);
  };

  const publish: Messenger['publish'] = (key, kind, content, options) =>
    exclusively(metadataKey(key), async () => {
      const { channel, threadTs, contentAt, whenDeleted, details } = options;
      const contentHash = contentHashOf(content, options.contentHash);
      const message = { place: { channel, threadTs }, content, contentHash, contentAt, whenDeleted, details };
      for (let round = 0; round < maxRounds; round += 1) {
        const done = await publishOnce(key, kind, message, options);
        if (done !== undefined) return done;
      }
      throw new ContendedRowError(metadataKey(key), maxRounds);
    });

  return {
    publish,
    recheck: (key) =>
      exclusively(metadataKey(key), async () => {
        const row = await table.read(key);
        if (row?.recheck_at === undefined) return 'settled';
        const early = row.recheck_at - clock.real();
        // Further ahead than any is set: the clock has been set back.
        if (early > 0 && early <= 2 * context.leaseTerms.leaseMs) return 'early';
        if (context.isLeased(row)) return 'busy';
        const leased = await acquire(context, row);
        if (leased === undefined) return 'busy';
        return await guarded(context, leased, () => recheckLeased(context, leased));
      }),
  };
}

type Situation = {
  /** Whether somebody else may be at work on the row. */
  readonly isLeased: boolean;
  readonly now: number;
  readonly minEditIntervalMs: number;
};

/** Whether there is something to do about a row, as far as the row alone tells. Pure. */
export function approach(
  row: MessageRow,
  { contentHash, whenDeleted, place }: Pick<Message, 'contentHash' | 'whenDeleted' | 'place'>,
  { isLeased, now, minEditIntervalMs }: Situation,
): 'go' | 'busy' | 'deleted' | 'unchanged' | 'early' {
  if (row.deleted === true && whenDeleted === 'drop') return 'deleted';
  if (isLeased) return 'busy';
  // Under an abandoned lease anything may have been posted.
  if (row.ts === undefined || row.claim !== undefined || row.deleted === true) return 'go';
  if (isElsewhere(row, place)) return 'go';
  if (row.said === contentHash) return 'unchanged';
  return row.said_real !== undefined && ageOf(row.said_real, now) < minEditIntervalMs ? 'early' : 'go';
}

/** A reply whose thread's parent was posted anew stands in a thread that nobody opens. */
function isElsewhere(row: MessageRow, { threadTs }: Message['place']): boolean {
  return threadTs !== undefined && row.thread_ts !== threadTs;
}

async function carry(context: MessengerContext, leased: LeasedRow, message: Message): Promise<Carried> {
  const { row } = leased;
  if (row.ts === undefined) return await post(context, leased, message);
  if (!isElsewhere(row, message.place)) return await edit(context, leased, message);
  await discard(context, row, placeOf(row, message.place).channel, row.ts);
  const freed = await release(context, leased, (now) =>
    now.ts === row.ts ? { ...now, ts: undefined, said: undefined } : now,
  );
  return freed === undefined ? 'busy' : 'again';
}

/** What Slack does not do is no reason to keep the lease; after any other error it is left to run out. */
async function guarded<T>(context: MessengerContext, leased: LeasedRow, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SlackCallError) await release(context, leased);
    throw error;
  }
}

function publishedOf(state: Published['state'], row: MessageRow, { place }: Message): Published {
  const { channel = place.channel, ts } = row;
  return { state, channel, ...(ts === undefined ? {} : { ts }) };
}
