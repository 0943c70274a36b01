import { readFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { cleanUp } from '../../localstack/fixtures.ts';
import { until } from '../../support/until.ts';
import { bothWays, byLauncher, byNode, openWorld, shell, type Shell, type World } from './wrapped.ts';

const after = cleanUp();

/** Starts a job in the place of a shell, so that the process id is the wrapper's, and waits until it has begun. */
async function started(world: World, way: string, job: string): Promise<Shell> {
  const running = shell(`exec WRAP x -- ${job}`, way, world.env);
  await until('it is ready', () => running.out().startsWith('ready\n'));
  return running;
}

const { signals } = constants;
const caught = 'HUP INT QUIT TRAP ABRT USR1 USR2 ALRM TERM URG XCPU VTALRM PROF WINCH PWR SYS'.split(' ');
const byNumber = new Map(Object.entries(signals).map(([name, number]) => [name, number]));
const numberOf = (name: string): number => byNumber.get(`SIG${name}`) ?? Number(name);

/** A job that tells of each signal, until it is asked to end. */
const listening = (names: readonly string[]): string =>
  `bash -c '${names.map((name) => `trap "echo ${name}" ${name}`).join('; ')}; echo ready; while [ ! -e "$0" ]; do sleep 0.02; done; exit 9' `;

test.each([
  ['ronda run', byNode, caught],
  ['ronda-run', byLauncher, [...caught, '34', '40', '64', 'PIPE', 'SEGV']],
])('%s hands on every signal that it can catch', async (_name, way, names) => {
  const world = await openWorld(after);
  const end = join(world.folder, 'end');
  const running = await started(world, way, `${listening(names)} ${end}`);
  for (const name of names) {
    running.kill(numberOf(name));
    await until(`the job has ${name}`, () => running.out().includes(`\n${name}\n`));
  }
  const { code, out } = await shell(`touch ${end}`, way, world.env).ended.then(() => running.ended);
  expect({ code, got: out.trim().split('\n') }).toEqual({ code: 9, got: ['ready', ...names] });
  expect(world.statuses()).toEqual(['running', 'failed']);
});

test.each([
  [byNode, 'ALRM', 'killed by SIGALRM'],
  [byNode, 'PWR', 'killed by SIGPWR'],
  [byNode, 'XCPU', 'killed by SIGXCPU'],
  [byLauncher, 'TERM', 'exit code 143 (SIGTERM)'],
  [byLauncher, 'XCPU', 'exit code 152 (SIGXCPU)'],
  [byLauncher, 'PWR', 'exit code 158 (SIGPWR)'],
  [byLauncher, '34', 'exit code 162 (SIGRTMIN)'],
  [byLauncher, '37', 'exit code 165 (SIGRTMIN+3)'],
])(
  '%s: a job that SIG%s ends is failed, 128+n for a shell, and nothing is left of it',
  async (way, name, text) => {
    const world = await openWorld(after);
    const file = join(world.folder, 'pid');
    const running = shell(
      `WRAP x -- sh -c 'echo $$ > ${file}; exec sleep 600' & echo $!; wait $!; echo $?`,
      way,
      world.env,
    );
    const pid = await until('it runs', async () => Number(await readFile(file, 'utf8')) || undefined);
    await until('it is told', () => world.statuses().length === 1);
    process.kill(Number(running.out().trim()), numberOf(name));
    const { out } = await running.ended;
    expect(out.trim().split('\n').at(-1)).toBe(String(128 + numberOf(name)));
    expect(world.statuses()).toEqual(['running', 'failed']);
    expect(world.server.seen.at(-1)?.body['error_message']).toBe(text);
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  },
);

test.each([['34'], ['KILL'], ['SEGV'], ['TERM'], ['64']])(
  'ronda-run: a job that SIG%s of its own ends is failed, with 128+n',
  async (name) => {
    const world = await openWorld(after);
    const { out } = await shell(`WRAP x -- sh -c 'kill -${name} $$'; echo $?`, byLauncher, world.env).ended;
    expect(out).toBe(`${128 + numberOf(name)}\n`);
    expect(world.statuses()).toEqual(['running', 'failed']);
  },
);

test.each(bothWays)('%s: a job that catches a signal decides what becomes of it', async (_name, way) => {
  const world = await openWorld(after);
  const running = await started(
    world,
    way,
    `sh -c 'trap "exit 0" TERM; echo ready; while :; do sleep 0.02; done'`,
  );
  running.kill('SIGTERM');
  expect(await running.ended).toMatchObject({ code: 0, signal: null });
  expect(world.statuses()).toEqual(['running', 'completed']);
});

test.each(bothWays)('%s ends by the signal that it was sent and that ended the job', async (_name, way) => {
  const world = await openWorld(after);
  const running = await started(world, way, `sh -c 'echo ready; exec sleep 600'`);
  running.kill('SIGINT');
  expect(await running.ended).toMatchObject({ code: null, signal: 'SIGINT' });
});

test.each(bothWays)('%s stops with its job, and goes on with it', async (_name, way) => {
  const world = await openWorld(after);
  const file = join(world.folder, 'pid');
  // A process group without anybody of its session around it cannot be stopped: hence a shell with job control.
  const script = `exec setsid bash -c 'set -m; WRAP x -- "$@" & echo $! > ${file}.wrapper; while [ ! -e ${file}.end ]; do sleep 0.02; done; fg' bash sh -c 'echo $$ > ${file}; echo ready; while [ ! -e ${file}.end ]; do sleep 0.02; done'`;
  const running = shell(script.replace('WRAP', way.replaceAll("'", '')), way, world.env);
  await until('it is ready', () => running.out() === 'ready\n');
  const job = Number(await readFile(file, 'utf8'));
  const wrapper = Number(await readFile(`${file}.wrapper`, 'utf8'));
  const isStopped = async (pid: number): Promise<boolean> =>
    (await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/^.*\) /s, '').startsWith('T');
  process.kill(wrapper, 'SIGTSTP');
  await until('both are stopped', async () => (await isStopped(wrapper)) && (await isStopped(job)));
  process.kill(wrapper, 'SIGCONT');
  await until('both go on', async () => !(await isStopped(wrapper)) && !(await isStopped(job)));
  await shell(`touch ${file}.end`, way, world.env).ended;
  await running.ended;
  expect(world.statuses()).toEqual(['running', 'completed']);
});
