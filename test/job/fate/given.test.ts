import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { isAlive } from '../../../localstack/endpoints.ts';
import { cleanUp } from '../../localstack/fixtures.ts';
import { until } from '../../support/until.ts';
import { bothWays, byLauncher, byNode, key, openWorld, shell } from './wrapped.ts';

const after = cleanUp();
/** Nobody else can become a user that does not exist. */
const onlyRoot = process.geteuid?.() === 0 ? test : test.skip;
const stdoutOf = async (
  script: string,
  way: string,
  changes: Record<string, string> = {},
): Promise<string> => {
  const { env, folder } = await openWorld(after);
  const { out } = await shell(script.replaceAll('FOLDER', folder), way, { ...env, ...changes }).ended;
  return out;
};

test.each([
  ['ronda-run', byLauncher],
  ['ronda-run by bash', `bash ${byLauncher}`],
])('%s: signals that the caller ignores are ignored in the job, and no others', async (_name, way) => {
  const mask = "sed -n 's/^SigIgn:[[:space:]]*//p' /proc/self/status";
  for (const names of ['HUP PIPE QUIT 40', 'HUP', '']) {
    const ignoring = names === '' ? '' : `trap '' ${names};`;
    const [job, bare] = (await stdoutOf(`${ignoring} WRAP x -- ${mask}; ${mask}`, way)).split('\n');
    expect(job).toBe(bare);
  }
});

test('ronda-run: nohup holds for the job and for what reports on it', async () => {
  const world = await openWorld(after);
  const file = join(world.folder, 'end');
  const running = shell(
    `trap '' HUP; WRAP x -- sh -c 'kill -HUP $PPID $$; echo alive; while [ ! -e ${file} ]; do sleep 0.02; done; exit 3'`,
    byLauncher,
    world.env,
  );
  await shell(`sleep 1; touch ${file}`, byLauncher, world.env).ended;
  expect(await running.ended).toMatchObject({ code: 3, out: 'alive\n' });
});

test('ronda-run: the soft limit of open files is the caller’s', async () => {
  expect(await stdoutOf(`ulimit -S -n 333; WRAP x -- sh -c 'ulimit -S -n'`, byLauncher)).toBe('333\n');
});

test.each(bothWays)('%s passes descriptors above 2 on, and leaves none of its own', async (_name, way) => {
  // Listed by a program without descriptors of its own but for the folder that it reads.
  const list = `find /proc/self/fd -printf '%f %l\\n'`;
  const above2 = `for all in bare wrapped; do grep -E '^([3-9]|[0-9][0-9]+) .' $all.all | grep -v ' /proc/' | sort > $all; done`;
  const script = `cd FOLDER; echo seven > 7; echo forty > 40; exec 7< 7 40< 40 5> 5; ${list} > bare.all; WRAP x -- ${list} > wrapped.all; ${above2}; diff bare wrapped && wc -l < bare`;
  expect(Number(await stdoutOf(script, way))).toBeGreaterThanOrEqual(3);
});

test.each(bothWays)('%s: what the job writes to such a descriptor arrives', async (_name, way) => {
  expect(await stdoutOf(`WRAP x -- sh -c 'echo five >&5' 5> FOLDER/5; cat FOLDER/5`, way)).toBe('five\n');
});

test('ronda-run with all short descriptors in use starts the job all the same', async () => {
  const open = '3<&0 4<&0 5<&0 6<&0 7<&0 8<&0 9<&0';
  expect(await stdoutOf(`WRAP x -- sh -c 'echo in; exit 3' ${open}; echo $?`, byLauncher)).toBe('in\n3\n');
});

