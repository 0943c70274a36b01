import type { Request } from 'express';
import type { Logger } from '../log.ts';
import type { ApiKey } from '../store/keys/api-keys.ts';

/** What the middlewares learned of a request. */
export type RequestContext = {
  readonly correlationId: string;
  readonly log: Logger;
  key?: ApiKey;
};

const contexts = new WeakMap<Request, RequestContext>();

/** Remembers what is known of a request, for as long as the request lives. */
export function setContext(request: Request, context: RequestContext): void {
  contexts.set(request, context);
}

/** What is known of a request. @throws Error before the correlation middleware has run */
export function contextOf(request: Request): RequestContext {
  const context = contexts.get(request);
  if (context === undefined) throw new Error('the correlation middleware has not run');
  return context;
}

/** The key of a request that authentication has let through. */
export function keyOf(request: Request): ApiKey {
  const { key } = contextOf(request);
  if (key === undefined) throw new Error('the authentication middleware has not run');
  return key;
}
