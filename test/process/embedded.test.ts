import { spawn } from 'node:child_process';
import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { expect, jest, test } from '@jest/globals';
import { z } from 'zod';
import { isAlive, readRunning, type RunningEngines } from '../../localstack/endpoints.ts';
import { cleanUp, clientsOf, kill, newDataDir } from '../localstack/fixtures.ts';
import { call } from '../support/harness.ts';
import { until } from '../support/until.ts';
import { run, startProgram, terminate, type Program } from './program.ts';

const after = cleanUp();

/** Starting real processes takes as long as the machine's other work lets it. */
jest.setTimeout(120_000);

test('`ronda start` prints where everything is, a key, and a first call that works as it is printed', async () => {
  const dataDir = await newDataDir(after);
  const { program, engines } = start(dataDir, { RONDA_VISIBILITY_SECONDS: '7' });
  const shown = await welcome(program);
  const {
    url = '',
    key = '',
    body = '',
  } = /curl -X POST (?<url>\S+) -H 'x-api-key: (?<key>\S+)' \\\n\s+-H 'content-type: application\/json' -d '(?<body>.+)'/.exec(
    shown,
  )?.groups ?? {};
  expect(shown).toContain('Ronda watches (ingress, consumer, slack)');
  expect(shown).toMatch(/HTTP {6}http:\/\/127\.0\.0\.1:\d+\/api\/v1\n/);
  expect(shown).toContain(`API key   ${key}\n`);
  expect(shown).toContain(engines().sqs);
  expect(shown).toMatch(
    /Board {5}now, all day, in \S+; production nights are 00:00-06:00 Asia\/Jakarta: EOD_WINDOW\n/,
  );
  const answer = await call(url, 'POST', body, { 'x-api-key': key });
  expect(answer.status).toBe(201);
  const health = await fetch(/Health {4}(?<url>\S+)/.exec(shown)?.groups?.['url'] ?? '');
  expect([health.status, await health.json()]).toMatchObject([200, { status: 'ok' }]);

  // A command of another shell, without the setting, takes nothing back.
  expect(await run(['dlq', 'list'], { RONDA_DATA_DIR: dataDir })).toMatchObject({ code: 0 });
  const QueueUrl = /Queue {5}(?<url>\S+)/.exec(shown)?.groups?.['url'];
  const { Attributes } = await clientsOf(engines(), after).sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['VisibilityTimeout'] }),
  );
  expect(Attributes).toEqual({ VisibilityTimeout: '7' });

  const { pid } = engines();
  const { code, tookMs } = await terminate(program);
  expect(code).toBe(0);
  expect(tookMs).toBeLessThan(10_000);
  expect(isAlive(pid)).toBe(false);
});

test('the key is made once, readable by its owner alone, and never logged', async () => {
  const dataDir = await newDataDir(after);
  const keys: string[] = [];
  for (const LOG_LEVEL of ['trace', 'debug']) {
    const { program } = start(dataDir, { LOG_LEVEL });
    const shown = await welcome(program);
    const key = /API key {3}(?<key>\S+)/.exec(shown)?.groups?.['key'] ?? '';
    const url = /HTTP {6}(?<url>\S+)/.exec(shown)?.groups?.['url'] ?? '';
    await call(`${url}/schedulers`, 'GET', undefined, { 'x-api-key': key });
    await call(`${url}/schedulers`, 'GET', undefined, { 'x-api-key': `${key}x` });
    await terminate(program);
    expect(program.stderr()).toContain('ronda watches');
    expect(program.stderr()).not.toContain(key.slice(6));
    keys.push(key);
  }
  expect(keys[0]).toMatch(/^ronda_[a-z0-9]{12}_[A-Za-z0-9_-]{43}$/);
  expect(keys[1]).toBe(keys[0]);
  const names = ['', ...(await readdir(dataDir, { recursive: true }))];
  const open = async (name: string) => ((await stat(join(dataDir, name))).mode & 0o077) !== 0;
  expect(names).toEqual(expect.arrayContaining(['api-key', 'slack-app.json', 'sqs', 'dynamodb']));
  for (const name of names) expect([name, await open(name)]).toEqual([name, false]);
});

test('Ctrl-C that npm passes on a second time ends it no less cleanly', async () => {
  const { program, engines } = start(await newDataDir(after));
  await welcome(program);
  const { pid } = engines();
  program.kill('SIGINT');
  await until('it is stopping', () => program.stderr().includes('"stopping"'));
  program.kill('SIGINT');
  expect(await program.ended).toEqual({ code: 0, signal: null });
  expect(isAlive(pid)).toBe(false);
});

