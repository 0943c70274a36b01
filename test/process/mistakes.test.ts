import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, jest, test } from '@jest/globals';
import { createBackend } from '../support/harness.ts';
import { onTestEngines, run } from './program.ts';
import { newDataDir } from '../localstack/fixtures.ts';
import { listening } from '../support/listening.ts';
import { undone } from '../support/undo.ts';

/** Starting real processes takes as long as the machine's other work lets it. */
jest.setTimeout(120_000);

const undo = undone(afterEach);
const nowhere = {
  AWS_ENDPOINT_URL_SQS: 'http://127.0.0.1:1',
  AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:1',
};

test('every bad setting is named in one message', async () => {
  const { code, stdout, stderr } = await run(['start'], {
    PORT: '99999',
    RONDA_BACKEND: 'azure',
    EOD_TIMEZONE: 'Mars/Olympus',
    EOD_WINDOW: '25:00-06:00',
    RONDA_BOOTSTRAP_API_KEY: 'short',
    LOG_LEVEL: 'loud',
  });
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr.trim().split('\n')).toEqual([
    'ronda: Settings that cannot be used:',
    '  RONDA_BACKEND: Invalid option: expected one of "embedded"|"aws"',
    '  PORT: must be from 0 to 65535',
    '  RONDA_BOOTSTRAP_API_KEY: must have at least 16 characters',
    '  EOD_TIMEZONE: must be an IANA time zone like Asia/Jakarta',
    '  EOD_WINDOW: must look like 00:00-06:00, or 00:00-24:00 for all day',
    expect.stringContaining('  LOG_LEVEL: Invalid option'),
  ]);
});

test('settings that do not go together are named too', async () => {
  const { code, stderr } = await run(['start'], {
    RONDA_BACKEND: 'aws',
    HISTORY_RETENTION_DAYS: '30',
    EVENT_RETENTION_DAYS: '29',
    RONDA_CLOCK_SPEED: '60',
  });
  expect(code).toBe(2);
  expect(stderr).toContain('HISTORY_RETENTION_DAYS: must not exceed EVENT_RETENTION_DAYS');
  expect(stderr).toContain('RONDA_CLOCK_START, RONDA_CLOCK_SPEED: only with an AWS_ENDPOINT_URL_');
  expectNoTrace(stderr);
});

test.each([
  ['an unknown role', ['start', 'cook'], 'There is no role cook: the roles are ingress, consumer, slack.'],
  ['an unknown command', ['cook'], "unknown command 'cook'"],
  ['an unknown option', ['start', '--fast'], "unknown option '--fast'"],
  ['a port that is none', ['engines', '--sqs-port', '70000'], '70000 is no port'],
])('%s is bad usage', async (_what, args, message) => {
  const { code, stderr } = await run(args, {});
  expect(code).toBe(2);
  expect(stderr).toContain(message);
  expectNoTrace(stderr);
});

test.each(['', 'start', 'demo', 'engines', 'workspace'])(
  '`ronda %s --help` explains itself',
  async (command) => {
    const { code, stdout, stderr } = await run(`${command} --help`.trim().split(' '), {});
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^Usage: ronda /);
    if (command !== '') expect(stdout).toMatch(/^ {2}--json /m);
  },
);

test.each(['ingress', 'consumer'])('%s: a port in use is named with what to do', async (role) => {
  const backend = await createBackend();
  undo.push(backend.close);
  const server = createServer();
  const PORT = String(await listening(server));
  undo.push(() => new Promise((resolve) => server.close(resolve)));

  const { code, stdout, stderr } = await run(['start', role], {
    ...onTestEngines(backend.prefix),
    LOG_LEVEL: 'error',
    PORT,
  });
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(
    /^ronda: HTTP cannot listen on 127\.0\.0\.1:\d+: .*EADDRINUSE.* Set PORT or HOST\.\n$/,
  );
});

test.each([[['start', 'slack']], [['start']]])(
  '%j on AWS without a token for Slack refuses to start: every alert would be told to nobody',
  async (args) => {
    const { code, stdout, stderr } = await run(args, {
      ...onTestEngines(newPrefix()),
      SLACK_STAND_IN: 'false',
    });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toBe(
      'ronda: The role slack needs SLACK_BOT_TOKEN with RONDA_BACKEND=aws. SLACK_STAND_IN=true starts it without: ' +
        'then a workspace in this process shows what nobody is told.\n',
    );
  },
);

