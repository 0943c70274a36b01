import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from '@jest/globals';
import { createClock } from '../../src/clock.ts';
import { readRunOptions, type RunOptions } from '../../src/job/options.ts';
import { runJob } from '../../src/job/run.ts';
import { cleanUp } from '../localstack/fixtures.ts';
import { until } from '../support/until.ts';
import { startStandIn, type Reply, type Seen, type StandIn } from '../simulate/server.ts';
import { testHost } from './host.ts';

const after = cleanUp();
let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ronda-'));
  after(() => rm(folder, { recursive: true, force: true }));
});

async function standIn(answer: (request: Seen, n: number) => Reply | 'drop'): Promise<StandIn> {
  const server = await startStandIn(answer);
  after(server.stop);
  return server;
}

/** Runs a shell's command, with options that a command line could not give. */
function run(url: string, script: string, changes: Partial<RunOptions> = {}) {
  const options = readRunOptions(['a:b', '--url', url, '--key', 'k', '--', 'sh', '-c', script], {});
  const tested = testHost();
  const context = { clock: createClock(), env: { RONDA_SPOOL_DIR: folder }, host: tested.host };
  return { ...tested, ended: runJob({ ...options, ...changes }, context) };
}

const kinds = ({ seen }: StandIn): string[] => seen.map(({ body }) => body.status ?? 'heartbeat');

test('a job is reported from its beginning to its end, with heartbeats in between', async () => {
  const server = await standIn(() => ({ status: 200 }));
  const file = join(folder, 'go');
  const { ended } = run(server.url, `until [ -e '${file}' ]; do sleep 0.02; done`, { heartbeatMs: 20 });
  await until('it has lived', () => server.seen.length >= 4);
  await writeFile(file, '');
  expect(await ended).toEqual({ how: 'exited', code: 0 });
  const all = kinds(server);
  expect([all[0], all.at(-1)]).toEqual(['running', 'completed']);
  expect(new Set(all.slice(1, -1))).toEqual(new Set(['heartbeat']));
  const times = server.seen.map(({ body }) => body.timestamp);
  expect(times).toEqual(times.toSorted());
});

test('without heartbeats none are sent', async () => {
  const server = await standIn(() => ({ status: 200 }));
  await run(server.url, 'sleep 0.1', { heartbeatMs: 0 }).ended;
  expect(kinds(server)).toEqual(['running', 'completed']);
});

test('while Ronda is away the reports wait in their order, the heartbeats are left out', async () => {
  let isAway = true;
  const server = await standIn(() => (isAway ? { status: 503 } : { status: 200 }));
  const { ended, err } = run(server.url, 'sleep 0.3; exit 3', { heartbeatMs: 50 });
  await until('it was tried twice', () => server.seen.length >= 2);
  isAway = false;
  expect(await ended).toEqual({ how: 'exited', code: 3 });
  const all = kinds(server);
  expect(all.slice(0, 2)).toEqual(['running', 'running']);
  expect(all.at(-1)).toBe('failed');
  const [first, second] = server.seen;
  expect(second?.body).toEqual(first?.body);
  expect(err()).toBe(
    `ronda: ${server.url} answers 503: {}. The job runs all the same, and what it reports is sent later.\n`,
  );
});

test('a report that Ronda refuses for good is warned of and not kept', async () => {
  const server = await standIn(() => ({ status: 400, body: { message: ['service_name: no'] } }));
  const { ended, err } = run(server.url, 'true');
  await ended;
  expect(err().trim().split('\n')).toEqual([
    `ronda: ${server.url} answers 400: service_name: no; it is not told of "running".`,
    `ronda: ${server.url} answers 400: service_name: no; it is not told of "completed".`,
  ]);
});

test('a signal goes to the job once, and one that comes with its end is no order to give up', async () => {
  const server = await standIn(() => ({ status: 200 }));
  const { ended, out, signal } = run(
    server.url,
    'trap "echo got; exit 7" TERM; echo ready; while :; do sleep 0.02; done',
  );
  await until('it is ready', () => out() === 'ready\n');
  signal('SIGINT', false);
  signal('SIGTERM', true);
  expect(await ended).toEqual({ how: 'exited', code: 7 });
  expect(out()).toBe('ready\ngot\n');
  expect(kinds(server)).toEqual(['running', 'failed']);
});

test('after the job’s end a signal ends the wait, and what was not sent is kept', async () => {
  const server = await standIn(() => ({ status: 503 }));
  const { ended, err, signal } = run(server.url, 'true', { maxWaitMs: 3_600_000 });
  let isOver = false;
  const over = ended.finally(() => {
    isOver = true;
  });
  await until('it gives up', () => {
    signal('SIGTERM', false);
    return isOver;
  });
  expect(await over).toEqual({ how: 'exited', code: 0 });
  expect(err()).toContain('ronda: 2 reports of a:b kept in ');
});

test('a spool that cannot be written is warned of, and changes nothing for the job', async () => {
  const options = readRunOptions(['a:b', '--', 'sh', '-c', 'exit 4'], {});
  const { host, err } = testHost();
  const context = { clock: createClock(), env: { RONDA_SPOOL_DIR: '/dev/null/spool' }, host };
  expect(await runJob(options, context)).toEqual({ how: 'exited', code: 4 });
  expect(err()).toMatch(
    /ronda: 2 reports of a:b lost, they cannot be kept: \/dev\/null\/spool cannot be looked at: ENOTDIR/,
  );
});

test('with --json every remark is a line of JSON, and the last line sums up', async () => {
  const server = await standIn(() => ({ status: 200 }));
  const { ended, err } = run(server.url, 'exit 3', { json: true });
  await ended;
  const lines: unknown[] = err()
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
  expect(lines).toEqual([
    {
      ronda: 'run',
      scheduler_id: 'a:b',
      status: 'failed',
      execution_time_ms: expect.any(Number),
      runner: 'ronda run',
      host: 'test-host',
      command: 'sh',
      exit_code: 3,
      sent: 2,
      refused: 0,
      kept: 0,
      lost: 0,
      sent_from_spool: 0,
    },
  ]);
});
