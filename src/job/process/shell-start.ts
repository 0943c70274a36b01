import type { Bytes, Caller } from './caller.ts';
import { allSignals } from './signals.ts';

/** The descriptors that a starting shell needs beside the job's: a shell knows numbers of one digit alone. */
export type ShellDescriptors = { readonly stdin: number; readonly stderr: number; readonly pid: number };

/** Undefined when the caller holds too many of them. Pure. */
export function freeDescriptors(taken: readonly number[]): ShellDescriptors | undefined {
  const [stdin, stderr, pid] = [3, 4, 5, 6, 7, 8, 9].filter((fd) => !taken.includes(fd));
  if (stdin === undefined || stderr === undefined || pid === undefined) return undefined;
  return { stdin, stderr, pid };
}

/** A variable that a shell takes over as it is. Others it drops, keeps for itself, or sets anew. */
const plainName = /^[A-Za-z_][A-Za-z0-9_]*$/;
const shellsOwn = new Set([
  ...['IFS', 'OPTIND', 'OPTARG', 'PPID', 'LINENO', 'UID', 'EUID', 'GROUPS', 'SHELLOPTS', 'BASHOPTS'],
  ...['BASH_VERSINFO', 'RANDOM', 'SECONDS', 'DIRSTACK', 'FUNCNAME', 'HISTCMD', 'PS1', 'PS2', 'PS4'],
]);
/** What a shell adds to an environment that lacks it. */
const added = ['PWD', 'OLDPWD'];

export type ShellStart = {
  readonly command: Bytes;
  readonly args: readonly Bytes[];
  readonly env: Caller['env'];
  readonly launcher: Caller['launcher'];
  readonly at: ShellDescriptors;
};

/**
 * What a shell reads on its standard input to start a job as its caller meant it to be: with the signals ignored
 * that were, the limit, the environment and the arguments to the byte. The shell tells the job's process id, waits,
 * and ends with the job's exit code, 128+n for a signal, of real time, too. Its own signals it does not mind, since
 * a terminal sends them to all. All of it is one command: its standard input is not the job's. Pure.
 */
export function startScript({ command, args, env, launcher, at }: ShellStart): Bytes {
  const names = new Set(env.map(([name]) => name));
  const foreign = env.filter(([name]) => !plainName.test(name) || shellsOwn.has(name));
  const isForeign = foreign.length > 0 || command.startsWith('-');
  const words = [
    ...(isForeign ? ['/usr/bin/env', '--', ...foreign.map(([name, value]) => `${name}=${value}`)] : []),
    command,
    ...args,
  ];
  const ignored = launcher?.ignoredSignals ?? [];
  return [
    '{',
    `trap : ${allSignals().join(' ')}`,
    ...(ignored.length > 0 ? [`trap '' ${ignored.join(' ')}`] : []),
    ...(launcher !== undefined && /^(?:\d+|unlimited)$/.test(launcher.openFiles)
      ? [`ulimit -S -n ${launcher.openFiles}`]
      : []),
    ...added.filter((name) => !names.has(name)).map((name) => `unset ${name}`),
    ...env
      .filter(([name]) => plainName.test(name) && !shellsOwn.has(name))
      .map(([name, value]) => `${name}=${quoted(value)}; export ${name}`),
    '(',
    // Within a subshell $$ is not its own.
    `read -r ronda_pid ronda_rest </proc/self/stat || ronda_pid=$(exec sh -c 'echo $PPID')`,
    `echo "$ronda_pid" >&${at.pid}`,
    `exec ${words.map(quoted).join(' ')} <&${at.stdin} 2>&${at.stderr} ${at.stdin}<&- ${at.stderr}>&- ${at.pid}>&-`,
    ')',
    'exit $?',
    '}',
    '',
  ].join('\n');
}

function quoted(word: Bytes): Bytes {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
