import { connect, createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { expect, test } from '@jest/globals';
import { answers, isAlive, portOf, readRunning } from '../../localstack/endpoints.ts';
import { startChild } from '../../localstack/engines-child.ts';
import { cleanUp, newDataDir } from './fixtures.ts';

const after = cleanUp();

test('the engines answer on 127.0.0.1 and refuse on every other address of the machine', async () => {
  const { at, stop } = await startChild({ dataDir: ':memory:' });
  after(stop);
  // A server on 0.0.0.0 answers at 127.0.0.2 too, so that this can fail on a machine without a network.
  const others = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address)
    .concat('127.0.0.2');
  for (const url of [at.sqs, at.dynamodb]) {
    expect(await outcome('127.0.0.1', portOf(url))).toBe('connected');
    for (const host of others) expect(await outcome(host, portOf(url))).not.toBe('connected');
  }
});

test('a second engines process on one data directory says so in one line and leaves the first alone', async () => {
  const dataDir = await newDataDir(after);
  const first = await startChild({ dataDir });
  after(first.stop);
  const second = startChild({ dataDir });
  await expect(second).rejects.toThrow(
    `ended with exit code 2, saying: ronda: ${dataDir} is in use by other engines: stop them, or set RONDA_DATA_DIR to another directory`,
  );
  await expect(second).rejects.not.toThrow(/\n\s+at /);
  expect(await answers(first.at, 5_000)).toBe(true);
});

test('engines come back at the ports of the last run, on others only if those are taken', async () => {
  const dataDir = await newDataDir(after);
  const first = await startChild({ dataDir });
  await first.stop();
  const second = await startChild({ dataDir });
  expect(second.at).toEqual(first.at);
  await second.stop();

  const squatter = createServer().listen(portOf(first.at.sqs), '127.0.0.1');
  after(() => squatter.close());
  const third = await startChild({ dataDir });
  after(third.stop);
  expect(third.at.sqs).not.toBe(first.at.sqs);
  expect(third.at.dynamodb).toBe(first.at.dynamodb);
  expect(readRunning(dataDir)).toEqual({ ...third.at, pid: third.pid });
});

test('engines that are told a port fail when it is taken', async () => {
  const dataDir = await newDataDir(after);
  const holder = await startChild({ dataDir: ':memory:' });
  after(holder.stop);
  const failed = startChild({ dataDir, at: holder.at });
  await expect(failed).rejects.toThrow(
    /exit code 2, saying: ronda: a port of the engines is taken: .*EADDRINUSE/,
  );
});

test('a directory that cannot be made is named as the setting that is wrong', async () => {
  const failed = startChild({ dataDir: '/dev/null/data' });
  await expect(failed).rejects.toThrow('RONDA_DATA_DIR: /dev/null/data cannot be written');
});

test('SIGTERM ends the engines within the grace given, and by themselves', async () => {
  const { pid, stop, exited } = await startChild({ dataDir: await newDataDir(after) });
  await stop();
  expect(await exited).toMatch(/^ended with exit code 0/);
  expect(isAlive(pid)).toBe(false);
});

test('engines that answer nobody in time are given up and ended', async () => {
  const idle = ['--eval', 'process.stderr.write("still thinking"); setInterval(() => {}, 1000)', '--'];
  const late = startChild({ dataDir: ':memory:', command: idle, timeoutMs: 300 });
  await expect(late).rejects.toThrow(/^embedded engines: not ready after 300 ms/);
});

function outcome(host: string, port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 2_000 });
    const end = (how: string) => () => {
      socket.destroy();
      resolve(how);
    };
    socket.once('connect', end('connected')).once('timeout', end('timed out')).once('error', end('refused'));
  });
}
