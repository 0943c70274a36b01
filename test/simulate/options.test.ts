import { Command } from 'commander';
import { describe, expect, test } from '@jest/globals';
import { UsageError } from '../../src/errors.ts';
import { simulateFlags } from '../../src/simulate/flags.ts';
import { readSimulateOptions } from '../../src/simulate/options.ts';

/** The options as the command line program hands them over. */
function given(args: readonly string[]): Record<string, unknown> {
  const command = new Command().exitOverride();
  for (const [flags, meaning] of simulateFlags) command.option(flags, meaning);
  return command.parse(args, { from: 'user' }).opts();
}

const read = (args: readonly string[], env: Record<string, string> = {}) =>
  readSimulateOptions(given(args), env);

function problemsOf(args: readonly string[], env: Record<string, string> = {}): string[] {
  try {
    read(args, env);
  } catch (error) {
    if (error instanceof UsageError) return error.message.split('\n');
    throw error;
  }
  return [];
}

describe('the options of simulate', () => {
  test('are few: with a key in the environment none is needed', () => {
    expect(read([], { RONDA_API_KEY: 'a-key' })).toEqual({
      seed: 1,
      schedulers: 40,
      url: 'http://127.0.0.1:3000',
      key: 'a-key',
      sqs: undefined,
      speed: undefined,
      start: undefined,
      dryRun: false,
      json: false,
    });
  });

  test('say everything there is to say', () => {
    const args = ['--seed', '7', '--schedulers', '100', '--url', 'https://ronda.example.com/api/v1/'];
    const more = [
      '--key',
      'k-1',
      '--sqs',
      'http://127.0.0.1:4566/000000000000/ronda-events',
      '--speed',
      '60',
    ];
    const flags = ['--start', '2026-11-24T00:00:00+07:00', '--dry-run', '--json'];
    expect(read([...args, ...more, ...flags], { RONDA_API_KEY: 'another' })).toEqual({
      seed: 7,
      schedulers: 100,
      url: 'https://ronda.example.com',
      key: 'k-1',
      sqs: 'http://127.0.0.1:4566/000000000000/ronda-events',
      speed: 60,
      start: Date.parse('2026-11-23T17:00:00.000Z'),
      dryRun: true,
      json: true,
    });
  });

  test('need a key, except in a dry run', () => {
    expect(problemsOf([])).toEqual(['--key (or RONDA_API_KEY): is required']);
    expect(problemsOf([], { RONDA_API_KEY: '' })).toEqual(['--key (or RONDA_API_KEY): is required']);
    expect(read(['--dry-run']).key).toBeUndefined();
  });

  test('that cannot be used are all named at once', () => {
    const bad = ['--seed', '-1', '--schedulers', '0', '--url', 'ronda', '--sqs', 'queue', '--speed', 'fast'];
    expect(problemsOf([...bad, '--start', 'midnight'])).toEqual([
      '--seed: must be a whole number',
      '--schedulers: must be from 1 to 5000',
      '--url: must be an http or https URL',
      '--sqs: must be an http or https URL',
      '--speed: must be a number',
      '--start: must be an ISO 8601 time with offset or Z, like 2026-11-24T00:00:00+07:00',
      '--key (or RONDA_API_KEY): is required',
    ]);
  });

  test.each(['0', '0.09', '5000.1', '', 'Infinity'])('know no speed %p', (speed) => {
    expect(problemsOf(['--speed', speed, '--key', 'k'])).toEqual([
      expect.stringMatching(/^--speed: must be /),
    ]);
  });

  test.each([
    ['0.1', 0.1],
    ['5000', 5_000],
  ])('know speed %p', (text, speed) => {
    expect(read(['--speed', text, '--key', 'k']).speed).toBe(speed);
  });
});
