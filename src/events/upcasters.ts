import { z } from 'zod';
import { rondaEvent, schedulerRegistered, type RondaEvent } from './event.ts';

/** What earlier versions stored, read as today's events: the one place that knows of them. Pure. */

/** It named every optional field: what was left out was null, and took away what was known. */
const registeredV1 = z
  .object({
    ...schedulerRegistered.shape,
    v: z.literal(1),
    owner_email: z.string().nullable(),
    alert_user_id: z.string().nullable(),
    heartbeat_timeout_minutes: z.number().nullable(),
  })
  .transform((event) => ({ ...event, v: 2 }) as const);

const storedEvent = z.union([rondaEvent, registeredV1]);

/** The event in a stored item of any version; undefined for what a newer program stored, or what was damaged. */
export function upcast(item: unknown): RondaEvent | undefined {
  return storedEvent.safeParse(item).data;
}

/**
 * An event as far as version `v` of its type could say it. Of two events of which one was stored as that version,
 * only this can be compared: the same request, sent again after an update, says more today.
 */
export function inTermsOf(v: unknown, event: RondaEvent): RondaEvent {
  if (v !== 1 || event.type !== 'scheduler_registered') return event;
  const { owner_email = null, alert_user_id = null, heartbeat_timeout_minutes = null, ...names } = event;
  return {
    ...names,
    ...(owner_email === null ? {} : { owner_email }),
    ...(alert_user_id === null ? {} : { alert_user_id }),
    ...(heartbeat_timeout_minutes === null ? {} : { heartbeat_timeout_minutes }),
  };
}
