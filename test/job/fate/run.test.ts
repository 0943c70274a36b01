import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { z } from 'zod';
import { bootstrapKey } from '../../support/harness.ts';
import { openRonda } from '../../support/open.ts';
import { startProxy, type Proxy } from '../../support/proxy.ts';
import { until } from '../../support/until.ts';
import { startProgram } from '../../process/program.ts';
import { undone } from '../../support/undo.ts';

/** Starting real processes takes as long as the machine's other work lets it. */
jest.setTimeout(120_000);

const cli = fileURLToPath(new URL('../../../src/cli.ts', import.meta.url));
const undo = undone(afterEach);
const { ingress } = await openRonda();
let folder = '';
let env: Record<string, string> = {};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ronda-'));
  undo.push(() => rm(folder, { recursive: true, force: true }));
  env = { RONDA_URL: ingress.url, RONDA_API_KEY: bootstrapKey, RONDA_SPOOL_DIR: join(folder, 'spool') };
});
const entry = z.object({
  status: z.string(),
  timestamp: z.string(),
  execution_time_ms: z.number().nullable(),
  error_message: z.string().nullable(),
  metadata: z.record(z.string(), z.unknown()),
});

/**
 * What was reported of a job, oldest first, once it is so many statuses. Its `pending` stands for the registration,
 * which comes after the beginning of a first run.
 */
async function historyOf(id: string, count: number): Promise<z.infer<typeof entry>[]> {
  return await until(`${id} has ${count} entries`, async () => {
    const { json } = await ingress.call('GET', `/schedulers/${id}/history`);
    const entries = z
      .array(entry)
      .parse(json)
      .filter(({ status }) => status !== 'pending');
    return entries.length === count && entries.reverse();
  });
}

async function spooled(): Promise<string[]> {
  const names = await readdir(join(folder, 'spool'), { recursive: true });
  return names.filter((name) => name.endsWith('.json'));
}

async function runJob(id: string, command: readonly string[], options: readonly string[] = []) {
  const program = startProgram(['run', id, ...options, '--', ...command], env);
  const ending = await program.ended;
  return { ...ending, stdout: program.stdout(), stderr: program.stderr() };
}

test('sh -c "exit 3": output and exit code are the job’s, and Ronda knows how and why it failed', async () => {
  const script = 'echo begun; echo disk full >&2; exit 3';
  expect(await runJob('billing:close', ['sh', '-c', script])).toEqual({
    code: 3,
    signal: null,
    stdout: 'begun\n',
    stderr: 'disk full\n',
  });
  const [running, failed] = await historyOf('billing:close', 2);
  expect(running).toMatchObject({ status: 'running', error_message: null });
  expect(failed?.metadata).toEqual({
    runner: 'ronda run',
    host: expect.any(String),
    command: 'sh',
    exit_code: 3,
  });
  expect(failed?.error_message?.split('\n').toSorted()).toEqual(['begun', 'disk full', 'exit code 3']);
  expect(failed?.execution_time_ms).toBe(
    Date.parse(failed?.timestamp ?? '') - Date.parse(running?.timestamp ?? ''),
  );
  expect((await ingress.call('GET', '/schedulers/billing:close')).json).toMatchObject({
    service_name: 'billing',
    job_name: 'close',
    status: 'failed',
  });
});

test('a job that goes well is completed, and nothing is said', async () => {
  expect(await runJob('well', ['true'])).toEqual({ code: 0, signal: null, stdout: '', stderr: '' });
  const [running, completed] = await historyOf('well', 2);
  expect([running?.status, completed?.status]).toEqual(['running', 'completed']);
  expect(completed?.error_message).toBeNull();
});

test('sleep 100, killed by SIGTERM to ronda run: both end by it, and Ronda knows', async () => {
  const program = startProgram(['run', 'sleeper', '--', 'sleep', '100'], env);
  await until('it runs', async () => (await historyOf('sleeper', 1)).length === 1, { timeoutMs: 60_000 });
  program.kill('SIGTERM');
  expect(await program.ended).toEqual({ code: null, signal: 'SIGTERM' });
  const [, failed] = await historyOf('sleeper', 2);
  expect(failed).toMatchObject({
    status: 'failed',
    error_message: 'killed by SIGTERM',
    metadata: { signal: 'SIGTERM' },
  });
});

