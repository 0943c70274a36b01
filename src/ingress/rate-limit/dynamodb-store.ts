import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { IncrementResponse } from 'express-rate-limit';
import type { Clock } from '../../clock.ts';
import { admit, inWindow, minuteMs, type Admission, type RollingStore } from './rolling-window.ts';
import { createSharedWindow, type Decide } from './shared-window.ts';

export type DynamoDbStoreOptions = {
  /** Requests per key and window, over all replicas. */
  readonly limit: number;
  readonly clock: Clock;
  readonly client: DynamoDBDocumentClient;
  /** A table with the string partition key `key_id`. */
  readonly tableName: string;
  /** Real time after which a decision is given up, ms. */
  readonly timeoutMs?: number;
};

export type DynamoDbStore = RollingStore & {
  readonly increment: (key: string) => Promise<IncrementResponse>;
};

type Caller = {
  readonly resolve: (answer: IncrementResponse) => void;
  readonly reject: (error: unknown) => void;
};

/**
 * The rolling window that replicas share in a DynamoDB table. An admitted request costs one write as long as
 * no other replica wrote its key in between, a refused one nothing. Requests of one key that arrive while its
 * write is under way wait and share the next one, so that a process never competes with itself.
 *
 * A write is billed per KB of the item: up to a limit of some 400 that is one unit, at 10,000 (10 KB) up to
 * ten, and at any limit the item stays under the 400 KB that DynamoDB allows (see hits-codec.ts). Replicas
 * stamp with their own clocks; the promise about any 60 s holds to within the difference between them.
 *
 * `increment` rejects when DynamoDB is away or too slow. `resetKey` reaches the other replicas with their
 * next write, at the latest when the hits they remember have left the window.
 */
export function createDynamoDbStore(options: DynamoDbStoreOptions): DynamoDbStore {
  const { limit, clock, client, tableName, timeoutMs = 2_000 } = options;
  const shared = createSharedWindow({ client, tableName, clock, timeoutMs });
  /** Who waits for a write of its key; a key is here exactly while `serve` runs for it. */
  const waiting = new Map<string, Caller[]>();

  async function serve(key: string): Promise<void> {
    for (;;) {
      const callers = waiting.get(key) ?? [];
      if (callers.length === 0) break;
      waiting.set(key, []);
      try {
        const answers = await shared.swap(key, admitEach(callers, limit));
        for (const [caller, { totalHits, resetAt }] of answers) {
          caller.resolve({ totalHits, resetTime: new Date(resetAt) });
        }
      } catch (error) {
        for (const caller of callers) caller.reject(error);
      }
    }
    waiting.delete(key);
  }

  return {
    limit,
    windowMs: minuteMs,
    localKeys: false,
    increment: (key) =>
      new Promise((resolve, reject) => {
        const callers = waiting.get(key);
        if (callers !== undefined) {
          callers.push({ resolve, reject });
          return;
        }
        waiting.set(key, [{ resolve, reject }]);
        void serve(key);
      }),
    decrement: (key) =>
      shared.swap(key, (hits, now) => ({
        hits: hits.length === 0 ? undefined : inWindow(hits, now, minuteMs).slice(0, -1),
        answer: undefined,
      })),
    resetKey: (key) => shared.forget(key),
  };
}

type Answers = readonly (readonly [Caller, Admission])[];

function admitEach(callers: readonly Caller[], limit: number): Decide<Answers> {
  return (hits, now) => {
    let rolled = hits;
    const answer = callers.map((caller) => {
      const admission = admit(rolled, now, limit, minuteMs);
      rolled = admission.hits;
      return [caller, admission] as const;
    });
    return { hits: answer.some(([, { admitted }]) => admitted) ? rolled : undefined, answer };
  };
}
