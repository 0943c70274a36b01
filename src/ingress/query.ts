import type { Request } from 'express';
import { z } from 'zod';
import { InvalidInputError } from '../errors.ts';
import { instant } from '../events/fields.ts';
import { issuesByField } from '../events/members.ts';
import { statuses } from '../events/order.ts';
import { isForgotten } from '../store/projections/as-of.ts';
import type { Store } from '../store/store.ts';

const limitOf = (most: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, `must be a whole number from 1 to ${most}`)
    .transform(Number)
    .refine((n) => n >= 1 && n <= most, `must be a whole number from 1 to ${most}`);
const limit = limitOf(1_000);
/** The `+` of an offset, sent as it is, means a space in a query string. */
const time = z
  .string()
  .transform((text) => text.replace(/ (?=\d\d(?::?\d\d)?$)/, '+'))
  .pipe(instant);
const status = z.enum(statuses, { error: `must be one of ${statuses.join(', ')}` });

/** Where a page ended, opaque to clients: a key that a table can hold, since DynamoDB throws at any other. */
const cursorOf = (form: RegExp) =>
  z.string().transform((text, context) => {
    const key = Buffer.from(text, 'base64url').toString();
    if (form.test(key) && writeCursor(key) === text) return key;
    context.addIssue('must be the cursor of a Link that this service gave');
    return z.NEVER;
  });
const schedulerKey = /^[A-Za-z0-9._:-]{1,255}$/;
const entryKey = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z#[0-9a-f-]{36}$/;

/** A key as a cursor: what `cursorOf` reads back. */
function writeCursor(key: string): string {
  return Buffer.from(key).toString('base64url');
}

export const listQuery = z.object({
  status: status.optional(),
  service: z.string().optional(),
  limit: limit.optional(),
  cursor: cursorOf(schedulerKey).optional(),
});

export const historyQuery = z.object({
  limit: limit.default(50),
  from: time.optional(),
  to: time.optional(),
  status: status.optional(),
  cursor: cursorOf(entryKey).optional(),
});

export const schedulerQuery = z.object({ as_of: time.optional() });
export const runsQuery = z.object({
  limit: limitOf(500).default(50),
  from: time.optional(),
  to: time.optional(),
});
export const nightQuery = z.object({ board: z.string().optional() });
export const boardQuery = z.object({ at: time.optional() });

/** @throws InvalidInputError when the time of a parameter lies before the retention of statuses */
export function requireRemembered(store: Store, parameter: string, time: string | undefined): void {
  if (time === undefined || !isForgotten(store, time)) return;
  throw new InvalidInputError([
    `${parameter}: lies before the retention of statuses, so nothing true can be said of it`,
  ]);
}

/** A request's query string, read. @throws InvalidInputError that names each bad parameter */
export function readQuery<T>(request: Request, schema: z.ZodType<T>): T {
  const parameters = new URL(request.originalUrl, 'http://localhost').searchParams;
  const parsed = schema.safeParse(Object.fromEntries(parameters));
  if (parsed.success) return parsed.data;
  throw new InvalidInputError(issuesByField(parsed.error));
}

/** The `Link` to the page behind `key`: this request with another cursor (RFC 8288). */
export function nextLink(request: Request, key: string): string {
  const url = new URL(request.originalUrl, 'http://localhost');
  url.searchParams.set('cursor', writeCursor(key));
  return `<${url.pathname}${url.search}>; rel="next"`;
}