test.each(['TERM', 'INT', 'HUP', 'QUIT', 'USR1', 'USR2'] as const)(
  'SIG%s reaches the job, which decides what becomes of it',
  async (name) => {
    const script = `trap 'echo got; exit 9' ${name}; echo ready; while :; do sleep 0.05; done`;
    const program = startProgram(['run', `trap-${name}`, '--', 'sh', '-c', script], env);
    await until('it is ready', () => program.stdout() === 'ready\n', { timeoutMs: 60_000 });
    program.kill(`SIG${name}`);
    expect(await program.ended).toEqual({ code: 9, signal: null });
    expect(program.stdout()).toBe('ready\ngot\n');
    expect(program.stderr()).toBe('');
  },
);

test('a job that was killed ends ronda run by the same signal; of one that dumps memory it shows the code', async () => {
  expect(await runJob('killed', ['sh', '-c', 'kill -KILL $$'])).toMatchObject({
    code: null,
    signal: 'SIGKILL',
  });
  expect(await runJob('aborted', ['sh', '-c', 'kill -ABRT $$'])).toMatchObject({ code: 134, signal: null });
});

test('a command that does not exist, or cannot be run: 127 and 126, one line, and a failure', async () => {
  expect(await runJob('lost', ['no-such-command'])).toEqual({
    code: 127,
    signal: null,
    stdout: '',
    stderr: 'ronda: no-such-command: command not found\n',
  });
  const plain = join(folder, 'plain');
  await writeFile(plain, 'text', { mode: 0o600 });
  expect(await runJob('plain', [plain])).toMatchObject({
    code: 126,
    stderr: `ronda: ${plain} cannot be run: permission denied\n`,
  });
  const script = join(folder, 'script');
  await writeFile(script, '#!/no/such/interpreter\n');
  await chmod(script, 0o700);
  expect(await runJob('script', [script])).toMatchObject({
    code: 126,
    stderr: `ronda: ${script} cannot be run: the interpreter it names is not there\n`,
  });
  expect(await runJob('empty', [''])).toMatchObject({ code: 127 });
  const [failed] = await historyOf('lost', 1);
  expect(failed).toMatchObject({
    status: 'failed',
    error_message: 'no-such-command: command not found',
    execution_time_ms: null,
    metadata: { exit_code: 127, command: 'no-such-command' },
  });
});

test('100 MB of output, and 100 MB more, pass unchanged in flat memory', async () => {
  const peak = "sed -n 's/^VmHWM:[^0-9]*\\([0-9]*\\).*/\\1/p' /proc/$PPID/status >&2";
  const hundred = "yes 'a line of output' | head -c 100000000";
  const script = `${hundred}; ${peak}; ${hundred}; ${peak}; exit 3`;
  const child = spawn(process.execPath, [cli, 'run', 'loud', '--', 'sh', '-c', script], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], ...env },
  });
  const hash = createHash('sha256');
  let bytes = 0;
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    hash.update(chunk);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  const line = 'a line of output\n';
  const part = line.repeat(Math.ceil(100_000_000 / line.length)).slice(0, 100_000_000);
  const expected = createHash('sha256').update(part).update(part).digest('hex');
  expect({ code, bytes, hash: hash.digest('hex') }).toEqual({ code: 3, bytes: 200_000_000, hash: expected });
  const [before = 0, afterwards = Infinity] = stderr.trim().split('\n').map(Number);
  // In KiB. The first 100 MB fill what the garbage collector leaves to itself; the next must not add to it.
  expect(afterwards - before).toBeLessThan(50_000);
  const [, failed] = await historyOf('loud', 2);
  expect(failed?.error_message?.length).toBeGreaterThan(7_900);
  expect(failed?.error_message?.length).toBeLessThanOrEqual(8_000);
});

async function proxied(): Promise<Proxy> {
  const proxy = await startProxy(ingress.url);
  undo.push(proxy.stop);
  env = { ...env, RONDA_URL: proxy.url };
  return proxy;
}

