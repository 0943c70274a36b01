import { chmod, chown, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { cleanUp } from '../../localstack/fixtures.ts';
import { bothWays, key, openWorld, shell } from './wrapped.ts';

const after = cleanUp();
/** Only root can give a file away. */
const isRoot = process.geteuid?.() === 0;
const name = '001795651200000-00000000-0000-4000-8000-000000000001.json';

test.each(bothWays)(
  '%s: a FIFO, a link and another’s file in the spool hold nobody, and are told of',
  async (_name, way) => {
    const { env, folder } = await openWorld(after, () => ({ status: 503 }));
    await shell('WRAP x --patience 1s -- true', way, env).ended;
    const [of = ''] = await readdir(join(folder, 'spool'));
    const spool = join(folder, 'spool', of);
    const kept = await readdir(spool);
    expect(kept).toHaveLength(2);
    await shell(`mkfifo ${join(spool, name)}`, way, env).ended;
    await symlink('/etc/passwd', join(spool, name.replace('1.json', '2.json')));
    await writeFile(join(spool, name.replace('1.json', '3.json')), '{}', { mode: 0o600 });
    const third = join(spool, name.replace('1.json', '3.json'));
    if (isRoot) await chown(third, 54_321, 54_321);
    else await chmod(third, 0o666);
    const { code, err } = await shell('WRAP x --patience 1s -- sh -c "exit 7"', way, env).ended;
    expect(code).toBe(7);
    expect(err).toContain(
      `ronda: ${name} and 2 more in ${spool}: no plain file of this user's alone, and not read.\n`,
    );
  },
);

test.each(bothWays)(
  '%s: a spool that is a link, another’s, or open to others is not used; the job runs',
  async (_name, way) => {
    const { env, folder } = await openWorld(after, () => ({ status: 503 }));
    await mkdir(join(folder, 'there'), { mode: 0o700 });
    await symlink('there', join(folder, 'link'));
    await mkdir(join(folder, 'open'));
    await chmod(join(folder, 'open'), 0o777);
    await mkdir(join(folder, 'foreign'), { mode: 0o700 });
    if (isRoot) await chown(join(folder, 'foreign'), 54_321, 54_321);
    for (const [spool, reason] of [
      ['link', 'is a symbolic link'],
      ['open', 'can be written by others'],
      ...(isRoot ? ([['foreign', 'belongs to another user']] as const) : []),
    ] as const) {
      const path = join(folder, spool);
      const { code, err } = await shell('WRAP x --patience 1s -- sh -c "exit 7"', way, {
        ...env,
        RONDA_SPOOL_DIR: path,
      }).ended;
      expect(code).toBe(7);
      expect(err).toContain(
        `ronda: ${path} ${reason}: no report is kept there, and none is sent from there.\n`,
      );
      expect(err).toContain(`ronda: 2 reports of x lost, they cannot be kept: ${path} ${reason}.\n`);
      expect(await readdir(path)).toEqual([]);
    }
  },
);

test.each(bothWays)('%s: a key that the job prints is neither reported nor kept', async (_name, way) => {
  const { env, folder, server } = await openWorld(after, () => ({ status: 503 }));
  const script = `WRAP x --patience 1s --pass-key -- sh -c 'env; echo "again: $RONDA_API_KEY" >&2; exit 1'`;
  const { out } = await shell(script, way, env).ended;
  expect(out).toContain(key);
  const files = await shell(`cat ${folder}/spool/*/*`, way, env).ended;
  expect(files.out).toContain('again: ronda_[redacted]');
  expect(files.out).not.toContain(key);
  expect(JSON.stringify(server.seen.map(({ body }) => body))).not.toContain(key);
});
