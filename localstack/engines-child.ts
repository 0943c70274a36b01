import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, ftruncateSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { pause } from '../src/clock.ts';
import { DependencyError } from '../src/errors.ts';
import { inMemory, makeDataDir } from './data-dir.ts';
import { endpoints, portOf, type Endpoints } from './endpoints.ts';
import { appVariable, type LocalApp } from './slack/local-app.ts';

/** Arguments of node that run the engines; `--sqs-port`, `--dynamodb-port`, `--slack-port` and `--with-parent` may follow. */
export const enginesCommand: readonly string[] = [
  fileURLToPath(new URL('../src/cli.ts', import.meta.url)),
  'engines',
];

const readyTimeoutMs = 20_000;
const killAfterMs = 4_000;
const tailLength = 2_000;

export type ChildOptions = {
  readonly dataDir: string;
  readonly command?: readonly string[] | undefined;
  /** Serve here or fail; without it, where they served last or on free ports. */
  readonly at?: Endpoints | undefined;
  /** Of the workspace of engines in memory. */
  readonly app?: LocalApp | undefined;
  /** Real ms it may take until both engines answer. */
  readonly timeoutMs?: number;
  /** Gives up waiting when it aborts. */
  readonly signal?: AbortSignal;
};

export type EnginesChild = {
  readonly at: Endpoints;
  readonly pid: number;
  /** Resolves when the process has ended, with how it ended and what it said last. */
  readonly exited: Promise<string>;
  /** Ends it gracefully, within 5 s by force. */
  readonly stop: () => Promise<void>;
};

/**
 * Starts an engines process and resolves once both engines answer.
 *
 * Engines that keep data outlive this process if it is killed, and the next start joins them, unless nobody calls them
 * for 10 minutes; engines in memory, which nobody could find again, end with it. Either way they are a process group of their own, so
 * that Ctrl-C on a terminal reaches this process alone, which needs them until it has wound up.
 * @throws UsageError if the data directory cannot be made
 * @throws DependencyError with the end of its standard error if it ended, or was not ready in time
 */
export async function startChild(options: ChildOptions): Promise<EnginesChild> {
  const { dataDir, command = enginesCommand, at, timeoutMs = readyTimeoutMs } = options;
  const errors = dataDir === inMemory ? errorsByPipe() : errorsByFile(dataDir);
  const args = [
    '--disable-warning=ExperimentalWarning',
    ...command,
    ...(at === undefined
      ? []
      : [
          ...['--sqs-port', `${portOf(at.sqs)}`],
          ...['--dynamodb-port', `${portOf(at.dynamodb)}`],
          ...['--slack-port', `${portOf(at.slack)}`],
        ]),
    '--with-parent',
  ];
  const child = spawn(process.execPath, args, {
    detached: true,
    stdio: ['pipe', 'pipe', errors.stdio],
    env: {
      ...process.env,
      RONDA_BACKEND: 'embedded',
      RONDA_DATA_DIR: dataDir,
      AWS_REGION: 'us-east-1',
      ...(options.app === undefined ? {} : { [appVariable]: JSON.stringify(options.app) }),
    },
  });
  errors.opened(child);
  const exited = endOf(child).then((how) => `${how}${errors.tail()}`);
  const stop = (): Promise<void> => end(child, exited);

  const ready = new AbortController();
  const giveUp = AbortSignal.any([ready.signal, ...(options.signal === undefined ? [] : [options.signal])]);
  const first = await Promise.race([
    firstLine(child.stdout),
    exited.then((how) => new Error(how)),
    pause(timeoutMs, giveUp).then(() => new Error(`not ready after ${timeoutMs} ms${errors.tail()}`)),
  ]);
  ready.abort();
  if (first instanceof Error || child.pid === undefined) {
    await stop();
    throw new DependencyError('embedded engines', first);
  }
  return { at: first, pid: child.pid, exited, stop };
}

type ErrorStream = {
  readonly stdio: 'pipe' | number;
  readonly opened: (child: ChildProcess) => void;
  readonly tail: () => string;
};

function errorsByPipe(): ErrorStream {
  let text = '';
  return {
    stdio: 'pipe',
    opened: (child) => {
      child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
        text = (text + chunk).slice(-tailLength);
      });
    },
    tail: () => quote(text),
  };
}

/** A file, for a pipe would break under engines that outlive us, and their next line of log would end them. */
function errorsByFile(dataDir: string): ErrorStream {
  const path = join(dataDir, 'engines.log');
  makeDataDir(dataDir);
  // Appending, so that the writer of another process does not leave a hole after we cut it.
  const file = openSync(path, 'a', 0o600);
  ftruncateSync(file);
  return {
    stdio: file,
    opened: () => {
      closeSync(file);
    },
    tail: () => quote(readFileSync(path, 'utf8').slice(-tailLength)),
  };
}

function quote(text: string): string {
  return text.trim() === '' ? '' : `, saying: ${text.trim()}`;
}

/** Never resolves if the stream ends first; that is the exit's to tell. */
function firstLine(stream: Readable | null): Promise<Endpoints | Error> {
  return new Promise((resolve) => {
    if (stream === null) return;
    createInterface(stream).once('line', (line) => {
      try {
        resolve(endpoints.parse(JSON.parse(line)));
      } catch {
        resolve(new Error(`printed ${JSON.stringify(line)} instead of its endpoints`));
      }
    });
  });
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => {
      resolve(`could not run: ${error.message}`);
    });
    // Not 'exit': only after 'close' has all that it said arrived.
    child.once('close', (code, signal) => {
      resolve(signal === null ? `ended with exit code ${code ?? 'unknown'}` : `ended by ${signal}`);
    });
  });
}

async function end(child: ChildProcess, exited: Promise<string>): Promise<void> {
  const waiting = new AbortController();
  child.kill('SIGTERM');
  await Promise.race([exited, pause(killAfterMs, waiting.signal)]);
  waiting.abort();
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  await exited;
}