test('Ronda unreachable: the job runs, its reports are kept for this user alone, and the next run sends them', async () => {
  const proxy = await proxied();
  proxy.cut();
  const first = await runJob('away', ['sh', '-c', 'echo on; exit 4'], ['--patience', '1s']);
  expect(first).toMatchObject({ code: 4, stdout: 'on\n' });
  expect(first.stderr.trim().split('\n')).toEqual([
    expect.stringMatching(
      /^ronda: http:\S+ cannot be reached: .*\. The job runs all the same, and what it reports is sent later\.$/,
    ),
    expect.stringMatching(/^ronda: 2 reports of away kept in \S+ for the next "ronda run"\.$/),
  ]);
  const files = await spooled();
  expect(files).toHaveLength(2);
  for (const name of files) expect((await stat(join(folder, 'spool', name))).mode & 0o777).toBe(0o600);

  proxy.rebuild();
  expect(await runJob('another', ['true'])).toMatchObject({ code: 0, stderr: '' });
  expect(await spooled()).toEqual([]);
  const [running, failed] = await historyOf('away', 2);
  expect([running?.status, failed?.status]).toEqual(['running', 'failed']);
  expect(failed?.error_message).toBe('exit code 4\non');
  await historyOf('another', 2);
});

test('Ronda back while the job runs: it gets every report in order, nothing is kept', async () => {
  const proxy = await proxied();
  proxy.cut();
  const program = startProgram(['run', 'patient', '--', 'sh', '-c', 'read go'], env);
  await until('it was tried', () => proxy.refused() > 1, { timeoutMs: 60_000 });
  proxy.rebuild();
  expect(await program.ended).toEqual({ code: 1, signal: null });
  const [running, failed] = await historyOf('patient', 2);
  expect([running?.status, failed?.status]).toEqual(['running', 'failed']);
  expect(await readdir(folder)).toEqual([]);
});

test('a Ronda that hangs holds the job’s end up for no longer than --patience', async () => {
  const proxy = await proxied();
  proxy.hang();
  const { code, stderr } = await runJob('hung', ['sh', '-c', 'exit 6'], ['--patience', '1s']);
  expect(code).toBe(6);
  expect(stderr).toContain('ronda: 2 reports of hung kept in ');
  proxy.rebuild();
});

test('a wrong key: the job runs, what to do is said once, and the right key sends what was kept', async () => {
  env = { ...env, RONDA_API_KEY: 'not-a-key-that-ronda-knows' };
  const { code, stdout, stderr } = await runJob('keyless', ['echo', 'done']);
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'done\n' });
  expect(stderr.trim().split('\n')).toEqual([
    `ronda: ${ingress.url} answers 401: Invalid API key. Set RONDA_API_KEY to a key it accepts; ` +
      '"ronda keys create" makes one with scope ingest. The job runs all the same.',
    expect.stringMatching(/^ronda: 2 reports of keyless kept in /),
  ]);
  expect(stderr).not.toContain('not-a-key');
  env = { ...env, RONDA_API_KEY: bootstrapKey };
  await runJob('keyed', ['true']);
  const [, completed] = await historyOf('keyless', 2);
  expect(completed?.status).toBe('completed');
});

test('bad usage starts nothing', async () => {
  const file = join(folder, 'made');
  for (const argv of [
    ['run', '--', 'touch', file],
    ['run', 'x', 'touch', file],
    ['run', 'x', '--heartbeat', '1s', '--', 'touch', file],
  ]) {
    const program = startProgram(argv, env);
    expect(await program.ended).toEqual({ code: 125, signal: null });
    expect(program.stderr()).toMatch(/^ronda: .+\n$/);
  }
  expect(await readdir(folder)).toEqual([]);
});

/** Runs a shell's command around `ronda run`, as `"$RONDA" run`. */
async function shell(script: string) {
  const ronda = `'${process.execPath}' '${cli}'`;
  const child = spawn('bash', ['-c', script.replaceAll('RONDA', ronda)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], ...env },
  });
  const text = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (more: string) => {
    text.out += more;
  });
  child.stderr.setEncoding('utf8').on('data', (more: string) => {
    text.err += more;
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  return { code, ...text };
}

test('with --no-capture the job has the outputs themselves, and its report only the exit code', async () => {
  expect(await shell(`RONDA run bare --no-capture -- sh -c 'echo out; exit 8'`)).toEqual({
    code: 8,
    out: 'out\n',
    err: '',
  });
  const [, failed] = await historyOf('bare', 2);
  expect(failed?.error_message).toBe('exit code 8');
});
