import { parseDuration } from '../duration.ts';
import { UsageError } from '../errors.ts';
import { flags, form } from './help.ts';
import type { Job } from './reports/reports.ts';

export type RunOptions = {
  readonly job: Job;
  readonly command: string;
  readonly args: readonly string[];
  /** Real ms; 0: none. */
  readonly heartbeatMs: number;
  readonly maxWaitMs: number;
  readonly url: string;
  /** Undefined: there is none that could be one. */
  readonly key: string | undefined;
  /** Whether the job may have the key too. */
  readonly passKey: boolean;
  readonly register: boolean;
  readonly capture: boolean;
  readonly json: boolean;
};

type Given = Readonly<Record<string, string | boolean>>;

/**
 * The words behind `ronda run`, told apart: before the first `--` an ID and options, after it the command.
 * @throws UsageError when one is missing or unknown. Taking a guess would run something else than was meant.
 */
export function splitArgv(argv: readonly string[]): { id: string; given: Given; command: string[] } {
  const dashes = argv.indexOf('--');
  if (dashes === -1) throw new UsageError(`The command stands behind --, like this: ${form}`);
  const given: Record<string, string | boolean> = {};
  const ids: string[] = [];
  const rest = argv.slice(0, dashes);
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (!word.startsWith('-')) {
      ids.push(word);
      continue;
    }
    const [, name = '', attached] = /^--([a-z-]+)(?:=(.*))?$/s.exec(word) ?? [];
    const flag = flags.find((one) => one.name === name);
    if (flag === undefined) throw new UsageError(`unknown option '${word}' (--help shows how)`);
    if (flag.value === undefined && attached !== undefined)
      throw new UsageError(`option '--${name}' takes no value`);
    const value = flag.value === undefined ? true : (attached ?? rest.shift());
    if (value === undefined) throw new UsageError(`option '--${name}' lacks its ${flag.value ?? 'value'}`);
    given[name] = value;
  }
  const [id] = ids;
  if (id === undefined) throw new UsageError(`Which job is it? Its ID stands before --, like this: ${form}`);
  if (ids.length > 1) throw new UsageError(`Before -- there stands one ID, not ${ids.join(' ')}: ${form}`);
  const command = argv.slice(dashes + 1);
  if (command.length === 0) throw new UsageError(`There is no command to run: ${form}`);
  return { id, given, command };
}

/** As docs/http.md has them; said here, too, so that nothing of the service is loaded. */
const rules = {
  id: (id: string) =>
    /^\.{1,2}$/.test(id)
      ? 'must not be . or ..'
      : /^[A-Za-z0-9._:-]{1,255}$/.test(id)
        ? ''
        : 'must be 1 to 255 of A-Z a-z 0-9 . _ : -',
  name: (name: string) => {
    if (name === '') return 'must not be empty';
    if (name.length > 255) return 'must be at most 255 characters';
    return name.isWellFormed() ? '' : 'must be well-formed Unicode (it has an unpaired surrogate)';
  },
  span: (least: number, wanted: string, never?: string) => (text: string) => {
    const ms = parseDuration(text);
    const isGood = text === never || (ms !== undefined && ms >= least && ms <= 3_600_000);
    return isGood ? '' : `must be ${wanted}`;
  },
  url: (text: string) => {
    const url = URL.parse(text);
    if (url === null || !/^https?:$/.test(url.protocol)) return 'must be an http or https URL';
    return url.username === '' && url.password === '' ? '' : 'must hold no user name or password';
  },
  key: (key: string) => (visible.test(key) ? '' : 'must be visible ASCII'),
};
const visible = /^[\x21-\x7e]+$/;

const checks: readonly (readonly [name: string, check: (text: string) => string])[] = [
  ['service', rules.name],
  ['job', rules.name],
  ['heartbeat', rules.span(5_000, 'from 5s to 1h, like 90s or 5m, or 0', '0')],
  ['patience', rules.span(1_000, 'from 1s to 1h, like 10s or 2m')],
  ['url', rules.url],
  ['key', rules.key],
];

/**
 * The options of a command line. What is wrong in the environment keeps no job from running, so it is no error
 * here: a URL that is none cannot be reached, and a key that is none is not there.
 * @throws UsageError that names every bad option at once
 */
export function readRunOptions(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): RunOptions {
  const { id, given, command: all } = splitArgv(argv);
  const [command = '', ...args] = all;
  const text = (name: string): string | undefined => {
    const value = given[name];
    return typeof value === 'string' ? value : undefined;
  };
  const problems = [['ID', rules.id(id)] as const, ...checks.map(([name, check]) => problemOf(name, check))]
    .filter(([, problem]) => problem !== '')
    .map(([name, problem]) => `${name}: ${problem}`);
  function problemOf(name: string, check: (text: string) => string): readonly [string, string] {
    const value = text(name);
    return [`--${name}`, value === undefined ? '' : check(value)];
  }
  if (problems.length > 0) throw new UsageError(problems.join('\n'));
  const [, first = id, rest = commandName(command)] = /^([^:.]+)[:.](.+)$/.exec(id) ?? [];
  const fromEnv = env['RONDA_API_KEY']?.trim() ?? '';
  const spanOf = (name: string, otherwise: number): number => {
    const value = text(name);
    return value === undefined ? otherwise : (parseDuration(value) ?? 0);
  };
  return {
    job: { scheduler_id: id, service_name: text('service') ?? first, job_name: text('job') ?? rest },
    command,
    args,
    heartbeatMs: spanOf('heartbeat', 60_000),
    maxWaitMs: spanOf('patience', 10_000),
    url: baseOf(text('url') ?? (env['RONDA_URL']?.trim() || 'http://127.0.0.1:3000')),
    key: text('key') ?? (visible.test(fromEnv) ? fromEnv : undefined),
    passKey: given['pass-key'] === true,
    register: given['no-register'] !== true,
    capture: given['no-capture'] !== true,
    json: given['json'] === true,
  };
}

/** A command's name without its folder, as a job's name can be. */
export function commandName(command: string): string {
  const name = command.replace(/\/+$/, '').replace(/^.*\//s, '').slice(0, 255).toWellFormed();
  return name === '' ? 'command' : name;
}

function baseOf(url: string): string {
  return url.replace(/(\/api\/v1)?\/*$/, '');
}
