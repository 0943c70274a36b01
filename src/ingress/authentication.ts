import { timingSafeEqual } from 'node:crypto';
import type { RequestHandler } from 'express';
import { LRUCache } from 'lru-cache';
import { remembered, type Clock } from '../clock.ts';
import { utc } from '../events/time.ts';
import type { Logger } from '../log.ts';
import {
  hashOf,
  hasEnded,
  keyIdOf,
  listApiKeys,
  readApiKey,
  recordUse,
  scopes,
  type ApiKey,
  type Scope,
} from '../store/keys/api-keys.ts';
import { believedMs } from '../store/keys/believed.ts';
import type { Store } from '../store/store.ts';
import { contextOf, keyOf } from './context.ts';
import { HttpError } from './http-errors.ts';
import type { FailureLimiter } from './rate-limit/limiter.ts';
import { TooManyRequestsError } from './rate-limit/too-many-requests.ts';

const maxKeys = 10_000;
/** How far a key's last use may lie behind the truth. Real ms. */
const lastUseMs = 3_600_000;

/** How far the listing of all keys, which stands in for reads of one, may lie behind the truth. Real ms. */
const listedMs = 5_000;

/**
 * @param sparing the caller has failed too often: a key that is not known here costs no read of its own, but is looked
 *   for in a listing of all of them, which one look for all callers makes at most every `listedMs`
 */
export type Authenticate = (
  plain: string | undefined,
  log: Logger,
  sparing?: boolean,
) => Promise<ApiKey | undefined>;

/**
 * Finds the key that a plain one is; undefined when it is missing, unknown, revoked or expired. "There" is
 * believed for `believedMs`, "not there" never. A key's use is written down at most once an hour by one process,
 * behind the request's back: it neither waits for that nor fails with it.
 */
export function createAuthenticator(store: Store, clock: Clock, bootstrap: string | undefined): Authenticate {
  const known = new LRUCache<string, ApiKey>({
    max: maxKeys,
    ttl: believedMs,
    perf: { now: clock.monotonic },
  });
  const noteUse = createUseNotes(store, clock);
  const listed = remembered(clock, listedMs, async () => {
    const keys = await listApiKeys(store);
    return new Map(keys.map((key) => [key.key_id, key]));
  });
  const bootstrapKey = bootstrap === undefined ? undefined : bootstrapOf(bootstrap);

  return async (plain, log, sparing = false) => {
    if (plain === undefined) return undefined;
    const hash = hashOf(plain);
    if (bootstrapKey !== undefined && equalHashes(hash, bootstrapKey.hash)) return bootstrapKey;
    const id = keyIdOf(plain);
    if (id === undefined) return undefined;
    const read = async () => (sparing ? (await listed()).get(id) : await readApiKey(store, id));
    const believed = known.get(id);
    const isBelieved = believed !== undefined && equalHashes(hash, believed.hash);
    // What fails is always looked up, so that its time does not tell whether there is such an id.
    const key = isBelieved ? believed : await read();
    if (!equalHashes(hash, key?.hash ?? noHash) || key === undefined) return undefined;
    // What the listing says may be old already.
    if (!sparing) known.set(id, key, { noUpdateTTL: true });
    if (hasEnded(key, clock.real())) return undefined;
    noteUse(key, log);
    return key;
  };
}

function createUseNotes(store: Store, clock: Clock): (key: ApiKey, log: Logger) => void {
  const notedAt = new LRUCache<string, number>({ max: maxKeys });
  return ({ key_id, last_used }, log) => {
    const [now, passed] = [clock.real(), clock.monotonic()];
    if (passed - (notedAt.get(key_id) ?? -Infinity) < lastUseMs) return;
    // What another process wrote spares us the write; one that lies ahead says nothing.
    const written = last_used === undefined ? -Infinity : Date.parse(last_used);
    if (written <= now && now - written < lastUseMs) return;
    notedAt.set(key_id, passed);
    recordUse(store, key_id, utc(now)).catch((error: unknown) => {
      log.debug({ err: error, key_id }, 'the last use of a key could not be written down');
    });
  };
}

function bootstrapOf(plain: string): ApiKey {
  return {
    key_id: 'bootstrap',
    name: 'bootstrap',
    hash: hashOf(plain),
    scopes: [...scopes],
    services: null,
    created_at: '1970-01-01T00:00:00.000Z',
    expires: null,
    revoked: null,
  };
}

/** Nothing has it. */
const noHash = '0'.repeat(64);

function equalHashes(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(a, 'hex'), Buffer.from(b, 'hex'));
}

/**
 * Lets only requests with a valid `x-api-key` through. Failures are counted by address, valid keys never are: a request
 * counts as a failure while its key is looked up, so that many at once cannot have more reads than the limit.
 */
export function requireKey(authenticate: Authenticate, failures: FailureLimiter): RequestHandler {
  return async (request, _response, next) => {
    const address = request.ip ?? '0.0.0.0';
    const { admitted, retryAfterSeconds } = failures.record(address);
    let failed = false;
    try {
      const key = await authenticate(request.get('x-api-key'), contextOf(request).log, !admitted);
      failed = key === undefined;
      if (key !== undefined) contextOf(request).key = key;
    } finally {
      if (admitted && !failed) failures.takeBack(address);
    }
    if (failed && !admitted) throw new TooManyRequestsError(retryAfterSeconds);
    if (failed) throw new HttpError(401, 'Invalid API key');
    next();
  };
}

/** Lets pass only requests whose key has a scope; for the rest a 403. */
export function requireScope(scope: Scope): RequestHandler {
  return (request, _response, next) => {
    if (!keyOf(request).scopes.includes(scope))
      throw new HttpError(403, `This API key lacks the scope ${scope}`);
    next();
  };
}

/** @throws HttpError 403 when the key is limited to services and one of these is another's */
export function requireService(key: ApiKey, ...services: readonly (string | null)[]): void {
  const { services: allowed } = key;
  if (allowed === null) return;
  const other = services.find((service) => service !== null && !allowed.includes(service));
  if (other !== undefined) throw new HttpError(403, `This API key is not for the service ${other}`);
}
