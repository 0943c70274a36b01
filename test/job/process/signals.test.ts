import { expect, test } from '@jest/globals';
import {
  exitCodeOf,
  handedOn,
  mustHandOn,
  signalIn,
  terminalStateOf,
} from '../../../src/job/process/signals.ts';

test.each([
  ['in the foreground of a terminal', '4711 (node) S 4710 4711 4000 34816 4711 4194304 1', true, true],
  ['in its background', '4711 (node) S 4710 4711 4000 34816 4000 4194304 1', true, false],
  ['without a terminal', '4711 (node) S 1 4711 4711 0 -1 4194304 1', false, false],
  [
    'with a name that looks like fields',
    '4711 (a) S 1 2 (b c) S 4710 4711 4000 34816 4711 4194304',
    true,
    true,
  ],
])('a process %s is known by its stat', (_where, stat, hasTerminal, isForeground) => {
  expect(terminalStateOf(stat)).toEqual({ hasTerminal, isForeground });
});

test.each(['SIGINT', 'SIGQUIT', 'SIGHUP'] as const)(
  '%s from a terminal has reached the job by itself, and from elsewhere is handed on',
  (signal) => {
    expect(mustHandOn(signal, true)).toBe(false);
    expect(mustHandOn(signal, false)).toBe(true);
  },
);

test.each(['SIGTERM', 'SIGUSR1', 'SIGUSR2'] as const)(
  '%s, which no terminal sends, is handed on',
  (signal) => {
    expect(mustHandOn(signal, true)).toBe(true);
  },
);

test('exit codes are those that a shell shows', () => {
  expect([exitCodeOf('SIGTERM'), exitCodeOf('SIGKILL'), exitCodeOf('SIGINT')]).toEqual([143, 137, 130]);
});

test('all that can be caught is handed on; what a terminal stops stops by itself', () => {
  const all = handedOn(false);
  expect(all).toEqual(
    expect.arrayContaining(['SIGALRM', 'SIGXCPU', 'SIGPWR', 'SIGTSTP', 'SIGUSR1', 'SIGHUP']),
  );
  for (const never of ['SIGKILL', 'SIGSTOP', 'SIGCHLD', 'SIGPIPE', 'SIGSEGV'] as const)
    expect(all).not.toContain(never);
  expect(handedOn(true)).not.toContain('SIGTSTP');
});

test.each([
  [0, undefined],
  [128, undefined],
  [129, 'SIGHUP'],
  [143, 'SIGTERM'],
  [162, 'SIGRTMIN'],
  [163, 'SIGRTMIN+1'],
  [192, 'SIGRTMIN+30'],
  [193, undefined],
])('exit code %d stands for %p', (code, signal) => {
  expect(signalIn(code)).toBe(signal);
});
