import { IANAZone } from 'luxon';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { gapMinutes, readCron } from './cron.ts';
import { schedulerId } from './fields.ts';
import { strict } from './strict.ts';

/** What a scheduler's job should do: an expectation, as it is sent and as it is kept. */

const maxBytes = 8 * 1024;
const maxUpstreams = 20;
const maxAssertions = 10;
const maxMs = 1e15;
const maxMinutes = 720;

const text = (what: string) => ({
  error: ({ input }: { input?: unknown }) => (input === undefined ? 'is required' : `must be ${what}`),
});
const oneOf = <const V extends readonly [string, ...string[]]>(...values: V) =>
  z.enum(values, text(`one of ${values.join(', ')}`));
const minutes = (most: number) => {
  const what = `a whole number from 1 to ${most}`;
  return z.int(text(what)).min(1, `must be ${what}`).max(most, `must be ${what}`);
};
const durationMs = z
  .number(text(`a number from 0 to 1e15`))
  .min(0, 'must be a number from 0 to 1e15')
  .max(maxMs, 'must be a number from 0 to 1e15');

/** At the start of each night of the scheduler's board. */
export const nightly = 'night';

export const ruleName = z
  .string(text('a name'))
  .regex(/^[A-Za-z0-9._-]{1,64}$/, 'must be 1 to 64 of A-Z a-z 0-9 . _ -')
  // The first two no client leaves in a path (RFC 3986, section 5.2.4), the last one no reader of files in an object.
  .regex(/^(?!(?:\.{1,2}|__proto__)$)/, 'must not be ., .. or __proto__');

const schedule = z
  .string(text('a cron expression of five fields, like "0 1 * * MON-FRI", or "night"'))
  .max(200, 'must be at most 200 characters')
  .superRefine((expression, context) => {
    const read = expression === nightly ? undefined : readCron(expression);
    if (typeof read === 'string') context.addIssue(read);
  });

const plainValue = z.union(
  [z.string().max(1_000), z.number(), z.boolean(), z.null()],
  text('text, a number, true, false or null'),
);

const assertion = strict({
  path: z
    .string(text('a path into the metadata, like records.processed'))
    .regex(
      /^[^.]{1,100}(\.[^.]{1,100}){0,9}$/,
      'must be names with dots between them, like records.processed',
    ),
  at_least: z.number(text('a number')).optional(),
  at_most: z.number(text('a number')).optional(),
  equals: plainValue.optional(),
})
  .refine(({ at_least, at_most, equals }) => [at_least, at_most, equals].some((one) => one !== undefined), {
    path: ['at_least'],
    error: 'or at_most or equals is required',
  })
  .refine(({ at_least: least = -Infinity, at_most: most = Infinity }) => least <= most, {
    path: ['at_most'],
    error: 'must not be less than at_least',
  });

const shape = {
  schedule,
  timezone: z
    .string(text('an IANA time zone, like Asia/Jakarta'))
    // Node also takes offsets, like +07:00, for zones.
    .refine(
      (zone) => /^[A-Z]/i.test(zone) && IANAZone.isValidZone(zone),
      'must be an IANA time zone, like Asia/Jakarta',
    )
    .optional(),
  days: oneOf('all', 'business', 'month-start', 'month-end').optional(),
  calendar: ruleName.optional(),
  business_date: oneOf('same', 'previous').optional(),
  start_within_minutes: minutes(maxMinutes).optional(),
  finish_by: z
    .string(text('a local time, like 05:30'))
    .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'must be a local time, like 05:30')
    .optional(),
  finish_within_minutes: minutes(1_440).optional(),
  min_duration_ms: durationMs.optional(),
  max_duration_ms: durationMs.optional(),
  results: z
    .array(assertion, text('a list of assertions'))
    .max(maxAssertions, `must be at most ${maxAssertions} assertions`)
    .optional(),
  depends_on: z
    .array(schedulerId, text('a list of scheduler ids'))
    .max(maxUpstreams, `must be at most ${maxUpstreams} scheduler ids`)
    .refine((ids) => new Set(ids).size === ids.length, 'must name each scheduler once')
    .optional(),
  severity: oneOf('low', 'normal', 'critical').optional(),
  runbook_url: z
    .url({ protocol: /^https?$/, error: 'must be an http or https address' })
    .max(2_000, 'must be at most 2000 characters')
    .optional(),
};

/** What is right for an expectation, checked as it is sent. */
export const expectation = strict(shape)
  .refine(
    ({ finish_by, finish_within_minutes }) => finish_by === undefined || finish_within_minutes === undefined,
    {
      path: ['finish_within_minutes'],
      error: 'must not stand beside finish_by',
    },
  )
  .refine(({ min_duration_ms: least = 0, max_duration_ms: most = Infinity }) => least <= most, {
    path: ['max_duration_ms'],
    error: 'must not be less than min_duration_ms',
  })
  .superRefine(({ schedule: expression, start_within_minutes }, context) => {
    const cron = expression === nightly ? undefined : readCron(expression);
    if (start_within_minutes === undefined || cron === undefined || typeof cron === 'string') return;
    const gap = gapMinutes(cron);
    if (start_within_minutes >= gap)
      context.addIssue({
        code: 'custom',
        path: ['start_within_minutes'],
        message: `must be less than the ${gap} minutes from one time of the schedule to the next`,
      });
  });

export type Expectation = z.infer<typeof expectation>;

/** As it is sent, out of JSON; as it is kept: its text, with its fields in one order. */
export const expectationText = expectation.transform((value, context) => {
  const kept = JSON.stringify(value);
  if (Buffer.byteLength(kept) <= maxBytes) return kept;
  context.addIssue(`must be at most ${maxBytes} bytes of JSON`);
  return z.NEVER;
});

/** Expectations are kept for ever and read for ever: what an earlier program took is not checked again. */
const stored = z.looseObject({ ...shape, schedule: z.string() });

/** An expectation out of its text; undefined when a newer program wrote what this one cannot read. */
export function readExpectation(kept: string): Expectation | undefined {
  const known = parsed.get(kept);
  if (known !== undefined) return known;
  const { data } = stored.safeParse(JSON.parse(kept));
  if (data !== undefined) parsed.set(kept, data);
  return data;
}
const parsed = new LRUCache<string, Expectation>({ max: 20_000 });
