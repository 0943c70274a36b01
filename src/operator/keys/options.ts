import { z } from 'zod';
import { parseDuration } from '../../duration.ts';
import { UsageError } from '../../errors.ts';
import { serviceName } from '../../events/fields.ts';
import { parseTime, utc } from '../../events/time.ts';
import { scopes, type Scope } from '../../store/keys/api-keys.ts';
import { printable } from '../../printable.ts';

/** When a key ends: so many real ms from now, at a real instant (ms UTC), or never. */
export type Expiry = { readonly after: number } | { readonly at: number } | 'never';

export type CreateOptions = {
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Null: all. */
  readonly services: readonly string[] | null;
  readonly expires: Expiry;
  readonly json: boolean;
};
export type RotateOptions = {
  readonly expires: Expiry;
  /** How long the old key goes on working. Real ms. */
  readonly grace: number;
  readonly json: boolean;
};
export type ListOptions = {
  readonly all: boolean;
  /** Only keys that end within so many real ms. */
  readonly expiring: number | undefined;
  readonly json: boolean;
};

const dayMs = 86_400_000;
const maxDays = 3_650;
const duration = z.string().transform((text, context) => {
  const ms = text === '0' ? 0 : parseDuration(text);
  if (ms !== undefined) return ms;
  context.addIssue('must be a time like 30m, 24h, 7d or 2w, ten years at most');
  return z.NEVER;
});

/** A date counts to its last moment, UTC. */
const expiry = z.string().transform((text, context): Expiry => {
  const after = parseDuration(text);
  if (after !== undefined && after > 0) return { after };
  const day = parseTime(`${text}T00:00:00Z`);
  if (day !== undefined) return { at: Date.parse(day) + dayMs };
  const time = parseTime(text);
  if (time !== undefined) return { at: Date.parse(time) };
  context.addIssue('must be like 90d, or a date like 2027-03-31, ten years away at most');
  return z.NEVER;
});

const scopeList = z.array(z.string()).transform((given, context) => {
  const named = given.flatMap((text) => text.split(','));
  for (const name of named) {
    if (!scopes.some((scope) => scope === name))
      context.addIssue(`there is no scope ${printable(name)}: they are ${scopes.join(', ')}`);
  }
  return scopes.filter((scope) => named.includes(scope));
});

/** It travels as SQS's `MessageGroupId`, which takes no spaces and no letters past ASCII. */
const keyName = z.string().regex(/^[A-Za-z0-9._-]{1,128}$/, 'must be 1 to 128 of A-Z a-z 0-9 . _ -');

const ending = { expires: expiry.optional(), never: z.boolean().default(false) };
const json = z.boolean().default(false);
const createGiven = z.object({
  NAME: keyName,
  scope: scopeList.default(['ingest']),
  service: z.array(serviceName).max(100, 'at most 100').optional(),
  ...ending,
  json,
});
const rotateGiven = z.object({ grace: duration.default(dayMs), ...ending, json });
const listGiven = z.object({ all: z.boolean().default(false), expiring: duration.optional(), json });

type Given = Readonly<Record<string, unknown>>;

/** @throws UsageError that names every bad option at once */
export function readCreateOptions(name: string, given: Given): CreateOptions {
  const parsed = read(createGiven, { NAME: name, ...given });
  return {
    name: parsed.NAME,
    scopes: parsed.scope,
    services: parsed.service === undefined ? null : [...new Set(parsed.service)],
    expires: expiryOf(parsed),
    json: parsed.json,
  };
}

/** @throws UsageError that names every bad option at once */
export function readRotateOptions(given: Given): RotateOptions {
  const parsed = read(rotateGiven, given);
  return { expires: expiryOf(parsed), grace: parsed.grace, json: parsed.json };
}

/** @throws UsageError that names every bad option at once */
export function readListOptions(given: Given): ListOptions {
  const { all, expiring, json } = read(listGiven, given);
  return { all, expiring, json };
}

function read<T>(schema: z.ZodType<T>, given: Given): T {
  const parsed = schema.safeParse(given);
  const problems = (parsed.error?.issues ?? []).map(({ path: [at], message }) => {
    const name = String(at);
    return `${name === 'NAME' ? name : `--${name}`}: ${message}`;
  });
  if (given['never'] === true && given['expires'] !== undefined)
    problems.push('--expires, --never: only one of them');
  if (!parsed.success || problems.length > 0) throw new UsageError(problems.join('\n'));
  return parsed.data;
}

function expiryOf({ expires, never }: { expires?: Expiry | undefined; never: boolean }): Expiry {
  return never ? 'never' : (expires ?? { after: 90 * dayMs });
}

/**
 * When a key that is made now ends, UTC; null: never.
 * @param now real ms UTC
 * @throws UsageError when that is past already, or too far away
 */
export function expiresAt(expiry: Expiry, now: number): string | null {
  if (expiry === 'never') return null;
  const at = 'at' in expiry ? expiry.at : now + expiry.after;
  if (at <= now) throw new UsageError(`--expires: ${utc(at)} is past`);
  if (at > now + maxDays * dayMs)
    throw new UsageError('--expires: must be ten years away at most, or --never');
  return utc(at);
}
