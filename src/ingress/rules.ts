import type { Request } from 'express';
import type { EventContent, RondaEvent } from '../events/event.ts';
import { recordRule } from '../store/projections/record-rule.ts';
import type { ApiKey } from '../store/keys/api-keys.ts';
import { contextOf, keyOf } from './context.ts';
import { HttpError } from './http-errors.ts';
import type { IngressService } from './service.ts';

/** Makes an event of a calendar or a maintenance, and applies it before it resolves; no queue stands between. */
export async function applyRule(
  { store }: IngressService,
  request: Request,
  content: EventContent,
): Promise<RondaEvent> {
  const { correlationId: correlation_id } = contextOf(request);
  return await recordRule(store, content, { correlation_id, sender: keyOf(request).name });
}

/** @throws HttpError 403 when a key is limited to services, since what it asks for is everybody's */
export function requireEveryService({ services }: ApiKey, what: string): void {
  if (services !== null) throw new HttpError(403, `This API key is limited to services, and ${what}`);
}
