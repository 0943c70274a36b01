import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { RondaEvent } from '../events/event.ts';
import { contentHash } from '../events/identity.ts';
import { eventKey } from '../events/order.ts';

/** The contents of the events that this process took lately under ids of their senders' own. */
export type RecentIds = {
  /** Remembers an event. @returns false where its scheduler, time and id stand for something else already */
  readonly claim: (event: RondaEvent) => boolean;
  /** Forgets one that was not taken after all. */
  readonly release: (event: RondaEvent) => void;
};

/** Some 2 MB. What is forgotten, or was taken elsewhere, the consumer tells apart: it dead-letters the other one. */
const maxEvents = 10_000;
/** Base64 characters of 6 bits each: enough that no two of so many meet, nor anybody finds one that meets another. */
const digestLength = 22;

/** Remembers the last `max` events; the one unused for longest makes room. */
export function createRecentIds(max = maxEvents): RecentIds {
  const contents = new LRUCache<string, string>({ max });
  return {
    claim: (event) => {
      const key = keyOf(event);
      const content = contentHash(event).slice(0, digestLength);
      const known = contents.get(key);
      if (known === undefined) contents.set(key, content);
      return known === undefined || known === content;
    },
    release: (event) => {
      contents.delete(keyOf(event));
    },
  };
}

function keyOf({ scheduler_id, occurred_at, event_id }: RondaEvent): string {
  const name = `${scheduler_id} ${eventKey({ at: occurred_at, id: event_id })}`;
  return hash('sha256', name, 'base64url').slice(0, digestLength);
}
