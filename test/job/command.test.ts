import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { runCommand } from '../../src/job/command.ts';
import { cleanUp } from '../localstack/fixtures.ts';
import { bootstrapKey, createBackend, startIngress } from '../support/harness.ts';
import { examplesIn } from '../operator/test-cli.ts';
import { testHost } from './host.ts';

const after = cleanUp();

async function open(env: Readonly<Record<string, string>> = {}) {
  const backend = await createBackend();
  after(backend.close);
  const ingress = await startIngress(backend);
  after(ingress.stop);
  const folder = await mkdtemp(join(tmpdir(), 'ronda-'));
  after(() => rm(folder, { recursive: true, force: true }));
  const settings = { RONDA_URL: ingress.url, RONDA_API_KEY: bootstrapKey, RONDA_SPOOL_DIR: folder, ...env };
  return {
    ingress,
    ronda: async ([, ...words]: readonly string[]) => {
      const tested = testHost();
      const code = await runCommand(words, settings, tested.host);
      return { code, ...tested };
    },
  };
}

test('ronda run --help fits a screen, and its examples run', async () => {
  const { ronda } = await open();
  const { code, out: help } = await ronda(['run', '--help']);
  expect(code).toBe(0);
  const lines = help().trimEnd().split('\n');
  expect(lines.length).toBeLessThanOrEqual(24);
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
  const examples = examplesIn(help());
  expect(examples).toHaveLength(3);
  for (const argv of examples) {
    const { code: ended, err } = await ronda(argv);
    expect({ argv, ended, err: err().replace(/^tar: .*\n/gm, '') }).toEqual({ argv, ended: 0, err: '' });
  }
});

test('an unknown ID is registered under the names given; a known one keeps what was registered', async () => {
  const { ronda, ingress } = await open();
  const known = {
    scheduler_id: 'known',
    service_name: 'pay',
    job_name: 'Payroll',
    owner_email: 'a@b.example',
  };
  await ingress.call('POST', '/schedulers/register', known);
  await ronda(['run', 'known', '--service', 'other', '--', 'true']);
  await ronda(['run', 'new:one', '--heartbeat', '10m', '--', 'true']);
  expect((await ingress.call('GET', '/schedulers/known')).json).toMatchObject(known);
  expect((await ingress.call('GET', '/schedulers/new:one')).json).toMatchObject({
    service_name: 'new',
    job_name: 'one',
    heartbeat_timeout_minutes: 30,
  });
});

test('with --no-register an unknown ID stays unknown, and the job runs all the same', async () => {
  const { ronda, ingress } = await open();
  const { code, out, err } = await ronda(['run', 'x', '--no-register', '--', 'printf', '%s', '--help']);
  expect({ code, out: out() }).toEqual({ code: 0, out: '--help' });
  expect(err()).toContain('does not know this ID, and --no-register forbids to register it');
  expect((await ingress.call('GET', '/schedulers/x')).status).toBe(404);
});

test('a job’s own settings, like a LOG_LEVEL that is none of Ronda’s, keep nothing from running', async () => {
  const { ronda } = await open({ LOG_LEVEL: 'TRACE', PORT: 'tcp://10.0.0.1:80' });
  expect((await ronda(['run', 'x', '--', 'sh', '-c', 'exit 5'])).code).toBe(5);
});

test.each([
  [['run', '--', 'sh', '-c', 'exit 3'], 'Which job is it?'],
  [['run', 'x', '--'], 'There is no command to run'],
  [['run', 'x', 'true'], 'The command stands behind --'],
  [['run', 'x', '--heartbeat', 'soon', '--', 'true'], '--heartbeat: must be from 5s to 1h'],
  [['run', 'x', '--loud', '--', 'true'], "unknown option '--loud'"],
])('%j is bad usage: nothing runs', async (argv, message) => {
  const { ronda } = await open();
  const { code, out, err } = await ronda(argv);
  expect({ code, out: out() }).toEqual({ code: 125, out: '' });
  expect(err()).toContain(message);
});

test('a job that a signal ended ends this process alike', async () => {
  const { ronda } = await open();
  const { code, endedBy } = await ronda(['run', 'x', '--', 'sh', '-c', 'kill -TERM $$']);
  expect([code, endedBy()]).toEqual([143, 'SIGTERM']);
});
