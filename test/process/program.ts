import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { embeddedAccount } from '../../src/aws.ts';
import { createClock } from '../../src/clock.ts';
import { testEndpoints } from '../support/harness.ts';
import { until } from '../support/until.ts';

const cli = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));
const startedLine = z.object({ url: z.url() });

/** How a process ended: its exit code, or the signal that killed it. */
export type Ending = { readonly code: number | null; readonly signal: string | null };

/** A `ronda` process of its own. */
export type Program = {
  readonly pid: number;
  /** What it has printed so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Where it listens, as `ronda start --json` says once it does. @throws when it ends or takes over a minute */
  readonly url: () => Promise<string>;
  /** Called with each line that it writes to standard error from now on. */
  readonly onLine: (listener: (line: string) => void) => void;
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly ended: Promise<Ending>;
};

/** Settings that lead a process to the engines of the tests, as they would lead one to AWS. */
export function onTestEngines(prefix: string): Record<string, string> {
  const { sqs, dynamodb } = testEndpoints();
  return {
    RONDA_BACKEND: 'aws',
    SLACK_STAND_IN: 'true',
    AWS_ENDPOINT_URL_SQS: sqs,
    AWS_ENDPOINT_URL_DYNAMODB: dynamodb,
    // The account of the harness: some servers keep a set of tables for each.
    AWS_REGION: embeddedAccount.region,
    AWS_ACCESS_KEY_ID: embeddedAccount.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: embeddedAccount.credentials.secretAccessKey,
    RONDA_PREFIX: prefix,
    RONDA_VISIBILITY_SECONDS: '2',
    RONDA_DRAIN_SECONDS: '0',
    PORT: '0',
    HOST: '127.0.0.1',
  };
}

/** Starts `ronda` with these arguments, in this environment and no other. */
export function startProgram(args: readonly string[], env: Readonly<Record<string, string>>): Program {
  const child = spawn(process.execPath, [cli, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], ...env },
  });
  const listeners: ((line: string) => void)[] = [];
  let stdout = '';
  let stderr = '';
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) for (const listener of listeners) listener(line);
  });
  let ending: Ending | undefined;
  const ended = new Promise<Ending>((resolve) => {
    // Not 'exit': only after 'close' has all that it said arrived.
    child.once('close', (code, signal) => {
      ending = { code, signal };
      resolve(ending);
    });
  });
  return {
    pid: child.pid ?? 0,
    stdout: () => stdout,
    stderr: () => stderr,
    url: async () => {
      const found = await until(
        `ronda ${args.join(' ')} listens`,
        () => (ending === undefined ? startedLine.parse(JSON.parse(stdout)) : ending),
        { timeoutMs: 60_000 },
      );
      if ('url' in found) return found.url;
      throw new Error(`ronda ${args.join(' ')} ended instead of listening: ${stderr}`);
    },
    onLine: (listener) => {
      listeners.push(listener);
    },
    kill: (signal) => {
      child.kill(signal);
    },
    ended,
  };
}

/** Runs `ronda` to its end. */
export async function run(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const program = startProgram(args, env);
  const { code } = await program.ended;
  return { code, stdout: program.stdout(), stderr: program.stderr() };
}

/** Asks a process to end. @returns how it did, and after how many ms */
export async function terminate(program: Program): Promise<Ending & { readonly tookMs: number }> {
  const clock = createClock();
  const began = clock.real();
  program.kill('SIGTERM');
  const ending = await program.ended;
  return { ...ending, tookMs: clock.real() - began };
}
