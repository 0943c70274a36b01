import { z } from 'zod';
import { UsageError } from '../errors.ts';
import { parseTime } from '../events/time.ts';

export type SimulateOptions = {
  readonly seed: number;
  readonly schedulers: number;
  readonly url: string;
  /** Undefined only in a dry run. */
  readonly key: string | undefined;
  readonly sqs: string | undefined;
  /** Undefined: as the clock suggests. */
  readonly speed: number | undefined;
  /** ms UTC. */
  readonly start: number | undefined;
  readonly dryRun: boolean;
  readonly json: boolean;
};

const whole = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,10}$/, 'must be a whole number')
    .transform(Number)
    .refine((n) => n >= min && n <= max, `must be from ${min} to ${max}`);

const httpUrl = z.url({ protocol: /^https?$/, error: 'must be an http or https URL' });

/** Beyond it, reports of one job would fall on the same millisecond. */
const maxSpeed = 5_000;

const given = z.object({
  seed: whole(0, 4_294_967_295).default(1),
  schedulers: whole(1, 5_000).default(40),
  url: httpUrl.default('http://127.0.0.1:3000').transform((url) => url.replace(/(\/api\/v1)?\/*$/, '')),
  key: z
    .string()
    .regex(/^[\x21-\x7e]+$/, 'must be visible ASCII')
    .optional(),
  sqs: httpUrl.optional(),
  speed: z.coerce
    .number({ error: 'must be a number' })
    .min(0.1, `must be from 0.1 to ${maxSpeed}`)
    .max(maxSpeed, `must be from 0.1 to ${maxSpeed}`)
    .optional(),
  start: z
    .string()
    .transform((text, context) => {
      const time = parseTime(text);
      if (time !== undefined) return Date.parse(time);
      context.addIssue('must be an ISO 8601 time with offset or Z, like 2026-11-24T00:00:00+07:00');
      return z.NEVER;
    })
    .optional(),
  dryRun: z.boolean().default(false),
  json: z.boolean().default(false),
});

/**
 * The options of a command line, as commander hands them over.
 * @param env where the key is looked for when the command line has none
 * @throws UsageError that names every bad option at once
 */
export function readSimulateOptions(
  commandLine: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string | undefined>>,
): SimulateOptions {
  const fromEnv = env['RONDA_API_KEY'];
  const key = commandLine['key'] ?? (fromEnv === '' ? undefined : fromEnv);
  const parsed = given.safeParse({ ...commandLine, key });
  const problems = (parsed.error?.issues ?? []).map(
    ({ path, message }) => `--${path.map(String).join('.')}: ${message}`,
  );
  if (key === undefined && commandLine['dryRun'] !== true)
    problems.push('--key (or RONDA_API_KEY): is required');
  if (!parsed.success || problems.length > 0) throw new UsageError(problems.join('\n'));
  const { key: soundKey, sqs, speed, start, ...others } = parsed.data;
  return { ...others, key: soundKey, sqs, speed, start };
}
