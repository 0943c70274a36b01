import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { keptSqs } from '../../support/harness.ts';
import { depth } from '../../support/queues.ts';
import { onTestEngines, run } from '../../process/program.ts';
import { bury, openBackends } from './dead-letters.ts';

const { backendOf } = openBackends();

function onKeptQueues(prefix: string): Record<string, string> {
  return { ...onTestEngines(prefix), AWS_ENDPOINT_URL_SQS: keptSqs() };
}

test('a script learns from exit code and standard output what there is, and keeps what it discards', async () => {
  const backend = await backendOf();
  const env = onKeptQueues(backend.prefix);
  expect(await run(['dlq', 'list'], env)).toMatchObject({ code: 0 });
  for (let n = 0; n < 12; n += 1) await bury(backend, `{"n":${n}}`, { id: `m-${n}` });
  const listed = await run(['dlq', 'list', '--json'], env);
  expect(listed.code).toBe(1);
  expect(listed.stdout.trim().split('\n')).toHaveLength(12);
  const discarded = await run(['dlq', 'discard', '--yes'], env);
  expect(discarded).toMatchObject({ code: 0, stderr: '12 messages of events discarded.\n' });
  expect(discarded.stdout.trim().split('\n')).toHaveLength(12);
  expect(await depth(backend.sqs.send, backend.queues.events.deadLetterUrl)).toEqual({
    waiting: 0,
    inHand: 0,
  });
});

test('a queue that cannot be reached is said in one line, with exit code 2', async () => {
  const env = { ...onTestEngines('nowhere-'), AWS_ENDPOINT_URL_SQS: 'http://127.0.0.1:1' };
  const { code, stdout, stderr } = await run(['dlq', 'redrive', '--json'], env);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^ronda: .*ECONNREFUSED.*\n$/);
});

test('a reader that has gone away costs no letter: what could not be printed is not discarded', async () => {
  const backend = await backendOf();
  for (let n = 0; n < 12; n += 1) await bury(backend, `{"n":${n}}`);
  const cli = fileURLToPath(new URL('../../../src/cli.ts', import.meta.url));
  const child = spawn(process.execPath, [cli, 'dlq', 'discard', '--yes'], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { PATH: process.env['PATH'], ...onKeptQueues(backend.prefix) },
  });
  child.stdout.destroy();
  const code = await new Promise((resolve) => child.once('close', resolve));
  expect(code).not.toBe(0);
  const { waiting, inHand } = await depth(backend.sqs.send, backend.queues.events.deadLetterUrl);
  expect(waiting + inHand).toBe(12);
});
