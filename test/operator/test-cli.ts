import { expect } from '@jest/globals';
import { Command, CommanderError } from 'commander';
import { readSettings } from '../../src/config.ts';
import { DependencyError, UsageError } from '../../src/errors.ts';
import type { Transport } from '../../src/alerts/transport.ts';
import { silent } from '../../src/log.ts';
import { transportSettings } from '../../src/transports/registry.ts';
import { exit, type CliContext } from '../../src/operator/cli-context.ts';
import type { TestBackend } from '../support/harness.ts';

/** The context of a command over a test’s backend, which keeps what is printed. */
export type TestCli = {
  readonly cli: CliContext;
  /** What went to standard output, and to standard error. */
  readonly out: () => string;
  readonly err: () => string;
  /** What the process would exit with. */
  readonly code: () => number;
  /** Asks the command to end in good order. */
  readonly stop: () => void;
  readonly fail: (error: UsageError | DependencyError) => void;
};

export function testCli(
  backend: TestBackend,
  {
    env = {},
    isTTY = false,
    transports = [],
  }: {
    env?: Readonly<Record<string, string>>;
    isTTY?: boolean;
    transports?: readonly Transport[];
  } = {},
): TestCli {
  const { prefix, clock, store, sqs, queues } = backend;
  const settings = { RONDA_BACKEND: 'aws', RONDA_PREFIX: prefix, ...env };
  const stopAsked = new AbortController();
  let out = '';
  let err = '';
  let code: number = exit.done;
  const stderr = {
    isTTY,
    columns: 80,
    write: (text: string) => {
      err += text;
    },
  };
  return {
    cli: {
      env: settings,
      stdout: {
        isTTY,
        columns: 80,
        write: (text) => {
          out += text;
        },
      },
      stderr,
      log: () => Promise.resolve(silent),
      who: () => 'sari@ops-1',
      stopAsked: () => stopAsked.signal,
      withConnection: async (work) =>
        await work({ settings: readSettings(settings), clock, store, sqs, queues }),
      transportsOf: () => Promise.resolve(transports),
      transportSettings: () => Promise.resolve(transportSettings),
      exitWith: (given) => {
        code = given;
      },
    },
    out: () => out,
    err: () => err,
    code: () => code,
    stop: () => {
      stopAsked.abort();
    },
    fail: ({ message }) => {
      stderr.write(`ronda: ${message}\n`);
      code = exit.usage;
    },
  };
}

/**
 * Runs a command line as `ronda` would: a user's mistake is a message and exit code 2, any other error is thrown.
 * @param argv without `ronda`, like `['keys', 'list']`
 * @returns the exit code
 */
export async function run(
  { cli, code, fail }: TestCli,
  add: (program: Command, cli: CliContext) => void,
  argv: readonly string[],
): Promise<number> {
  const program = new Command('ronda').exitOverride().configureOutput({
    writeOut: (text) => cli.stdout.write(text),
    writeErr: (text) => cli.stderr.write(text),
    getOutHelpWidth: () => 80,
    getErrHelpWidth: () => 80,
  });
  add(program, cli);
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exit.done : exit.usage;
    if (!(error instanceof UsageError || error instanceof DependencyError)) throw error;
    fail(error);
  }
  return code();
}

/** The command lines that a command's help gives as examples (lines like `  $ ronda keys list`), as words. */
export function examplesIn(help: string): string[][] {
  const screen = help.trimEnd().split('\n');
  expect(screen.length).toBeLessThanOrEqual(24);
  expect(Math.max(...screen.map(({ length }) => length))).toBeLessThanOrEqual(80);
  const lines = [...help.matchAll(/^ +\$ ronda (.+)$/gm)].map(([, line = '']) => line);
  expect(lines.length).toBeGreaterThanOrEqual(2);
  return lines.map((line) =>
    [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
      ([, single, double, bare]) => single ?? double ?? bare ?? '',
    ),
  );
}