test('ronda-run: a pipe that only the job is to hold ends with the job, not with what reports on it', async () => {
  const { env, folder } = await openWorld(after, () => ({ status: 503 }));
  const job = `WRAP x --patience 1h -- sh -c 'echo in >&8' 8>&1 >/dev/null 2>&1`;
  const script = `{ echo $BASHPID > ${folder}/pid; exec ${job}; } | { cat; echo end; }`;
  const running = shell(script, byLauncher, env);
  await until('the reader has met the end', () => running.out() === 'in\nend\n');
  const pid = Number(await readFile(join(folder, 'pid'), 'utf8'));
  expect(isAlive(pid)).toBe(true);
  await until(
    'it gives up',
    () => {
      if (isAlive(pid)) process.kill(pid, 'SIGTERM');
      return !isAlive(pid);
    },
    { everyMs: 200 },
  );
  await running.ended;
});

const everyByte = `$(printf '${Array.from({ length: 255 }, (_, n) => `\\${(n + 1).toString(8).padStart(3, '0')}`).join('')}')`;

test.each(bothWays)('%s: arguments and variables are the same to the byte', async (_name, way) => {
  const script = `cd FOLDER; export LATIN="${everyByte}" WORD='plain'
    printf '%s|' "${everyByte}" '' "it's" $'two\\nlines\\n' > bare
    WRAP x -- printf '%s|' "${everyByte}" '' "it's" $'two\\nlines\\n' > wrapped; cmp bare wrapped && echo same
    WRAP x -- sh -c 'printf %s "$LATIN" > latin'; printf %s "$LATIN" | cmp - latin && echo same`;
  expect(await stdoutOf(script, way)).toBe('same\nsame\n');
});

test.each(bothWays)(
  '%s: the environment is the same, whatever its names, without our key',
  async (_name, way) => {
    const script = `cd FOLDER; unset OLDPWD; export -n SHLVL; env -u RONDA_API_KEY 'a.b=c d' 'x-y=' BOOL=1 PPID=7 IFS=x env -0 | grep -zv ^_= | sort -z > bare
    env 'a.b=c d' 'x-y=' BOOL=1 PPID=7 IFS=x WRAP x -- env -0 | grep -zv ^_= | sort -z > wrapped
    cmp bare wrapped && echo same`;
    expect(await stdoutOf(script, way, { NODE_OPTIONS: '--no-warnings', UV_THREADPOOL_SIZE: '2' })).toBe(
      'same\n',
    );
  },
);

test.each(bothWays)('%s: the job never has our key, unless --pass-key', async (_name, way) => {
  const look = `sh -c 'env | grep -c "${key}"'`;
  expect(
    await stdoutOf(`export AGAIN="$RONDA_API_KEY"; WRAP x -- ${look}; WRAP x --pass-key -- ${look}`, way),
  ).toBe('0\n2\n');
  expect(
    await stdoutOf(`export AGAIN=${key}; unset RONDA_API_KEY; WRAP x --key ${key} -- ${look}`, way),
  ).toBe('0\n');
});

test('ronda-run: NODE_OPTIONS that Node cannot take are the job’s alone', async () => {
  expect(
    await stdoutOf(`WRAP x -- sh -c 'echo $NODE_OPTIONS'; echo $?`, byLauncher, {
      NODE_OPTIONS: '--no-such-option',
    }),
  ).toBe('--no-such-option\n0\n');
});

test.each(bothWays)('%s: a job may run in a directory that is gone', async (_name, way) => {
  const { env, folder, statuses } = await openWorld(after);
  const gone = join(folder, 'gone');
  await mkdir(gone);
  const { code, out } = await shell(`cd ${gone}; rmdir ${gone}; WRAP x -- sh -c 'echo ran; exit 5'`, way, env)
    .ended;
  expect({ code, out }).toEqual({ code: 5, out: 'ran\n' });
  expect(statuses()).toEqual(['running', 'failed']);
});

