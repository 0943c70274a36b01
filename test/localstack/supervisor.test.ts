import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { CreateQueueCommand, GetQueueUrlCommand } from '@aws-sdk/client-sqs';
import { expect, test } from '@jest/globals';
import { answers, endpoints, isAlive, readRunning, type Endpoints } from '../../localstack/endpoints.ts';
import { enginesCommand, startChild } from '../../localstack/engines-child.ts';
import { keepEngines } from '../../localstack/supervisor.ts';
import { silent } from '../../src/log.ts';
import { until } from '../support/until.ts';
import { cleanUp, clientsOf, kill, newDataDir } from './fixtures.ts';

const after = cleanUp();

test('running engines are joined, and outlive the one who joined them', async () => {
  const dataDir = await newDataDir(after);
  const running = await startChild({ dataDir });
  after(running.stop);
  const kept = await keepEngines({ dataDir, log: silent });
  expect(endpoints.parse(kept)).toEqual(running.at);
  expect(readRunning(dataDir)?.pid).toBe(running.pid);
  await kept.stop();
  expect(await answers(running.at, 5_000)).toBe(true);
});

test('engines started here end when told to stop', async () => {
  const dataDir = await newDataDir(after);
  const kept = await keepEngines({ dataDir, log: silent });
  const pid = pidOf(dataDir);
  await kept.stop();
  expect(isAlive(pid)).toBe(false);
});

test('engines that die come back at the same endpoints with their data, and callers are told', async () => {
  const dataDir = await newDataDir(after);
  const kept = await keepEngines({ dataDir, log: silent });
  after(kept.stop);
  const { sqs } = clientsOf(kept, after);
  await sqs.send(new CreateQueueCommand({ QueueName: 'events' }));
  for (let restarts = 1; restarts <= 2; restarts += 1) {
    const pid = pidOf(dataDir);
    const ended = new Promise<boolean>((resolve) => {
      kept.onRestart(async () => {
        resolve(await answers(kept, 5_000));
      });
    });
    kill(pid);
    expect(await ended).toBe(true);
    expect(pidOf(dataDir)).not.toBe(pid);
  }
  const { QueueUrl } = await clientsOf(kept, after).sqs.send(new GetQueueUrlCommand({ QueueName: 'events' }));
  expect(QueueUrl).toMatch(/\/events$/);
});

test('nothing is started any more once told to stop, even in the middle of a restart', async () => {
  const dataDir = await newDataDir(after);
  const kept = await keepEngines({ dataDir, log: silent });
  const restarting = new Promise<void>((resolve) => {
    kept.onRestart(() => {
      resolve();
      return new Promise(() => undefined);
    });
  });
  kill(pidOf(dataDir));
  await restarting;
  const pid = pidOf(dataDir);
  await kept.stop();
  expect(isAlive(pid)).toBe(false);
  expect(pidOf(dataDir)).toBe(pid);
});

test('engines in memory come back at the same endpoints too, empty', async () => {
  // Nothing names the process of engines in memory: this one says itself who it is.
  const pidFile = join(dirname(await newDataDir(after)), 'pid');
  const writePid = `require('node:fs').writeFileSync(${JSON.stringify(pidFile)}, String(process.pid))`;
  await writeFile(`${pidFile}.cjs`, writePid);
  const command = ['--require', `${pidFile}.cjs`, ...enginesCommand];
  const kept = await keepEngines({ dataDir: ':memory:', log: silent, command });
  after(kept.stop);
  const { sqs } = clientsOf(kept, after);
  await sqs.send(new CreateQueueCommand({ QueueName: 'events' }));
  const told = new Promise<void>((resolve) => {
    kept.onRestart(() => {
      resolve();
      return Promise.resolve();
    });
  });
  kill(Number(await readFile(pidFile, 'utf8')));
  await told;
  const lost = clientsOf(kept, after).sqs.send(new GetQueueUrlCommand({ QueueName: 'events' }));
  await expect(lost).rejects.toThrow(/does not exist/);
});

test('a callback that fails is called again, and the engines are not started twice', async () => {
  const dataDir = await newDataDir(after);
  const kept = await keepEngines({ dataDir, log: silent });
  after(kept.stop);
  const pids: number[] = [];
  const told = new Promise<void>((resolve) => {
    kept.onRestart(() => {
      pids.push(pidOf(dataDir));
      if (pids.length < 3) return Promise.reject(new Error('not provisioned yet'));
      resolve();
      return Promise.resolve();
    });
  });
  kill(pidOf(dataDir));
  await told;
  const [pid] = pids;
  expect(pids).toEqual([pid, pid, pid]);
});

test('joined engines that die are started here, and then end here', async () => {
  const dataDir = await newDataDir(after);
  const running = await startChild({ dataDir });
  const kept = await keepEngines({ dataDir, log: silent });
  after(kept.stop);
  kill(running.pid);
  await until('other engines answer at the same endpoints', async () => {
    return pidOf(dataDir) !== running.pid && (await answers(running.at, 1_000));
  });
  const pid = pidOf(dataDir);
  await kept.stop();
  expect(isAlive(pid)).toBe(false);
});

test('two programs that start at once on one data directory share its engines', async () => {
  const dataDir = await newDataDir(after);
  const [one, other] = await Promise.all([
    keepEngines({ dataDir, log: silent }),
    keepEngines({ dataDir, log: silent }),
  ]);
  after(one.stop);
  after(other.stop);
  expect(other.sqs).toBe(one.sqs);
  expect(other.dynamodb).toBe(one.dynamodb);
});

test('engines outlive a program that is killed, the next one joins them, and they end with their data', async () => {
  const dataDir = await newDataDir(after);
  const program = await startProgram(dataDir);
  const pid = pidOf(dataDir);
  after(() => {
    kill(pid);
  });
  await program.kill();
  expect(await answers(program.at, 5_000)).toBe(true);
  const kept = await keepEngines({ dataDir, log: silent });
  await kept.stop();
  expect(kept.sqs).toBe(program.at.sqs);
  expect(isAlive(pid)).toBe(true);
  await rm(dataDir, { recursive: true });
  await until('the engines are gone', () => !isAlive(pid));
});

test('engines in memory end with a program that is killed', async () => {
  const program = await startProgram(':memory:');
  await program.kill();
  await until('the engines are gone', async () => !(await answers(program.at, 1_000)));
});

test('a program whose engines cannot start is told what they said', async () => {
  const command = ['--eval', 'console.error("no room left"); process.exitCode = 7', '--'];
  const failed = keepEngines({ dataDir: await newDataDir(after), log: silent, command });
  await expect(failed).rejects.toThrow('embedded engines: ended with exit code 7, saying: no room left');
});

function pidOf(dataDir: string): number {
  const running = readRunning(dataDir);
  if (running === undefined) throw new Error(`no engines are named in ${dataDir}`);
  return running.pid;
}

type Program = { readonly at: Endpoints; readonly kill: () => Promise<void> };

/** A program of its own that keeps engines, until the test kills it. */
async function startProgram(dataDir: string): Promise<Program> {
  const path = fileURLToPath(new URL('keep-engines.ts', import.meta.url));
  const program = spawn(process.execPath, [path, dataDir], { stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = once(program, 'exit');
  after(() => program.kill('SIGKILL'));
  const line = await new Promise<string>((resolve) => {
    createInterface(program.stdout).once('line', resolve);
  });
  return {
    at: endpoints.parse(JSON.parse(line)),
    kill: async () => {
      program.kill('SIGKILL');
      await ended;
    },
  };
}
