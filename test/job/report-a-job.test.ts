import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { createClock } from '../../src/clock.ts';
import { cleanUp } from '../localstack/fixtures.ts';
import { startStandIn } from '../simulate/server.ts';
import { bootstrapKey } from '../support/harness.ts';
import { openRonda } from '../support/open.ts';
import { startProxy } from '../support/proxy.ts';
import { until } from '../support/until.ts';
import { shell } from './fate/wrapped.ts';

/** examples/report-a-job.sh, which people copy. */
const script = fileURLToPath(new URL('../../examples/report-a-job.sh', import.meta.url));
const after = cleanUp();

async function open(url: string): Promise<{ env: Record<string, string>; folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'ronda-'));
  after(() => rm(folder, { recursive: true, force: true }));
  const env = {
    PATH: process.env['PATH'] ?? '',
    RONDA_URL: url,
    RONDA_API_KEY: bootstrapKey,
    TMPDIR: folder,
  };
  return { env, folder };
}

const history = z.array(z.object({ status: z.string(), error_message: z.string().nullable() }));

test('a job is registered, runs, and is reported of; its exit code is the script’s, and it has no key', async () => {
  const { ingress } = await openRonda();
  const { env, folder } = await open(ingress.url);
  const job = `sh -c 'echo "key:$RONDA_API_KEY"; exit 3'`;
  const { code, out, err } = await shell(`${script} ledger:close ledger 'Close day' ${job}`, '', env).ended;
  expect({ code, out, err }).toEqual({ code: 3, out: 'key:\n', err: '' });
  const reported = await until('both are told', async () => {
    const { json } = await ingress.call('GET', '/schedulers/ledger:close/history');
    const entries = history.parse(json).filter(({ status }) => status !== 'pending');
    return entries.length === 2 && entries;
  });
  // Of one second, hence in no order; what counts is what is true in the end.
  expect(reported.toSorted((a, b) => a.status.localeCompare(b.status))).toEqual([
    { status: 'failed', error_message: 'exit code 3' },
    { status: 'running', error_message: null },
  ]);
  expect((await ingress.call('GET', '/schedulers/ledger:close')).json).toMatchObject({ status: 'failed' });
  expect(await readdir(folder)).toEqual([]);
});

test('who is registered keeps the owner', async () => {
  const { ingress } = await openRonda();
  const { env } = await open(ingress.url);
  const known = {
    scheduler_id: 'known',
    service_name: 'pay',
    job_name: 'Payroll',
    owner_email: 'a@b.example',
  };
  await ingress.call('POST', '/schedulers/register', known);
  await shell(`${script} known other Other true`, '', env).ended;
  expect((await ingress.call('GET', '/schedulers/known')).json).toMatchObject(known);
});

test('what fails is tried again', async () => {
  const server = await startStandIn((_request, n) => ({
    status: n <= 2 ? 503 : 200,
    body: { message: 'no' },
  }));
  after(server.stop);
  const { env } = await open(server.url);
  const { code, err } = await shell(`${script} x s j sleep 3`, '', env).ended;
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const statuses = server.seen.map(({ body }) => body.status);
  expect(statuses).toEqual(['running', 'running', 'running', 'completed']);
  expect(server.seen[2]?.body).toEqual(server.seen[0]?.body);
});

test('a server that says nothing costs the job at most 5 s', async () => {
  const server = await startStandIn(() => ({ status: 200 }));
  after(server.stop);
  const proxy = await startProxy(server.url);
  after(proxy.stop);
  proxy.hang();
  const { env } = await open(proxy.url);
  const clock = createClock();
  const took = async (line: string): Promise<number> => {
    const began = clock.monotonic();
    const { code } = await shell(line, '', env).ended;
    expect(code).toBe(6);
    return clock.monotonic() - began;
  };
  const bare = await took(`sh -c 'sleep 1; exit 6'`);
  expect((await took(`${script} x s j sh -c 'sleep 1; exit 6'`)) - bare).toBeLessThan(5_000);
});

test('killed, the script leaves nothing behind that outlives its job or holds an output', async () => {
  const server = await startStandIn(() => ({ status: 200 }));
  after(server.stop);
  const { env, folder } = await open(server.url);
  const running = shell(`exec ${script} x s j sh -c 'echo $$; exec sleep 600 >&- 2>&-'`, '', env);
  const job = await until('the job runs', () => Number(running.out()) || undefined);
  const beats = async (): Promise<string[]> => await pidsOf(script);
  expect((await beats()).length).toBeGreaterThanOrEqual(2);
  running.kill('SIGKILL');
  expect((await running.ended).signal).toBe('SIGKILL');
  expect((await beats()).length).toBeGreaterThanOrEqual(1);
  process.kill(job, 'SIGKILL');
  await until('the beats have ended', async () => (await beats()).length === 0);
  expect(await readdir(folder)).toEqual([]);
});

/** The processes that run a script with this id. */
async function pidsOf(path: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (line.split('\0')[1] === path) found.push(pid);
  }
  return found;
}
