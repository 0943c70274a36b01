import { readFileSync } from 'node:fs';
import { constants } from 'node:os';

/** What is handed on to the job. The others either cannot be caught or are not meant for it. */
export const handedOn = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const;
export type HandedOn = (typeof handedOn)[number];

/** What a terminal sends, to all processes that run in its foreground. */
const fromTerminal: ReadonlySet<string> = new Set(['SIGINT', 'SIGHUP', 'SIGQUIT'] satisfies HandedOn[]);

/**
 * Whether the job has to be told of a signal that came to us. In a terminal's foreground Ctrl-C has reached it
 * already, since it stays in our process group; told twice, many a program breaks off in the middle of its end.
 */
export function mustHandOn(signal: HandedOn, isForeground: boolean): boolean {
  return !(isForeground && fromTerminal.has(signal));
}

/**
 * Whether a process runs in the foreground of a terminal, of what /proc/PID/stat says: fields 5 (its group) and 8
 * (the group in the foreground, -1 without a terminal). The name in field 2 may hold spaces and brackets.
 * https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
 */
export function isForegroundStat(stat: string): boolean {
  const [, , group, , , foreground] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return group !== undefined && group === foreground;
}

/** The same of this process. Where there is no /proc, a standard stream that is a terminal tells as much. */
export function isForeground(): boolean {
  try {
    return isForegroundStat(readFileSync('/proc/self/stat', 'utf8'));
  } catch {
    return process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  }
}

/** What a shell shows of a process that a signal ended. */
export function exitCodeOf(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}

/** By default these write a memory dump, which would be of us and not of the job. */
const dumping: ReadonlySet<string> = new Set([
  ...[
    'SIGQUIT',
    'SIGILL',
    'SIGTRAP',
    'SIGABRT',
    'SIGBUS',
    'SIGFPE',
    'SIGSEGV',
    'SIGXCPU',
    'SIGXFSZ',
    'SIGSYS',
  ],
]);

/**
 * Ends this process by the signal that ended the job, as timeout(1) does: a shell then stops its script at
 * Ctrl-C, and systemd sees the ending it knows. Comes back where that is not possible, like as process 1 of a
 * container, and where it would leave a memory dump.
 */
export function endBy(signal: NodeJS.Signals): void {
  if (dumping.has(signal)) return;
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}
