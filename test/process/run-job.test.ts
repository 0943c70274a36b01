import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { z } from 'zod';
import {
  bootstrapKey,
  createBackend,
  startIngress,
  startTestConsumer,
  type TestBackend,
  type TestIngress,
} from '../support/harness.ts';
import { until } from '../support/until.ts';
import { run, startProgram } from './program.ts';

/** `ronda run` as a sysadmin meets it: real processes, a real ingress, and what then stands in the history. */
jest.setTimeout(120_000);

let backend: TestBackend;
let ingress: TestIngress;
let consumer: { readonly stop: () => Promise<void> };
const spool = mkdtempSync(join(tmpdir(), 'ronda-spool-'));

beforeAll(async () => {
  backend = await createBackend();
  ingress = await startIngress(backend);
  consumer = startTestConsumer(backend);
});
afterAll(async () => {
  await consumer.stop();
  await ingress.stop();
  backend.close();
  rmSync(spool, { recursive: true });
});

const settings = () => ({
  RONDA_URL: ingress.url,
  RONDA_API_KEY: bootstrapKey,
  RONDA_SPOOL_DIR: spool,
});

/** Runs `ronda run ID … -- COMMAND` to its end. */
function job(id: string, words: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return run(['run', id, ...words], { ...settings(), ...env });
}

const entries = z.array(
  z.looseObject({
    status: z.string(),
    error_message: z.string().nullable(),
    execution_time_ms: z.number().nullable(),
    metadata: z.record(z.string(), z.unknown()).nullable(),
  }),
);

/** What Ronda knows of a job once it has ended, oldest first; without the `pending` of its registration. */
async function historyOf(id: string) {
  return await until(
    `the end of ${id} is known`,
    async () => {
      const answer = await ingress.call('GET', `/schedulers/${id}/history`);
      const all = answer.status === 200 ? entries.parse(answer.json) : [];
      const known = all.filter(({ status }) => status !== 'pending').reverse();
      return /completed|failed/.test(known.at(-1)?.status ?? '') ? known : undefined;
    },
    { timeoutMs: 30_000 },
  );
}

describe('a job', () => {
  test('that fails: output and exit code pass through, and its end is reported with what it said last', async () => {
    const script = 'echo to out; echo to err >&2; exit 3';
    const ended = await job('t:fails', ['--', 'sh', '-c', script]);
    expect(ended).toEqual({ code: 3, stdout: 'to out\n', stderr: 'to err\n' });
    const [running, failed, ...more] = await historyOf('t:fails');
    expect([running?.status, failed?.status, more]).toEqual(['running', 'failed', []]);
    expect(failed?.error_message).toMatch(/^exit code 3\n/);
    expect(failed?.error_message).toContain('to out');
    expect(failed?.error_message).toContain('to err');
    expect(failed?.execution_time_ms).toEqual(expect.any(Number));
    expect(failed?.metadata).toMatchObject({ exit_code: 3, command: 'sh' });
    expect(JSON.stringify(failed)).not.toContain('echo to');
  });

  test('that SIGTERM ends: the signal reaches it, and both end by it', async () => {
    const program = startProgram(['run', 't:killed', '--', 'sleep', '100'], settings());
    await until('it runs', async () => {
      const { status, json } = await ingress.call('GET', '/schedulers/t:killed');
      return status === 200 && JSON.stringify(json).includes('"running"');
    });
    program.kill('SIGTERM');
    expect(await program.ended).toEqual({ code: null, signal: 'SIGTERM' });
    expect((await historyOf('t:killed')).at(-1)).toMatchObject({
      status: 'failed',
      error_message: 'killed by SIGTERM',
      metadata: { signal: 'SIGTERM' },
    });
  });

  test('that does not exist ends with 127, as in a shell, and is reported as failed', async () => {
    const { code, stderr } = await job('t:missing', ['--', 'no-such-command-at-all', 'secret']);
    expect([code, stderr]).toEqual([127, 'ronda: no-such-command-at-all: command not found\n']);
    expect(await historyOf('t:missing')).toMatchObject([
      { status: 'failed', error_message: expect.stringContaining('command not found') },
    ]);
  });

  test('that writes 100 MB: all of it comes through', async () => {
    const script = `node src/cli.ts run t:loud -- sh -c 'head -c 100000000 /dev/zero | tr "\\0" x' | wc -c`;
    const { code, stdout } = await run(['run', 't:counts', '--', 'sh', '-c', script], {
      ...settings(),
      PATH: process.env['PATH'] ?? '',
    });
    expect([code, stdout.trim()]).toEqual([0, '100000000']);
    expect((await historyOf('t:loud')).at(-1)?.status).toBe('completed');
  });
});

describe('Ronda’s trouble is not the job’s', () => {
  test('away: the job runs, one line says so, and its reports are kept', async () => {
    const away = { RONDA_URL: 'http://127.0.0.1:9', RONDA_SPOOL_DIR: join(spool, 'away') };
    const ended = await job('t:away', ['--patience', '1s', '--', 'sh', '-c', 'echo done; exit 4'], away);
    expect([ended.code, ended.stdout]).toEqual([4, 'done\n']);
    expect(ended.stderr).toMatch(/^ronda: http:\/\/127\.0\.0\.1:9 cannot be reached: /);
    expect(ended.stderr).toContain('kept in');
    expect(readdirSync(join(spool, 'away'))).toHaveLength(1);
  });

  test('a wrong key: one line that says what to do, and the next run with a right one sends what was kept', async () => {
    const wrong = { RONDA_API_KEY: 'ronda_wrong' };
    const ended = await job('t:key', ['--patience', '1s', '--', 'sh', '-c', 'echo done'], wrong);
    expect([ended.code, ended.stdout]).toEqual([0, 'done\n']);
    expect(ended.stderr).toContain('answers 401: Invalid API key. Set RONDA_API_KEY to a key it accepts;');
    expect(ended.stderr).not.toContain('ronda_wrong');
    expect((await job('t:next', ['--', 'true'])).code).toBe(0);
    expect((await historyOf('t:key')).map(({ status }) => status)).toEqual(['running', 'completed']);
  });

  test.each([
    [['run'], /ID/],
    [['run', 't:none'], /command/i],
    [['run', 't:none', '--heartbeat', 'soon', '--', 'true'], /--heartbeat/],
  ])('bad usage ends with 2, and nothing is run: %j', async (words, message) => {
    const { code, stdout, stderr } = await run(words, settings());
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});