onlyRoot.each(bothWays)(
  '%s: without a home, and without an entry for the user, the job runs',
  async (_name, way) => {
    const { env } = await openWorld(after, () => ({ status: 503 }));
    const rest = Object.fromEntries(Object.entries(env).filter(([name]) => name !== 'RONDA_SPOOL_DIR'));
    const root = fileURLToPath(new URL('../../..', import.meta.url));
    const script = `setpriv --reuid=54321 --regid=54321 --clear-groups WRAP x --patience 1s -- sh -c 'id -u; exit 6'`;
    const { code, out, err } = await shell(`test -r ${root}/src/cli.ts && ${script}`, way, rest).ended;
    expect({ code, out }).toEqual({ code: 6, out: '54321\n' });
    expect(err).toContain('2 reports of x lost, they cannot be kept: this user has no home directory');
  },
);

test('ronda-run without a Node of this project or a new one says so, and begins nothing', async () => {
  const { env, folder } = await openWorld(after);
  const launcher = byLauncher.replaceAll("'", '');
  await mkdir(join(folder, 'app', 'bin'), { recursive: true });
  await writeFile(join(folder, 'app', 'bin', 'ronda-run'), await readFile(launcher));
  await writeFile(join(folder, 'node'), '#!/bin/sh\necho v20.1.0\n');
  for (const file of ['app/bin/ronda-run', 'node']) await chmod(join(folder, file), 0o755);
  const way = join(folder, 'app', 'bin', 'ronda-run');
  const script = `PATH=${folder}:/usr/bin:/bin; WRAP x -- echo ran`;
  expect(await shell(script, way, env).ended).toMatchObject({
    code: 125,
    out: '',
    err: 'ronda: the job was not begun: it takes Node.js 24 or newer on the PATH, and this is v20.1.0.\n',
  });
});

test('ronda-run works through links, as npm makes them', async () => {
  const { env, folder } = await openWorld(after);
  await symlink(byLauncher.replaceAll("'", ''), join(folder, 'first'));
  await symlink('first', join(folder, 'second'));
  expect(await shell('WRAP x -- echo ran', join(folder, 'second'), env).ended).toMatchObject({
    code: 0,
    out: 'ran\n',
  });
});

test.each(bothWays)(
  '%s: standard input is the job’s, and /dev/stdout and /dev/stderr can be opened',
  async (_name, way) => {
    const { env } = await openWorld(after);
    const script = `printf 'in put' | WRAP x -- sh -c 'cat > /dev/stdout; echo err > /dev/stderr'`;
    expect(await shell(script, way, env).ended).toEqual({
      code: 0,
      signal: null,
      out: 'in put',
      err: 'err\n',
    });
  },
);

test.each([
  ['ronda run', byNode],
  ['ronda-run', byLauncher],
])(
  '%s: exit codes are the job’s, 126 and 127 as a shell’s, 125 for what was not begun',
  async (_name, way) => {
    const { env, folder } = await openWorld(after);
    await writeFile(join(folder, 'plain'), 'text', { mode: 0o600 });
    await writeFile(join(folder, 'script'), '#!/no/such/interpreter\n', { mode: 0o700 });
    const script = `for job in 'true' 'sh -c "exit 77"' ${folder}/plain ${folder}/script nosuch ${folder}/nosuch "''"; do eval "WRAP x -- $job"; echo $?; done
    WRAP x true; echo $?; WRAP x --heartbeat 1s -- touch ${folder}/made; echo $?; WRAP x --loud -- true; echo $?; WRAP --help | head -n 1; ls ${folder}`;
    const { out, err } = await shell(script, way, env).ended;
    expect(out.split('\n')).toEqual([
      ...['0', '77', '126', '126', '127', '127', '127', '125', '125', '125'],
      'Usage: ronda run ID [options] -- COMMAND [ARGUMENTS]',
      ...['plain', 'script', ''],
    ]);
    expect(err).toContain(`ronda: ${folder}/script cannot be run: the interpreter it names is not there\n`);
    expect(err).toContain("ronda: unknown option '--loud' (--help shows how)\n");
  },
);
