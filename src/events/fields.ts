import { z } from 'zod';
import { isLongerThan, normaliseJson } from './json-text.ts';
import { statuses } from './order.ts';
import { isEventTime, parseTime } from './time.ts';

/** The fields that a service may send, over HTTP or in a message: one definition of what each may hold. */

const maxMetadataBytes = 16 * 1024;
const maxMetadataDepth = 32;
const maxErrorLength = 8_000;
/** DynamoDB refuses numbers under 1e-130; a duration under a picosecond is none. */
const leastDuration = 1e-9;

const wellFormed = (text: string): boolean => text.isWellFormed();
const name = z
  .string({ error: expected('a string') })
  .min(1, 'must not be empty')
  .max(255, 'must be at most 255 characters')
  .refine(wellFormed, 'must be well-formed Unicode (it has an unpaired surrogate)');

export const schedulerId = z
  .string({ error: expected('a string') })
  .regex(/^[A-Za-z0-9._:-]{1,255}$/, 'must be 1 to 255 of A-Z a-z 0-9 . _ : -')
  // Every client and proxy takes them out of a path before the request reaches us (RFC 3986, section 5.2.4).
  .regex(/^(?!\.{1,2}$)/, 'must not be . or ..');

export const serviceName = name;
export const jobName = name;
export const person = name;

export const ownerEmail = z
  .email({ error: expected('an e-mail address') })
  .max(254, 'must be at most 254 characters');

export const alertUserId = z
  .string({ error: expected('a string') })
  .regex(/^[UW][A-Z0-9]{2,20}$/, 'must be a Slack user id: U or W and 2 to 20 of A-Z 0-9');

/** 0: the job sends no heartbeats, and so is never stale. */
export const heartbeatTimeoutMinutes = z
  .int({ error: expected('a whole number from 0 to 1440') })
  .min(0, 'must be a whole number from 0 to 1440')
  .max(1440, 'must be a whole number from 0 to 1440');

/** Any instant that sorts as text, to ask by. */
export const instant = z
  .string({ error: expected('an ISO 8601 time with offset or Z') })
  .transform((text, context) => {
    const time = parseTime(text);
    if (time !== undefined) return time;
    context.addIssue('must be an ISO 8601 time with offset or Z, like 2026-11-23T17:30:00.000Z');
    return z.NEVER;
  });

/** The time of an event. */
export const timestamp = instant.refine(isEventTime, 'must lie in the years 1970 to 9998');

export const status = z.enum(statuses, {
  error: (issue) => (issue.input === undefined ? 'is required' : `must be one of ${statuses.join(', ')}`),
});

export const executionTimeMs = z
  .number({ error: expected('a number from 0 to 1e15') })
  .min(0, 'must be a number from 0 to 1e15')
  .max(1e15, 'must be a number from 0 to 1e15')
  .transform((ms) => (ms < leastDuration ? 0 : ms));

const cutMark = /… \(cut, \d+ characters\)$/;

/**
 * Never refused for its length: a stack trace is worth more cut than lost. Cutting what was cut changes nothing.
 * An empty one is none.
 */
export const errorMessage = z.string({ error: expected('a string') }).transform((text) => {
  if (text === '') return null;
  const sound = text.toWellFormed();
  if (sound.length <= maxErrorLength) return sound;
  if (cutMark.test(sound) && sound.replace(cutMark, '').length <= maxErrorLength) return sound;
  const kept = sound.slice(0, maxErrorLength);
  const whole = kept.isWellFormed() ? kept : kept.slice(0, -1);
  return `${whole}… (cut, ${sound.length} characters)`;
});

/** Arrives as JSON text (`members.ts`), and stays it. An empty object is none. */
export const metadata = z.string().transform((text, context) => {
  const read = readMetadata(text);
  if ('text' in read) return read.text === '{}' ? null : read.text;
  context.addIssue(read.issue);
  return z.NEVER;
});

function readMetadata(text: string): ReturnType<typeof normaliseJson> {
  const tooLarge = { issue: `must be at most ${maxMetadataBytes} bytes of JSON` };
  if (!text.trimStart().startsWith('{')) return { issue: 'must be a JSON object' };
  // Normalising costs many times what sending does: nobody may have that for more than can be kept.
  if (isLongerThan(text, maxMetadataBytes)) return tooLarge;
  const normal = normaliseJson(text, maxMetadataDepth);
  return 'text' in normal && Buffer.byteLength(normal.text) > maxMetadataBytes ? tooLarge : normal;
}

const uuidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether a text is a UUID, of whatever version. */
export function isUuid(text: string): boolean {
  return uuidForm.test(text);
}

export const uuid = z
  .string({ error: expected('a UUID') })
  .refine(isUuid, 'must be a UUID')
  .transform((text) => text.toLowerCase());

/** Tells the runs of a job apart. */
export const runId = z
  .string({ error: expected('a string') })
  .regex(/^[A-Za-z0-9._:-]{1,128}$/, 'must be 1 to 128 of A-Z a-z 0-9 . _ : -');

/** The day that a run is for, whenever it runs. */
export const businessDate = z.iso.date({
  error: (issue) => (issue.input === undefined ? 'is required' : 'must be a date, like 2026-11-23'),
});

/** An id of the sender's own making; what is no UUID becomes one (`eventIdFrom`). */
export const anyId = z
  .string({ error: expected('a string') })
  .min(1, 'must not be empty')
  .max(255, 'must be at most 255 characters')
  .refine(wellFormed, 'must be well-formed Unicode');

function expected(what: string) {
  return (issue: { input?: unknown }): string =>
    issue.input === undefined ? 'is required' : `must be ${what}`;
}
