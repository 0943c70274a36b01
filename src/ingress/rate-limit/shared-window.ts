import { randomUUID } from 'node:crypto';
import { DeleteCommand, GetCommand, PutCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { z } from 'zod';
import { jitteredMs } from '../../backoff.ts';
import { pause, type Clock } from '../../clock.ts';
import { ContendedRowError } from '../../errors.ts';
import { conditionHeld } from '../../store/condition.ts';
import { expiryAttribute, tables } from '../../store/tables.ts';
import { minuteMs } from './rolling-window.ts';

const { partition } = tables.rateLimits;

export type SharedWindowOptions = {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
  readonly clock: Clock;
  /** Real time after which a decision is given up, ms: a request must not hang where DynamoDB does. */
  readonly timeoutMs: number;
};

/** What to store instead of the hits that were found (`undefined`: leave them), and what to answer. */
export type Decision<T> = { readonly hits: readonly number[] | undefined; readonly answer: T };
export type Decide<T> = (hits: readonly number[], now: number) => Decision<T>;

/** An item as last seen here; without `rev` there was none. */
type Seen = { readonly hits: readonly number[]; readonly rev: string | undefined; readonly usedAt: number };

/** `times`: the hits, ms UTC, oldest first, 8 bytes each. Of `maxSharedLimit` they take 400,000 of an item's 409,600 bytes. */
const storedItem = z.object({ times: z.instanceof(Uint8Array).optional(), rev: z.string() });

const maxAttempts = 20;
const backoff = { firstMs: 5, maxMs: 100 };
const rememberedKeys = 10_000;
const rememberedMs = 600_000;
/** TTL only cleans up; an hour is more than the clocks of replicas can be apart. */
const expirySlackMs = 3_600_000;

/**
 * The hits of each key in a DynamoDB table, changed by compare-and-swap on `rev`, so that all replicas decide
 * by the same ones. The last item seen of a key is kept, and the conditional write is tried on it straight
 * away: one request as long as no other replica wrote in between, two more for each time one did.
 *
 * A kept item may be behind, but only by hits of others, which make the window fuller. A decision that
 * stores nothing (a refusal) is therefore true of the item in the table too, and needs no request.
 */
export function createSharedWindow({ client, tableName, clock, timeoutMs }: SharedWindowOptions) {
  const seen = new Map<string, Seen>();

  /** In the order of use, so that what is stale or too much is at the front. */
  function remember(key: string, item: Seen): void {
    seen.delete(key);
    seen.set(key, item);
    for (const [oldest, { usedAt }] of seen) {
      if (seen.size <= rememberedKeys && usedAt + rememberedMs > item.usedAt) return;
      seen.delete(oldest);
    }
  }

  async function read(key: string, abortSignal: AbortSignal): Promise<Seen> {
    const usedAt = clock.real();
    const { Item } = await client.send(
      new GetCommand({ TableName: tableName, Key: { [partition]: key }, ConsistentRead: true }),
      { abortSignal },
    );
    if (Item === undefined) return { hits: [], rev: undefined, usedAt };
    const { times, rev } = storedItem.parse(Item);
    // Copied, since bytes of an answer may lie anywhere in a buffer.
    return { hits: [...new Float64Array(Uint8Array.from(times ?? []).buffer)], rev, usedAt };
  }

  /** @returns false when somebody else wrote since `expected` was seen */
  async function write(key: string, item: Seen, expected: string | undefined, abortSignal: AbortSignal) {
    const expiry = Math.ceil((item.usedAt + minuteMs + expirySlackMs) / 1000);
    const put = new PutCommand({
      TableName: tableName,
      Item: {
        [partition]: key,
        // Left out when empty: not every engine stores an empty binary.
        ...(item.hits.length === 0 ? {} : { times: new Uint8Array(Float64Array.from(item.hits).buffer) }),
        rev: item.rev,
        ...(clock.isReal ? { [expiryAttribute]: expiry } : {}),
      },
      ExpressionAttributeNames: { '#rev': 'rev' },
      ...(expected === undefined
        ? { ConditionExpression: 'attribute_not_exists(#rev)' }
        : { ConditionExpression: '#rev = :rev', ExpressionAttributeValues: { ':rev': expected } }),
    });
    return await conditionHeld(client.send(put, { abortSignal }));
  }

  /**
   * Applies a decision to the hits of a key. `decide` runs again whenever another replica was faster.
   *
   * The attempts do not run out at an ordinary limit: every one that is lost filled a place in the window,
   * and a full window is refused without a write.
   *
   * @throws ContendedRowError when all attempts are lost; what the AWS SDK throws when DynamoDB is away
   */
  async function swap<T>(key: string, decide: Decide<T>): Promise<T> {
    const deadline = AbortSignal.timeout(timeoutMs);
    let item = seen.get(key) ?? (await read(key, deadline));
    for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
      const now = Math.floor(clock.real());
      const { hits, answer } = decide(item.hits, now);
      if (hits === undefined) {
        remember(key, { ...item, usedAt: now });
        return answer;
      }
      // A counter would start anew after TTL deletes the item, and could then match one that is remembered.
      const next = { hits, rev: randomUUID(), usedAt: now };
      if (await write(key, next, item.rev, deadline)) {
        remember(key, next);
        return answer;
      }
      if (attempt > 0) await pause(jitteredMs(backoff, attempt), deadline);
      item = await read(key, deadline);
      if (item.rev === next.rev) {
        // Our own write, whose answer was lost: the SDK sent it again and met the first.
        remember(key, item);
        return answer;
      }
    }
    throw new ContendedRowError(key, maxAttempts);
  }

  async function forget(key: string): Promise<void> {
    seen.delete(key);
    await client.send(new DeleteCommand({ TableName: tableName, Key: { [partition]: key } }), {
      abortSignal: AbortSignal.timeout(timeoutMs),
    });
  }

  return { swap, forget };
}