test('a TERM to npm ends it and its engines, and through a shell or launcher that hands on nothing, too', async () => {
  const dataDir = await newDataDir(after);
  const manifest = fileURLToPath(new URL('../../package.json', import.meta.url));
  const { scripts } = z
    .object({ scripts: z.object({ start: z.string() }) })
    .parse(JSON.parse(await readFile(manifest, 'utf8')));
  expect(scripts.start).toBe('exec node src/cli.ts start');
  // As under npm, with a launcher in between.
  const script = `${scripts.start.replace('exec ', '')} & echo $! >&2; wait`;
  const shell = spawn('sh', ['-c', script], {
    cwd: dirname(manifest),
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
      npm_lifecycle_event: 'start',
      RONDA_DATA_DIR: dataDir,
      PORT: '0',
    },
  });
  let said = '';
  shell.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  shell.stdout.resume();
  await until('it says that it runs', () => said.includes('ronda watches'));
  const ronda = Number.parseInt(said, 10);
  const engines = readRunning(dataDir)?.pid ?? 0;
  after(() => {
    for (const pid of [ronda, engines]) kill(pid);
  });
  expect([isAlive(ronda), isAlive(engines)]).toEqual([true, true]);
  shell.kill('SIGTERM');
  await until('both are gone', () => !isAlive(ronda) && !isAlive(engines));
  expect(said).toContain('"why":"npm has ended"');
});

test.each([
  ['it', false],
  ['it and its engines', true],
])('what was accepted before SIGKILL ends %s is there after the next start', async (_what, enginesToo) => {
  const dataDir = await newDataDir(after);
  const RONDA_BOOTSTRAP_API_KEY = 'a-key-of-the-test';
  const headers = { 'x-api-key': RONDA_BOOTSTRAP_API_KEY };
  const env = { RONDA_BOOTSTRAP_API_KEY, RONDA_VISIBILITY_SECONDS: '1' };
  const first = start(dataDir, env);
  const before = `${urlOf(await welcome(first.program))}/api/v1/schedulers`;
  const ids = Array.from({ length: 20 }, (_, n) => `job-${n}`);
  const names = { service_name: 'billing', job_name: 'Invoices' };
  const registered = await Promise.all(
    ids.map((scheduler_id) => call(`${before}/register`, 'POST', { scheduler_id, ...names }, headers)),
  );
  expect(registered.map(({ status }) => status)).toEqual(ids.map(() => 201));
  const reported = await Promise.all(
    ids.map((scheduler_id) => {
      const report = { scheduler_id, ...names, status: 'running', timestamp: '2026-01-05T17:30:00Z' };
      return call(`${before}/${scheduler_id}/status`, 'PUT', report, headers);
    }),
  );
  first.program.kill('SIGKILL');
  await first.program.ended;
  if (enginesToo) kill(first.engines().pid);
  expect(reported.map(({ status }) => status)).toEqual(ids.map(() => 200));

  const second = start(dataDir, env);
  const again = `${urlOf(await welcome(second.program))}/api/v1/schedulers`;
  await until('all statuses are there', async () => {
    const { json } = await call(again, 'GET', undefined, headers);
    expect(json).toHaveLength(20);
    expect(json).toEqual(ids.map(() => expect.objectContaining({ status: 'running' })));
    return true;
  });
  expect(await terminate(second.program)).toMatchObject({ code: 0 });
});

type Started = {
  readonly program: Program;
  readonly engines: () => RunningEngines;
};

/** `ronda start` on embedded engines that keep their data in a directory. */
function start(dataDir: string, env: Readonly<Record<string, string>> = {}): Started {
  const program = startProgram(['start'], { RONDA_DATA_DIR: dataDir, PORT: '0', ...env });
  const engines = () => {
    const running = readRunning(dataDir);
    if (running === undefined) throw new Error('no engines are named');
    return running;
  };
  after(async () => {
    program.kill('SIGKILL');
    await program.ended;
    const running = readRunning(dataDir);
    if (running !== undefined) kill(running.pid);
  });
  return { program, engines };
}

/** What it prints once it runs. */
function welcome(program: Program): Promise<string> {
  return until(
    'it says that it runs',
    () => {
      if (program.stderr().includes('ronda watches') && program.stdout().endsWith('\n'))
        return program.stdout();
      throw new Error(`so far it said: ${program.stderr()}`);
    },
    { timeoutMs: 60_000 },
  );
}

function urlOf(shown: string): string {
  return /Health {4}(?<url>\S+)\/health/.exec(shown)?.groups?.['url'] ?? '';
}
