import { timingSafeEqual } from 'node:crypto';
import type { RequestHandler } from 'express';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock.ts';
import { utc } from '../events/time.ts';
import type { Logger } from '../log.ts';
import {
  believedMs,
  hashOf,
  hasEnded,
  keyIdOf,
  readApiKey,
  recordUse,
  scopes,
  type ApiKey,
  type Scope,
} from '../store/api-keys.ts';
import type { Store } from '../store/store.ts';
import { contextOf, keyOf } from './context.ts';
import { HttpError } from './http-errors.ts';
import type { FailureLimiter } from './rate-limit/limiter.ts';
import { TooManyRequestsError } from './rate-limit/too-many-requests.ts';

const maxKeys = 10_000;
/** How far a key's last use may lie behind the truth. Real ms. */
const lastUseMs = 3_600_000;

export type Authenticate = (plain: string | undefined, log: Logger) => Promise<ApiKey | undefined>;

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
  const bootstrapKey = bootstrap === undefined ? undefined : bootstrapOf(bootstrap);

  return async (plain, log) => {
    if (plain === undefined) return undefined;
    const hash = hashOf(plain);
    if (bootstrapKey !== undefined && equalHashes(hash, bootstrapKey.hash)) return bootstrapKey;
    const id = keyIdOf(plain);
    if (id === undefined) return undefined;
    const key = known.get(id) ?? (await readApiKey(store, id));
    if (key === undefined || !equalHashes(hash, key.hash)) return undefined;
    known.set(id, key, { noUpdateTTL: true });
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

function equalHashes(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(a, 'hex'), Buffer.from(b, 'hex'));
}

/** Lets only requests with a valid `x-api-key` through. Failures are counted by address, valid keys never are. */
export function requireKey(authenticate: Authenticate, failures: FailureLimiter): RequestHandler {
  return async (request, _response, next) => {
    const key = await authenticate(request.get('x-api-key'), contextOf(request).log);
    if (key === undefined) {
      const { admitted, retryAfterSeconds } = failures.record(request.ip ?? '0.0.0.0');
      if (!admitted) throw new TooManyRequestsError(retryAfterSeconds);
      throw new HttpError(401, 'Invalid API key');
    }
    contextOf(request).key = key;
    next();
  };
}

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
