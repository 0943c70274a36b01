import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { printable } from '../../operator/terminal.ts';
import type { Host } from './host.ts';
import { flushed, passOn, rest, type Passage } from '../output/pass-on.ts';
import { createPipes } from '../output/pipes.ts';
import type { Ending } from '../reports/reports.ts';
import { createTail } from '../output/tail.ts';

/** A job that runs, or could not be started. */
export type RunningJob = {
  /** Whether it was started. */
  readonly started: Promise<boolean>;
  readonly ended: Promise<Ending>;
  /** After its end: resolves once all that it said has been passed on; an abort ends the wait. */
  readonly passedOn: (signal: AbortSignal) => Promise<void>;
  /** The end of what it has said so far. */
  readonly tail: () => Buffer;
  readonly kill: (signal: NodeJS.Signals) => void;
};

/**
 * Starts a command with our own standard input, in our process group, and passes its output on as it is.
 * @param capture false: it writes to our outputs itself, and nothing is known of what it said
 */
export function startJob(
  command: string,
  args: readonly string[],
  { stdout, stderr }: Pick<Host, 'stdout' | 'stderr'>,
  capture: boolean,
): RunningJob {
  const tail = createTail();
  const passages: Passage[] = [];
  const pipes = capture ? createPipes() : undefined;
  const unnamed = capture ? 'pipe' : 'inherit';
  const child = spawned(command, args, [pipes?.out.writer ?? unnamed, pipes?.err.writer ?? unnamed]);
  pipes?.closeWriters();
  const pass = (from: Readable | null | undefined, to: Host['stdout']): void => {
    if (from != null) passages.push(passOn(from, to, tail.push));
  };
  const [itsOut, itsErr] = child instanceof Error ? [] : [child.stdout, child.stderr];
  pass(pipes?.out.reader ?? itsOut, stdout);
  pass(pipes?.err.reader ?? itsErr, stderr);
  return {
    ...fateOf(child, command),
    tail: tail.bytes,
    passedOn: async (signal) => {
      await rest(passages, signal);
      await Promise.race([Promise.all([flushed(stdout), flushed(stderr)]), aborted(signal)]);
    },
    kill: (signal) => {
      if (!(child instanceof Error)) child.kill(signal);
    },
  };
}

type Destination = number | 'pipe' | 'inherit';

/** Some failures are thrown, others come as an event: https://nodejs.org/api/child_process.html#event-error */
function spawned(
  command: string,
  args: readonly string[],
  [out, err]: readonly [Destination, Destination],
): ChildProcess | Error {
  if (command === '') return Object.assign(new Error('no name'), { code: 'ENOENT' });
  try {
    return spawn(command, args, { stdio: ['inherit', out, err] });
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function fateOf(child: ChildProcess | Error, command: string): Pick<RunningJob, 'started' | 'ended'> {
  if (child instanceof Error)
    return { started: Promise.resolve(false), ended: Promise.resolve(notStarted(command, child)) };
  return {
    started: new Promise((resolve) => {
      child.once('spawn', () => {
        resolve(true);
      });
      child.once('error', () => {
        resolve(false);
      });
    }),
    ended: new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        resolve(signal === null ? { how: 'exited', code: code ?? 0 } : { how: 'killed', signal });
      });
      child.on('error', (error) => {
        // Of a child that runs it says that a signal could not be sent, which changes nothing.
        if (child.pid === undefined) resolve(notStarted(command, error));
      });
    }),
  };
}

/**
 * 127: there is no such command; 126: there is, but it cannot be run.
 * https://pubs.opengroup.org/onlinepubs/9799919799/utilities/env.html
 */
function notStarted(command: string, error: NodeJS.ErrnoException): Ending {
  const name = command === '' ? "''" : printable(command);
  const { code } = error;
  const isThere = command.includes('/') && existsSync(command);
  if (code === 'ENOENT' && isThere)
    return notRun(126, `${name} cannot be run: the interpreter it names is not there`);
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return notRun(
      127,
      command.includes('/') ? `${name}: there is no such file` : `${name}: command not found`,
    );
  if (code === 'EACCES') return notRun(126, `${name} cannot be run: permission denied`);
  return notRun(126, `${name} cannot be run: ${error.message}`);
}

function notRun(code: 126 | 127, reason: string): Ending {
  return { how: 'not started', code, reason };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else
      signal.addEventListener(
        'abort',
        () => {
          resolve();
        },
        { once: true },
      );
  });
}
