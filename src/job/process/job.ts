import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { closeSync, existsSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeOutput, type Output, type Passage } from '../output/pipe-output.ts';
import { createPipes } from '../output/pipes.ts';
import type { Tail } from '../output/tail.ts';
import type { Ending } from '../reports/reports.ts';
import { fromBytes, isText, type Bytes, type Caller } from './caller.ts';
import { notStarted, obstacleTo } from './command-search.ts';
import { freeDescriptors, startScript, type ShellDescriptors } from './shell-start.ts';

/** A job that runs, or could not be started. */
export type RunningJob = {
  /** Whether it was started. */
  readonly started: Promise<boolean>;
  readonly ended: Promise<Ending>;
  /** After its end: resolves once all that it wrote is written on. */
  readonly finish: () => Promise<void>;
  /** What of its output could not be written on. */
  readonly failure: () => Error | undefined;
  /** False: what it says goes past us. */
  readonly isCaptured: boolean;
  readonly kill: (signal: NodeJS.Signals) => void;
};

export type JobStart = {
  readonly command: Bytes;
  readonly args: readonly Bytes[];
  readonly env: Caller['env'];
  readonly caller: Caller;
  readonly outputs: { readonly out: Output; readonly err: Output };
  /** Undefined: it writes to our outputs itself, and nothing is known of what it said. */
  readonly tail: Tail | undefined;
};

type Started = Pick<RunningJob, 'started' | 'ended' | 'kill'>;
type Destinations = readonly [out: number, err: number];

const shell = '/bin/sh';

/** Starts a command with our own standard input, in our process group, and passes its output on as it is. */
export function startJob(start: JobStart): RunningJob {
  const { outputs, caller, tail } = start;
  const pipes = tail === undefined ? undefined : createPipes();
  const destinations: Destinations = [
    pipes?.out.writer ?? outputs.out.fd,
    pipes?.err.writer ?? outputs.err.fd,
  ];
  const at = mustUseShell(start) ? freeDescriptors(caller.descriptors) : undefined;
  const job =
    at !== undefined && existsSync(shell)
      ? startByShell(start, destinations, at)
      : startDirectly(start, destinations);
  pipes?.closeWriters();
  // A lock or a pipe that only the job is to hold goes when the job goes. Without the note we cannot be sure that
  // one is not Node's.
  for (const fd of caller.launcher?.descriptors ?? []) closeQuietly(fd);
  const passages: Passage[] = [];
  if (pipes !== undefined && tail !== undefined) {
    passages.push(pipeOutput(pipes.out.reader, outputs.out, tail.stream()));
    passages.push(pipeOutput(pipes.err.reader, outputs.err, tail.stream()));
  }
  return {
    ...job,
    isCaptured: pipes !== undefined,
    finish: async () => {
      await Promise.all(passages.map(({ finish }) => finish()));
    },
    failure: () => passages.map(({ failure }) => failure()).find((one) => one !== undefined),
  };
}

/** Node gives a child text alone, and nothing of what the launcher has noted. */
function mustUseShell({ command, args, env, caller }: JobStart): boolean {
  return caller.launcher !== undefined || ![command, ...args, ...env.flat()].every(isText);
}

function startDirectly({ command, args, env, caller }: JobStart, [out, err]: Destinations): Started {
  const name = fromBytes(command);
  const variables = env.map(([variable, value]) => [fromBytes(variable), fromBytes(value)] as const);
  const stdio = withDescriptors([0, out, err], caller.descriptors);
  // The first of a name counts, as for getenv(3).
  const child = spawned(name, args.map(fromBytes), {
    env: Object.fromEntries(variables.toReversed()),
    stdio,
  });
  if (child instanceof Error) return neverStarted(notStarted(name, child));
  return {
    started: new Promise((resolve) => {
      child.once('spawn', () => {
        resolve(true);
      });
      child.once('error', () => {
        resolve(false);
      });
    }),
    ended: endOf(child, name),
    kill: (signal) => child.kill(signal),
  };
}

function startByShell(start: JobStart, [out, err]: Destinations, at: ShellDescriptors): Started {
  const { command, env, caller } = start;
  const name = fromBytes(command);
  const [, path = '/usr/bin:/bin'] = env.find(([variable]) => variable === 'PATH') ?? [];
  const obstacle = obstacleTo(name, fromBytes(path));
  if (obstacle !== undefined && isText(command)) return neverStarted(obstacle);
  const stdio = withDescriptors(['pipe', out, 'ignore'], caller.descriptors);
  stdio[at.stdin] = 0;
  stdio[at.stderr] = err;
  stdio[at.pid] = 'pipe';
  const child = spawned(shell, [], { env: {}, stdio });
  if (child instanceof Error) return neverStarted(notStarted(shell, child));
  child.stdin
    ?.on('error', () => undefined)
    .end(startScript({ ...start, launcher: caller.launcher, at }), 'latin1');
  const pid = firstNumberFrom(child, at.pid);
  const ended = endOf(child, shell);
  let known: number | undefined;
  let isOver = false;
  const early: NodeJS.Signals[] = [];
  void pid.then((number) => {
    known = number;
    for (const signal of early) killQuietly(number, signal);
  });
  void ended.then(() => {
    isOver = true;
  });
  return {
    started: Promise.race([pid, ended]).then(() => true),
    ended,
    // At once: with a signal that stops it, what comes after it may come much later.
    kill: (signal) => {
      if (isOver) return;
      if (known === undefined) early.push(signal);
      else killQuietly(known, signal);
    },
  };
}

/** Of the shell's note of the job's process id; never resolves if there is none. */
function firstNumberFrom(child: ChildProcess, fd: number): Promise<number> {
  const from: unknown = child.stdio[fd];
  return new Promise((resolve) => {
    let text = '';
    if (!isReadable(from)) return;
    from.on('error', () => undefined);
    from.setEncoding('latin1').on('data', (more: string) => {
      text += more;
      const [, digits] = /^(\d+)\n/.exec(text) ?? [];
      if (digits !== undefined) resolve(Number(digits));
    });
  });
}

function isReadable(stream: unknown): stream is Readable {
  return typeof stream === 'object' && stream !== null && 'setEncoding' in stream;
}

type Stdio = (number | 'pipe' | 'ignore')[];

/** Each descriptor of the caller's under its own number; what lies between stays closed. */
function withDescriptors(standard: Stdio, descriptors: readonly number[]): Stdio {
  const stdio = [...standard];
  for (const fd of descriptors) {
    while (stdio.length < fd) stdio.push('ignore');
    stdio[fd] = fd;
  }
  while (stdio.length < 10) stdio.push('ignore');
  return stdio;
}

/** Some failures are thrown, others come as an event: https://nodejs.org/api/child_process.html#event-error */
function spawned(command: string, args: readonly string[], options: SpawnOptions): ChildProcess | Error {
  if (command === '') return Object.assign(new Error('no name'), { code: 'ENOENT' });
  try {
    return spawn(command, args, options);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function endOf(child: ChildProcess, command: string): Promise<Ending> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      resolve(signal === null ? { how: 'exited', code: code ?? 0 } : { how: 'killed', signal });
    });
    child.on('error', (error) => {
      // Of a child that runs it says that a signal could not be sent, which changes nothing.
      if (child.pid === undefined) resolve(notStarted(command, error));
    });
  });
}

function neverStarted(ending: Ending): Started {
  return { started: Promise.resolve(false), ended: Promise.resolve(ending), kill: () => undefined };
}

function killQuietly(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has just ended.
  }
}

function closeQuietly(fd: number): void {
  try {
    closeSync(fd);
  } catch {
    // It is closed.
  }
}