test('where the queues are missing, `ronda provision` is what helps', async () => {
  const env = { ...onTestEngines(newPrefix()), LOG_LEVEL: 'error' };
  const { code, stderr } = await run(['start', 'consumer'], env);
  expect(code).toBe(2);
  expect(stderr).toMatch(/^ronda: queue t\w+-(events|notices)(-dlq)? \(create it with "ronda provision"\): /);
  expectNoTrace(stderr);
});

test('`ronda provision` can be run again, and then the roles start', async () => {
  const env = onTestEngines(newPrefix());
  expect(await run(['provision', '--plan'], env)).toMatchObject({ code: 1, stderr: '' });
  for (const time of ['first', 'second']) {
    const { code, stdout, stderr } = await run(['provision', '--json'], env);
    expect({ time, code, stderr }).toEqual({ time, code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toContainEqual({
      kind: 'queue',
      name: `${env['RONDA_PREFIX'] ?? ''}events-dlq`,
      outcome: time === 'first' ? 'created' : 'there',
      differences: [],
      left_out: [],
    });
  }
  const changed = await run(['provision', '--force'], { ...env, RONDA_VISIBILITY_SECONDS: '7' });
  expect(changed).toMatchObject({ code: 0, stderr: '' });
  expect(changed.stdout).toContain('events-dlq: changed: visibility time-out 2 s, now 7 s\n');
  const { stdout } = await run(['audit', '--json'], env);
  expect(JSON.parse(stdout)).toMatchObject({
    act: 'provision --force',
    by: `${userInfo().username}@${hostname()}`,
    details: { changed: expect.arrayContaining([expect.stringContaining('now 7 s')]) },
  });
});

test.each([
  ['start', 'connect ECONNREFUSED 127.0.0.1:1'],
  ['provision', 'connect ECONNREFUSED 127.0.0.1:1'],
])('`ronda %s` says when the endpoint cannot be reached', async (command, message) => {
  const { code, stderr } = await run([command], { ...onTestEngines(newPrefix()), ...nowhere });
  expect(code).toBe(2);
  expect(stderr).toContain(message);
  expectNoTrace(stderr);
});

test.each([
  ['start', undefined, 'Region is missing'],
  ['provision', undefined, 'Region is missing'],
  ['provision', 'us east 1', 'Region not accepted'],
])('`ronda %s` with AWS_REGION %s says what is wrong', async (command, region, message) => {
  const env = Object.entries(onTestEngines(newPrefix())).filter(([name]) => name !== 'AWS_REGION');
  const given = region === undefined ? {} : { AWS_REGION: region };
  const { code, stderr } = await run([command], { ...Object.fromEntries(env), ...given });
  expect(code).toBe(2);
  expect(stderr).toContain(message);
  expectNoTrace(stderr);
});

test('`ronda provision` has nothing to do for the embedded engines, and says so', async () => {
  const { code, stderr } = await run(['provision'], {});
  expect(code).toBe(2);
  expect(stderr).toContain('Set RONDA_BACKEND=aws.');
});

test('a data directory that is a file is named', async () => {
  const path = await newDataDir((step) => undo.push(step));
  await writeFile(path, 'not a directory');
  const { code, stderr } = await run(['start'], { RONDA_DATA_DIR: path, PORT: '0' });
  expect(code).toBe(2);
  expect(stderr).toContain(`ronda: RONDA_DATA_DIR: ${path} cannot be written: `);
  expectNoTrace(stderr);
});

test('a key file without a key is named, and never stands for an empty key', async () => {
  const path = await newDataDir((step) => undo.push(step));
  await mkdir(path);
  await writeFile(join(path, 'api-key'), '\n');
  const { code, stderr } = await run(['start'], { RONDA_DATA_DIR: path, PORT: '0' });
  expect(code).toBe(2);
  expect(stderr).toBe(`ronda: ${join(path, 'api-key')} holds no API key: delete it, and one is made.\n`);
});

function newPrefix(): string {
  return `t${randomBytes(6).toString('hex')}-`;
}

function expectNoTrace(text: string): void {
  expect(text).not.toMatch(/^\s+at /m);
  expect(text).not.toContain('fault of Ronda');
}
