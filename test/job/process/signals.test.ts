import { expect, test } from '@jest/globals';
import { exitCodeOf, isForegroundStat, mustHandOn } from '../../../src/job/process/signals.ts';

test.each([
  ['in the foreground of a terminal', '4711 (node) S 4710 4711 4000 34816 4711 4194304 1', true],
  ['in its background', '4711 (node) S 4710 4711 4000 34816 4000 4194304 1', false],
  ['without a terminal', '4711 (node) S 1 4711 4711 0 -1 4194304 1', false],
  ['with a name that looks like fields', '4711 (a) S 1 2 (b c) S 4710 4711 4000 34816 4711 4194304', true],
])('a process %s is known by its stat', (_where, stat, isForeground) => {
  expect(isForegroundStat(stat)).toBe(isForeground);
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
