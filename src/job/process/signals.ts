import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { isatty } from 'node:tty';

function signals(names: string): ReadonlySet<string> {
  return new Set(names.split(' ').map((name) => `SIG${name}`));
}

/**
 * What no program can catch; what tells us of our own children; faults, which are no message when the kernel sends
 * them, and after which Node runs no code of ours; and what our own writing brings on us.
 */
const kept = signals('KILL STOP CHLD ILL BUS FPE SEGV PIPE XFSZ');

/** What stops a process: a terminal sends it to all in its foreground, and each stops by itself. */
const stopping = signals('TSTP TTIN TTOU');

/** What a terminal sends, to all processes that run in its foreground. */
const fromTerminal = signals('INT HUP QUIT WINCH CONT');

/** What ends nobody who does not ask for it. */
const harmless = signals('CONT WINCH URG TSTP TTIN TTOU');

const isSignal = (name: string): name is NodeJS.Signals => Object.hasOwn(constants.signals, name);
const names = Object.keys(constants.signals).filter(isSignal);

/** What is handed on to the job: all that can be caught. @param hasTerminal whether there is one that stops us */
export function handedOn(hasTerminal: boolean): NodeJS.Signals[] {
  return names.filter((name) => !kept.has(name) && !(hasTerminal && stopping.has(name)));
}

/** Whether a signal stops a process (not ends it) unless it is caught. */
export const isStopping = (signal: NodeJS.Signals): boolean => stopping.has(signal);

/** Whether a process that does not catch a signal is ended by it. */
export const endsProcesses = (signal: NodeJS.Signals): boolean => !harmless.has(signal);

/**
 * Whether the job has to be told of a signal that came to us. In a terminal's foreground Ctrl-C has reached it
 * already, since it stays in our process group; told twice, many a program breaks off in the middle of its end.
 */
export function mustHandOn(signal: NodeJS.Signals, isForeground: boolean): boolean {
  return !(isForeground && fromTerminal.has(signal));
}

/** Whether a process has a terminal, and runs in its foreground. */
export type TerminalState = { readonly hasTerminal: boolean; readonly isForeground: boolean };

/**
 * Of what /proc/PID/stat says: fields 5 (its group), 7 (its terminal, 0 without) and 8 (the group in the foreground,
 * -1 without a terminal). The name in field 2 may hold spaces and brackets.
 * https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
 */
export function terminalStateOf(stat: string): TerminalState {
  const [, , group, , terminal, foreground] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return {
    hasTerminal: terminal !== undefined && terminal !== '0',
    isForeground: group !== undefined && group === foreground,
  };
}

/** The same of this process. Where there is no /proc, a standard stream that is a terminal tells as much. */
export function terminalState(): TerminalState {
  try {
    return terminalStateOf(readFileSync('/proc/self/stat', 'utf8'));
  } catch {
    const isTerminal = [0, 1, 2].some((fd) => isatty(fd));
    return { hasTerminal: isTerminal, isForeground: isTerminal };
  }
}

/** What a shell shows of a process that a signal ended. */
export function exitCodeOf(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}

/** Linux has them from here to 64; Node has no names for them: https://man7.org/linux/man-pages/man7/signal.7.html */
const firstRealTime = 34;
const lastRealTime = 64;

/** Every signal of this system that a shell may set or be sent, as numbers. */
export function allSignals(): number[] {
  const uncatchable = signals('KILL STOP CHLD');
  const named = names.filter((name) => !uncatchable.has(name)).map((name) => constants.signals[name]);
  const realTime = process.platform === 'linux' ? lastRealTime - firstRealTime + 1 : 0;
  return [...new Set([...named, ...Array.from({ length: realTime }, (_, n) => firstRealTime + n)])];
}

/** The signal that an exit code stands for as shells have it, by name; undefined: it stands for none. */
export function signalIn(code: number): string | undefined {
  const number = code - 128;
  const name = names.find((one) => constants.signals[one] === number);
  if (name !== undefined || number < firstRealTime || number > lastRealTime) return name;
  return number === firstRealTime ? 'SIGRTMIN' : `SIGRTMIN+${number - firstRealTime}`;
}

/** By default these write a memory dump, which would be of us and not of the job. */
const dumping = signals('QUIT ILL TRAP ABRT BUS FPE SEGV XCPU XFSZ SYS');

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
