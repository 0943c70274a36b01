import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { createClock } from '../../../src/clock.ts';
import { cleanUp, kill } from '../../localstack/fixtures.ts';
import { until } from '../../support/until.ts';
import { bothWays, openWorld, shell } from './wrapped.ts';

const after = cleanUp();

test.each(bothWays)('%s: output that cannot be written is no success', async (_name, way) => {
  const { env, statuses, server } = await openWorld(after);
  const { code, err } = await shell('WRAP x -- echo hi > /dev/full', way, env).ended;
  expect({ code, err }).toEqual({ code: 1, err: '' });
  expect(statuses()).toEqual(['running', 'failed']);
  expect(server.seen.at(-1)?.body).toMatchObject({
    error_message: expect.stringMatching(/^exit code 0, but its output could not be written: ENOSPC.*\nhi$/),
    metadata: { exit_code: 1 },
  });
});

test.each(bothWays)('%s: a full disk stops no job that would not have minded', async (_name, way) => {
  const { env, folder } = await openWorld(after);
  const script = `WRAP x -- sh -c 'head -c 300000 /dev/zero; echo $? > ${folder}/done; exit 4' > /dev/full`;
  expect((await shell(script, way, env).ended).code).toBe(4);
  expect(await readFile(join(folder, 'done'), 'utf8')).toBe('0\n');
});

test.each(bothWays)('%s: a reader that goes away ends the job as it would without us', async (_name, way) => {
  const { env, statuses } = await openWorld(after);
  const { out } = await shell('WRAP x -- yes | head -n 2; echo "${PIPESTATUS[0]}"', way, env).ended;
  expect(out).toBe('y\ny\n141\n');
  expect(statuses()).toEqual(['running', 'failed']);
});

test.each(bothWays)('%s: a last word to a reader that has gone is no success either', async (_name, way) => {
  const { env, folder, statuses } = await openWorld(after);
  const last = `sh -c 'echo 1; until [ -e ${folder}/gone ]; do sleep 0.02; done; echo 2'`;
  const script = `WRAP x -- ${last} | { head -n 1; exec 0<&-; touch ${folder}/gone; }; echo "\${PIPESTATUS[0]}"`;
  expect((await shell(script, way, env).ended).out).toBe('1\n141\n');
  expect(statuses()).toEqual(['running', 'failed']);
});

test.each(bothWays)(
  '%s leaves soon after the job, and what the job left behind writes on, through nobody of ours',
  async (_name, way) => {
    const { env, folder, statuses } = await openWorld(after);
    const file = join(folder, 'out');
    const script = `WRAP x -- sh -c 'while :; do echo more; sleep 0.02; done & echo $! > ${folder}/pid; echo own' > ${file} 2> /dev/null`;
    const { code } = await shell(script, way, env).ended;
    expect(code).toBe(0);
    expect(statuses()).toEqual(['running', 'completed']);
    const pid = Number(await readFile(join(folder, 'pid'), 'utf8'));
    after(() => {
      kill(pid);
    });
    const linesNow = async (): Promise<number> => (await readFile(file, 'utf8')).split('\n').length;
    const lines = await linesNow();
    expect(await readFile(file, 'utf8')).toContain('own\n');
    await until('it has written on', async () => (await linesNow()) > lines + 20);
    process.kill(pid, 0);
  },
);

test.each(bothWays)('%s is not held by one left behind that never stops writing', async (_name, way) => {
  const { env, folder } = await openWorld(after);
  const clock = createClock();
  const began = clock.monotonic();
  const script = `WRAP x -- sh -c 'yes >&2 & echo $! > ${folder}/pid' 2> /dev/null`;
  expect((await shell(script, way, env).ended).code).toBe(0);
  kill(Number(await readFile(join(folder, 'pid'), 'utf8')));
  expect(clock.monotonic() - began).toBeLessThan(30_000);
});

test.each(bothWays)('%s leaves a pipe that others write to as it was: blocking', async (_name, way) => {
  const { env } = await openWorld(after);
  const flags = "sed -n 's/^flags:[[:space:]]*//p' /proc/self/fdinfo/1 >&2";
  const script = `{ WRAP x -- sh -c 'echo one; echo two >&2'; ${flags}; WRAP y -- cat; ${flags}; } 2>&1 >&3 | cat`;
  const { err } = await shell(`exec 3> >(cat >/dev/null); { ${script}; } >&2`, way, env).ended;
  // O_NONBLOCK is 04000: https://man7.org/linux/man-pages/man2/open.2.html
  const found = err.split('\n').filter((line) => /^\d+$/.test(line));
  expect(found.length).toBeGreaterThanOrEqual(2);
  for (const one of found) expect(Number.parseInt(one, 8) & 0o4000).toBe(0);
});

test.each(bothWays)('%s waits for a pipe that somebody else made non-blocking', async (_name, way) => {
  const { env } = await openWorld(after);
  const nonBlocking = `'${process.execPath}' -e 'process.stdout.write("x\\n", () => {})'`;
  const script = `{ ${nonBlocking}; WRAP x -- head -c 1000000 /dev/zero; echo $? >&2; } | { sleep 1; wc -c; }`;
  const { out, err } = await shell(script, way, env).ended;
  expect([out, err]).toEqual(['1000002\n', '0\n']);
});

test.each(bothWays)(
  '%s: where no pipe can be made, the job has our outputs themselves',
  async (_name, way) => {
    const { env, server } = await openWorld(after);
    const script = `PATH=/nowhere; export PATH; WRAP x -- /bin/sh -c 'echo out; echo err >&2; exit 8'`;
    expect(await shell(script, way, env).ended).toMatchObject({ code: 8, out: 'out\n', err: 'err\n' });
    expect(server.seen.at(-1)?.body['error_message']).toBe(
      'exit code 8\n(its output is unknown: no pipe could be made for it)',
    );
  },
);
