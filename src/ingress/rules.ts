import type { Request } from 'express';
import type { Rule } from '../../projections/rules.ts';
import { defaultEventId } from '../events/identity.ts';
import type { EventContent, RondaEvent } from '../events/event.ts';
import { lastInstant, msOf, utc } from '../events/time.ts';
import { record } from '../store/projections/record.ts';
import type { ApiKey } from '../store/keys/api-keys.ts';
import { HttpError } from './http-errors.ts';
import { recordedBy, type IngressService } from './service.ts';

/** Calendars and maintenance: what administrators lay down, for many schedulers at once. */

/** Later than what was laid down last, so that it takes effect whatever clocks did before. */
export function stampAfter(now: number, latest: Pick<Rule, 'timestamp'> | undefined): string {
  const after = latest === undefined ? 0 : msOf(latest.timestamp) + 1;
  return utc(Math.min(Math.max(now, after), lastInstant));
}

/** Makes an event and applies it before it resolves; no queue stands between. @throws what kept it from being stored */
export async function layDown(
  { store }: IngressService,
  request: Request,
  content: EventContent,
): Promise<RondaEvent> {
  const event: RondaEvent = { ...content, event_id: defaultEventId(content) };
  const [outcome] = await record(store, [recordedBy(request, event, event.occurred_at)]);
  if (outcome === undefined) throw new Error('record answers for every event');
  if (!outcome.ok) throw outcome.error;
  return event;
}

/** @throws HttpError 403 when a key is limited to services, since what it asks for is everybody's */
export function requireEveryService({ services }: ApiKey, what: string): void {
  if (services !== null) throw new HttpError(403, `This API key is limited to services, and ${what}`);
}
