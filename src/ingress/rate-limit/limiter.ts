import type { Request, RequestHandler } from 'express';
import { ipKeyGenerator, rateLimit, type Logger as LibraryLog } from 'express-rate-limit';
import type { Clock } from '../../clock.ts';
import type { Logger } from '../../log.ts';
import { createMemoryStore } from './memory-store.ts';
import type { RollingStore } from './rolling-window.ts';
import { TooManyRequestsError } from './too-many-requests.ts';

export type KeyLimitOptions = {
  /** Decides, by its own limit; a limit of 0 turns limiting off. */
  readonly store: RollingStore;
  /** Whose request it is: the id of the key that authentication has found, never anything the client chose. */
  readonly keyOf: (request: Request) => string;
  readonly clock: Clock;
  readonly log: Logger;
};

/**
 * Limits requests per API key. Every answer gets the `RateLimit` headers of draft-8; a request over the limit
 * goes on as TooManyRequestsError, with `Retry-After` set on the answer already. When the store fails,
 * requests pass: an outage of DynamoDB must not become one of ours.
 * https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-ratelimit-headers-08
 */
export function limitByKey({ store, keyOf, clock, log }: KeyLimitOptions): RequestHandler {
  if (store.limit === 0) {
    return (_request, _response, next) => {
      next();
    };
  }
  return rateLimit({
    store,
    limit: store.limit,
    windowMs: store.windowMs,
    keyGenerator: keyOf,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    passOnStoreError: true,
    logger: oncePerMinute(clock, log),
    handler: (_request, response, next) => {
      next(new TooManyRequestsError(Number(response.getHeader('Retry-After'))));
    },
  });
}

/** Counts a request once more. @throws TooManyRequestsError when its key has no requests left in the window */
export type Charge = (request: Request) => Promise<void>;

/** The price of a request that costs more than one: counted in the store, against the limit, of `limitByKey`. */
export function chargeByKey({ store, keyOf, clock, log }: KeyLimitOptions): Charge {
  const warnings = oncePerMinute(clock, log);
  return async (request) => {
    if (store.limit === 0) return;
    try {
      const { totalHits, resetTime } = await store.increment(keyOf(request));
      if (totalHits <= store.limit) return;
      const waitMs = (resetTime?.getTime() ?? clock.real() + store.windowMs) - clock.real();
      throw new TooManyRequestsError(Math.ceil(waitMs / 1000));
    } catch (error) {
      if (error instanceof TooManyRequestsError) throw error;
      warnings.warn(error, 'a request could not be charged');
    }
  };
}

/** Counts what a look at the past reads: every thousand reads are charged, and waited for. */
export function perThousand(charge: () => Promise<void>): () => Promise<void> {
  let reads = 0;
  return async () => {
    reads += 1;
    if (reads % 1_000 === 0) await charge();
  };
}

export type FailureLimiter = {
  /** Counts a failed authentication from an address: whether to answer it 401, or 429 until the seconds are over. */
  readonly record: (address: string) => { readonly admitted: boolean; readonly retryAfterSeconds: number };
  /** Takes back one that was admitted, and turned out to be none. */
  readonly takeBack: (address: string) => void;
};

/**
 * Limits failed authentications per client address, in this process only. It says what a failure is answered, so
 * it cannot refuse a valid key, whoever shares the address. IPv6 addresses count by
 * /64, the least a subscriber is given. A limit of 0 turns limiting off.
 */
export function createFailureLimiter({ limit, clock }: { limit: number; clock: Clock }): FailureLimiter {
  if (limit === 0)
    return { record: () => ({ admitted: true, retryAfterSeconds: 0 }), takeBack: () => undefined };
  const store = createMemoryStore({ limit, clock });
  return {
    takeBack: (address) => {
      void store.decrement(ipKeyGenerator(address, 64));
    },
    record: (address) => {
      const { totalHits, resetTime } = store.increment(ipKeyGenerator(address, 64));
      if (totalHits <= limit) return { admitted: true, retryAfterSeconds: 0 };
      return { admitted: false, retryAfterSeconds: Math.ceil((resetTime.getTime() - clock.real()) / 1000) };
    },
  };
}

/** An outage fails every request; one line a minute says so, with how many it stands for. */
function oncePerMinute(clock: Clock, log: Logger): LibraryLog {
  let loggedAt = -Infinity;
  let unlogged = 0;
  const warn = (err: unknown, text?: string): void => {
    // The library's checks of its own set-up come without a text, each once.
    if (text === undefined) {
      log.warn({ err }, 'rate limiting is set up wrongly');
      return;
    }
    const now = clock.real();
    unlogged += 1;
    if (now < loggedAt + 60_000) return;
    log.warn({ err, failures: unlogged }, 'rate limiting failed, requests pass unlimited');
    loggedAt = now;
    unlogged = 0;
  };
  return { warn, error: warn };
}
