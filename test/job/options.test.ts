import { describe, expect, test } from '@jest/globals';
import { jobName, schedulerId, serviceName } from '../../src/events/fields.ts';
import { commandName, readRunOptions, splitArgv } from '../../src/job/options.ts';

describe('the words of a command line', () => {
  const split = (line: string) => splitArgv(line.split(' '));

  test.each([
    ['x -- true', ['x', 'true']],
    ['x -- sh -c exit', ['x', 'sh', '-c', 'exit']],
    ['x -- git log -- file', ['x', 'git', 'log', '--', 'file']],
  ])('%s is an ID and a command', (line, words) => {
    const { id, command } = split(line);
    expect([id, ...command]).toEqual(words);
  });

  test('options stand before or after the ID, with their value behind a space or an equals sign', () => {
    expect(split('--json x --heartbeat 5m --url=http://h/?a=b --no-register -- y --json').given).toEqual({
      json: true,
      heartbeat: '5m',
      url: 'http://h/?a=b',
      'no-register': true,
    });
  });

  test.each([
    ['-- sh -c exit', /^Which job is it\?/],
    ['x true', /^The command stands behind --/],
    ['x y -- true', /^Before -- there stands one ID, not x y:/],
    ['x --', /^There is no command to run/],
    ['x --loud -- true', /^unknown option '--loud'/],
    ['x -v -- true', /^unknown option '-v'/],
    ['x --json=yes -- true', /^option '--json' takes no value/],
    ['x --heartbeat -- true', /^option '--heartbeat' lacks its TIME/],
  ])('%s is bad usage: nothing is guessed', (line, message) => {
    expect(() => split(line)).toThrow(message);
  });
});

/** The options of a command line with these, and this environment. */
function read(
  [id = '', ...command]: readonly string[],
  given: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>>,
) {
  const options = Object.entries(given).flatMap(([name, value]) => [`--${name}`, value]);
  return readRunOptions([id, ...options, '--', ...command], env);
}

test('defaults: a minute, ten seconds, the names that the ID holds, Ronda on this machine', () => {
  expect(read(['billing:close:day', '/opt/close.sh', 'a'], {}, { RONDA_API_KEY: 'k1' })).toEqual({
    job: { scheduler_id: 'billing:close:day', service_name: 'billing', job_name: 'close:day' },
    command: '/opt/close.sh',
    args: ['a'],
    heartbeatMs: 60_000,
    maxWaitMs: 10_000,
    url: 'http://127.0.0.1:3000',
    key: 'k1',
    passKey: false,
    register: true,
    capture: true,
    json: false,
  });
});

test.each([
  ['backup', {}, 'backup', 'close.sh'],
  ['a.b', {}, 'a', 'b'],
  ['.b', {}, '.b', 'close.sh'],
  ['a:', {}, 'a:', 'close.sh'],
  ['a:b', { service: 'S', job: 'J' }, 'S', 'J'],
])('%s with %j belongs to service %s as job %s', (id, given, service_name, job_name) => {
  const { job } = read([id, '/opt/close.sh'], given, {});
  expect(job).toEqual({ scheduler_id: id, service_name, job_name });
});

test.each([
  ['/usr/bin/backup.sh', 'backup.sh'],
  ['true', 'true'],
  ['./a/', 'a'],
  ['', 'command'],
  ['/', 'command'],
  [`${'x'.repeat(254)}🦉`, `${'x'.repeat(254)}\uFFFD`],
])('the command %j is reported as %j', (command, name) => {
  expect(commandName(command)).toBe(name);
});

test.each([
  [{}, { RONDA_URL: 'https://ronda.example/' }, 'https://ronda.example'],
  [{}, { RONDA_URL: 'https://ronda.example/api/v1' }, 'https://ronda.example'],
  [{ url: 'http://other:3000' }, { RONDA_URL: 'https://ronda.example' }, 'http://other:3000'],
  [{}, { RONDA_URL: 'nonsense' }, 'nonsense'],
  [{}, { RONDA_URL: '' }, 'http://127.0.0.1:3000'],
])('%j with %j means the Ronda at %s', (given, env, url) => {
  expect(read(['x', 'true'], given, env).url).toBe(url);
});

test.each([
  [{}, {}, undefined],
  [{}, { RONDA_API_KEY: ' k1\n' }, 'k1'],
  [{}, { RONDA_API_KEY: 'k\u0000k' }, undefined],
  [{ key: 'k2' }, { RONDA_API_KEY: 'k1' }, 'k2'],
])('%j with %j means the key %s', (given, env, key) => {
  expect(read(['x', 'true'], given, env).key).toBe(key);
});

test('heartbeats can be left out, and go from 5 s to 1 h', () => {
  const heartbeatOf = (heartbeat: string): unknown => read(['x', 'true'], { heartbeat }, {}).heartbeatMs;
  expect(['0', '5s', '1h'].map(heartbeatOf)).toEqual([0, 5_000, 3_600_000]);
  for (const wrong of ['4s', '61m', '60', 'soon', '0s']) {
    expect(() => heartbeatOf(wrong)).toThrow('--heartbeat: must be from 5s to 1h, like 90s or 5m, or 0');
  }
});

test('every bad option is named in one message', () => {
  const given = { heartbeat: '1s', patience: '0', url: 'ftp://x', key: 'two words', service: '' };
  expect(() => read(['no spaces', 'true'], given, {})).toThrow(
    [
      'ID: must be 1 to 255 of A-Z a-z 0-9 . _ : -',
      '--service: must not be empty',
      '--heartbeat: must be from 5s to 1h, like 90s or 5m, or 0',
      '--patience: must be from 1s to 1h, like 10s or 2m',
      '--url: must be an http or https URL',
      '--key: must be visible ASCII',
    ].join('\n'),
  );
  expect(() => read(['x', 'true'], { url: 'http://me:secret@h' }, {})).toThrow(
    '--url: must hold no user name or password',
  );
});

test.each([
  '',
  'a',
  '.',
  '..',
  '...',
  'a b',
  'a:b.c-d_e',
  'é',
  'x'.repeat(255),
  'x'.repeat(256),
  '\ud800',
  '東京',
  'a/b',
])('what Ronda would refuse of %j is refused at once, in the same words', (text) => {
  const problems = [
    ...(schedulerId.safeParse(text).error?.issues ?? []).map(({ message }) => `ID: ${message}`),
    ...(serviceName.safeParse(text).error?.issues ?? []).map(({ message }) => `--service: ${message}`),
    ...(jobName.safeParse(text).error?.issues ?? []).map(({ message }) => `--job: ${message}`),
  ];
  const reading = (): unknown => read([text, 'true'], { service: text, job: text }, {});
  if (problems.length === 0) expect(reading).not.toThrow();
  else expect(reading).toThrow(problems.join('\n'));
});
