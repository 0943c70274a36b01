import { z } from 'zod';
import { UsageError } from '../errors.ts';
import { jobName, schedulerId, serviceName } from '../events/fields.ts';
import type { Job } from './reports/reports.ts';

/** What `ronda run` can be told, in the form of commander. */
export const runFlags: readonly (readonly [flags: string, meaning: string])[] = [
  ['--service <name>', 'its service (default: ID up to the first : or .)'],
  ['--job <name>', "its name (default: the rest of ID, or the command's)"],
  ['--heartbeat <time>', 'how often to say it lives; 0: never (default: 60s)'],
  ['--url <url>', 'of Ronda (default: RONDA_URL, http://127.0.0.1:3000)'],
  ['--key <key>', 'better in RONDA_API_KEY: others can see a command line'],
  ['--patience <time>', 'how long to go on trying after its end (default: 10s)'],
  ['--no-register', 'do not register an ID that Ronda does not know'],
  ['--no-capture', 'leave it the terminal; its output is in no report'],
  ['--json', "Ronda's remarks on standard error as JSON, one a line"],
];

export type RunOptions = {
  readonly job: Job;
  readonly command: string;
  readonly args: readonly string[];
  /** Real ms; 0: none. */
  readonly heartbeatMs: number;
  readonly patienceMs: number;
  readonly url: string;
  /** Undefined: there is none that could be one. */
  readonly key: string | undefined;
  readonly register: boolean;
  readonly capture: boolean;
  readonly json: boolean;
};

const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };

/** `60s`, `5m`, `1h` in ms; undefined for anything else. */
export function parseSpan(text: string): number | undefined {
  const [, digits, unit = ''] = /^(\d{1,7})([smh])$/.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits) * (units[unit] ?? NaN);
}

const span = (least: number, wanted: string, never?: string) =>
  z.string().transform((text, context) => {
    const ms = text === never ? 0 : parseSpan(text);
    if (text === never || (ms !== undefined && ms >= least && ms <= 3_600_000)) return ms;
    context.addIssue(`must be ${wanted}`);
    return z.NEVER;
  });

const given = z.object({
  ID: schedulerId,
  service: serviceName.optional(),
  job: jobName.optional(),
  heartbeat: span(5_000, 'from 5s to 1h, like 90s or 5m, or 0', '0').default(60_000),
  patience: span(1_000, 'from 1s to 1h, like 10s or 2m').default(10_000),
  url: z
    .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
    .refine((url) => !/^https?:\/\/[^/]*@/i.test(url), 'must hold no user name or password')
    .optional(),
  key: z
    .string()
    .regex(/^[\x21-\x7e]+$/, 'must be visible ASCII')
    .optional(),
  register: z.boolean().default(true),
  capture: z.boolean().default(true),
  json: z.boolean().default(false),
});

const form = 'ronda run ID [options] -- COMMAND [ARGUMENTS]';

/**
 * The words of a command line, told apart: before `--` the ID alone, after it the command.
 * @param words what commander took for arguments; @param line the whole command line
 * @throws UsageError when one is missing. Taking a guess would run something else than was meant.
 */
export function splitWords(words: readonly string[], line: readonly string[]): [string, ...string[]] {
  const dashes = line.indexOf('--');
  if (dashes === -1) throw new UsageError(`The command stands behind --, like this: ${form}`);
  const before = words.length - (line.length - dashes - 1);
  const [id, ...command] = words;
  if (before < 1 || id === undefined)
    throw new UsageError(`Which job is it? Its ID stands before --, like this: ${form}`);
  if (before > 1)
    throw new UsageError(`Before -- there stands one ID, not ${words.slice(0, before).join(' ')}: ${form}`);
  if (command.length === 0) throw new UsageError(`There is no command to run: ${form}`);
  return [id, ...command];
}

/**
 * The options of a command line, as commander hands them over. What is wrong in the environment keeps no job
 * from running, so it is no error here: a URL that is none cannot be reached, and a key that is none is not there.
 * @throws UsageError that names every bad option at once
 */
export function readRunOptions(
  [id, command = '', ...args]: readonly string[],
  commandLine: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string | undefined>>,
): RunOptions {
  const parsed = given.safeParse({ ...commandLine, ID: id });
  const problems = (parsed.error?.issues ?? []).map(({ path: [at], message }) => {
    const name = String(at);
    return `${name === 'ID' ? name : `--${name}`}: ${message}`;
  });
  if (!parsed.success) throw new UsageError(problems.join('\n'));
  const { ID, service, job, heartbeat, patience, url, key, ...switches } = parsed.data;
  const [, first = ID, rest = nameOf(command)] = /^([^:.]+)[:.](.+)$/.exec(ID) ?? [];
  const fromEnv = env['RONDA_API_KEY']?.trim() ?? '';
  return {
    job: { scheduler_id: ID, service_name: service ?? first, job_name: job ?? rest },
    command,
    args,
    heartbeatMs: heartbeat,
    patienceMs: patience,
    url: baseOf(url ?? (env['RONDA_URL']?.trim() || 'http://127.0.0.1:3000')),
    key: key ?? (/^[\x21-\x7e]+$/.test(fromEnv) ? fromEnv : undefined),
    ...switches,
  };
}

/** A command's name without its folder, as a job's name can be. */
export function nameOf(command: string): string {
  const name = command.replace(/\/+$/, '').replace(/^.*\//s, '').slice(0, 255).toWellFormed();
  return name === '' ? 'command' : name;
}

function baseOf(url: string): string {
  return url.replace(/(\/api\/v1)?\/*$/, '');
}
