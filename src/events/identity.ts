import { createHash } from 'node:crypto';
import { v5 } from 'uuid';
import { details, type EventContent } from './event.ts';
import { isUuid } from './fields.ts';

/** The name space of ids that Ronda derives (RFC 9562, section 5.5); changing it would make every retry a new event. */
const rondaNamespace = '5b1f6f0e-7d0c-5c0a-9a57-3f6b3c1d9e42';

/**
 * An event id: a UUID as it is (lower-case), anything else as a UUIDv5 of scheduler and id. An unpaired
 * surrogate, which only an envelope's id can bring, counts as U+FFFD: it has no UTF-8 to hash.
 */
export function eventIdFrom(schedulerId: string, id: string): string {
  return isUuid(id) ? id.toLowerCase() : v5(`${schedulerId}\n${id}`.toWellFormed(), rondaNamespace);
}

/** The id of the `pending` entry that stands for a scheduler's registration. */
export function initialEntryId(schedulerId: string): string {
  return v5(schedulerId, rondaNamespace);
}

/** Hashes are made of what an event says, not of how it is stored. */
const hashVersion = 1;

/**
 * What an event says, as a hash: type, scheduler, time and body fields, a field of null being absent (but where null
 * clears) and empty metadata none, members in any order. Inside metadata null is a value like others.
 * Two events of one scheduler, time and id are the same event exactly if this is equal.
 */
export function contentHash(content: EventContent): string {
  const metadata: unknown =
    'metadata' in content && content.metadata !== null && content.metadata !== '{}'
      ? JSON.parse(content.metadata)
      : null;
  const fields = Object.entries({ ...content, v: hashVersion, event_id: null, metadata }).filter(
    ([name, value]) => value !== null || name in details,
  );
  return createHash('sha256')
    .update(canonical(Object.fromEntries(fields)))
    .digest('base64url');
}

/** The default id of an event that brought its own time: a plain retry of the same request has the same one. */
export function defaultEventId(content: EventContent): string {
  return eventIdFrom(content.scheduler_id, contentHash(content));
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`);
  return `{${members.join(',')}}`;
}
