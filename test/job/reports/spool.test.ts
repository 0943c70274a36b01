import { execFileSync } from 'node:child_process';
import {
  chmod,
  chown,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { utc } from '../../../src/events/time.ts';
import type { Ask } from '../../../src/job/reports/http-client.ts';
import { batchesOf, drainSpool } from '../../../src/job/reports/drain.ts';
import {
  putSpool,
  readSpool,
  refusalOf,
  spoolOf,
  type Spool,
  type Spooled,
} from '../../../src/job/reports/spool.ts';
import { cleanUp } from '../../localstack/fixtures.ts';

const after = cleanUp();
const now = Date.parse('2026-11-24T00:00:00.000Z');
const never = new AbortController().signal;
/** Only root can give a file away. */
const isRoot = process.geteuid?.() === 0;
const at = (folder: string): Spool => ({ root: folder, folder });
const onDistrusted = (): void => {
  throw new Error('nothing foreign is there');
};

async function newFolder(): Promise<string> {
  const parent = await mkdtemp(join(tmpdir(), 'ronda-'));
  after(() => rm(parent, { recursive: true, force: true }));
  return join(parent, 'spool');
}

function spooled(n: number, { at = now - 1_000 + n, id = 'x', error = 'exit code 1' } = {}): Spooled {
  return {
    report: {
      scheduler_id: id,
      service_name: 's',
      job_name: 'j',
      status: 'failed',
      timestamp: utc(at),
      event_id: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
      error_message: error,
      metadata: { runner: 'ronda run', host: 'h', command: 'c', exit_code: 1 },
    },
    registration: { scheduler_id: id, service_name: 's', job_name: 'j' },
  };
}

const idsIn = async (folder: string): Promise<string[]> =>
  (await readSpool(folder)).files.map(({ item }) => item.report.event_id.slice(-4));

test('the spool of a Ronda stands where the environment says', () => {
  const url = 'http://127.0.0.1:3000';
  const folderOf = (env: Record<string, string>, to = url, home = '/home/me'): string | undefined =>
    spoolOf(env, to, () => home)?.folder;
  const folder = folderOf({ RONDA_SPOOL_DIR: '/s' });
  expect(folder).toMatch(/^\/s\/[0-9a-f]{16}$/);
  expect(folderOf({ RONDA_SPOOL_DIR: '/s' }, 'http://other')).not.toBe(folder);
  expect(folderOf({ XDG_STATE_HOME: '/x' })).toMatch(/^\/x\/ronda\/[0-9a-f]{16}$/);
  expect(folderOf({})).toMatch(/^\/home\/me\/\.local\/state\/ronda\/[0-9a-f]{16}$/);
  expect(folderOf({ XDG_STATE_HOME: 'relative' })).toMatch(/^\/home\/me\//);
});

test('a user without a home has no spool, unless the environment names one', () => {
  const homeless = (): string => {
    throw new Error('ENOENT');
  };
  expect(spoolOf({}, 'http://h', homeless)).toBeUndefined();
  expect(spoolOf({}, 'http://h', () => '')).toBeUndefined();
  expect(spoolOf({ RONDA_SPOOL_DIR: '/s' }, 'http://h', homeless)?.root).toBe('/s');
});

test('a spool that is a link, no directory, another’s, or writable by others is refused, and nothing is put there', async () => {
  const folder = await newFolder();
  const parent = join(folder, '..');
  await mkdir(join(parent, 'there'), { mode: 0o700 });
  await symlink('there', join(parent, 'link'));
  await writeFile(join(parent, 'file'), '');
  await mkdir(join(parent, 'open'));
  await chmod(join(parent, 'open'), 0o722);
  await mkdir(join(parent, 'foreign'));
  if (isRoot) await chown(join(parent, 'foreign'), 54_321, 54_321);
  for (const [name, reason] of [
    ['link', 'is a symbolic link'],
    ['file', 'is no directory'],
    ['open', 'can be written by others'],
    ...(isRoot ? ([['foreign', 'belongs to another user']] as const) : []),
  ] as const) {
    const root = join(parent, name);
    const spool = { root, folder: join(root, 'one') };
    expect(await refusalOf(spool)).toBe(`${root} ${reason}`);
    await expect(putSpool(spool, [spooled(1)], now)).rejects.toThrow(`${root} ${reason}`);
    const inner = { root: parent, folder: root };
    expect(await refusalOf(inner)).toBe(`${root} ${reason}`);
  }
  expect(await readdir(join(parent, 'there'))).toEqual([]);
  expect(await refusalOf(at(join(parent, 'new')))).toBeUndefined();
});

test('links, FIFOs, directories, other users’ files and files too large are refused, and waited for by nobody', async () => {
  const folder = await newFolder();
  await putSpool(at(folder), [spooled(1)], now);
  const name = (n: number): string => `00${now}-00000000-0000-4000-8000-00000000000${n}.json`;
  const [mine = ''] = await readdir(folder);
  await symlink(mine, join(folder, name(2)));
  execFileSync('mkfifo', [join(folder, name(3))]);
  await mkdir(join(folder, name(4)));
  await copyFile(join(folder, mine), join(folder, name(5)));
  if (isRoot) await chown(join(folder, name(5)), 54_321, 54_321);
  else await chmod(join(folder, name(5)), 0o666);
  await writeFile(join(folder, name(6)), ' '.repeat(200_000), { mode: 0o600 });
  await copyFile(join(folder, mine), join(folder, name(7)));
  await chmod(join(folder, name(7)), 0o622);
  const { files, refused } = await readSpool(folder);
  expect(files.map((file) => file.name)).toEqual([mine]);
  expect(refused).toEqual([name(2), name(3), name(4), name(5), name(6), name(7)]);
});

test('what is kept comes back as it was, oldest first, and is for no one else to read', async () => {
  const folder = await newFolder();
  expect(await putSpool(at(folder), [spooled(2), spooled(1)], now)).toBe(0);
  expect((await readSpool(folder)).files.map(({ item }) => item)).toEqual([spooled(1), spooled(2)]);
  const [name = ''] = await readdir(folder);
  expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
});

test('beyond 1,000 reports or 7 days the oldest go', async () => {
  const folder = await newFolder();
  const week = 7 * 86_400_000;
  const old = [spooled(1, { at: now - week - 1 }), spooled(2, { at: now - week })];
  expect(await putSpool(at(folder), old, now)).toBe(1);
  expect(await idsIn(folder)).toEqual(['0002']);
  const many = Array.from({ length: 1_001 }, (_, n) => spooled(3 + n));
  expect(await putSpool(at(folder), many, now)).toBe(2);
  const ids = await idsIn(folder);
  expect([ids.length, ids[0], ids.at(-1)]).toEqual([1_000, '0004', '1003']);
});

test('files that are not the spool’s, broken, or of a newer version are left alone', async () => {
  const folder = await newFolder();
  await mkdir(folder);
  const name = (n: number): string => `00${now}-00000000-0000-4000-8000-00000000000${n}.json`;
  await writeFile(join(folder, name(1)), '{"v":1,"rep');
  await writeFile(join(folder, name(2)), JSON.stringify({ ...spooled(2), v: 2 }));
  await writeFile(join(folder, 'notes.txt'), 'mine');
  await putSpool(at(folder), [spooled(3)], now);
  expect(await idsIn(folder)).toEqual(['0003']);
  expect(await readdir(folder)).toHaveLength(4);
});

test('a request holds up to 100 reports and stays well under 1 MiB', () => {
  const files = (count: number, error: string) =>
    Array.from({ length: count }, (_, n) => ({ name: String(n), item: spooled(n, { error }) }));
  expect(batchesOf([])).toEqual([]);
  expect(batchesOf(files(205, 'short')).map((batch) => batch.length)).toEqual([100, 100, 5]);
  const large = batchesOf(files(100, '東'.repeat(8_000)));
  expect(large.flat()).toHaveLength(100);
  for (const batch of large) expect(Buffer.byteLength(JSON.stringify(batch))).toBeLessThan(1_000_000);
  expect(large.length).toBeLessThanOrEqual(4);
});

const withId = z.looseObject({ scheduler_id: z.string() });

/** A Ronda that knows some ids, and refuses what it is told to. */
function answering(known: string[], refused: readonly string[] = []) {
  const asked: string[] = [];
  const ask: Ask = (_method, path, body) => {
    const ids = [withId.or(z.array(withId)).parse(JSON.parse(body))].flat().map((one) => one.scheduler_id);
    asked.push(`${path} ${ids.join(',')}`);
    if (path !== '/events') known.push(...ids);
    const results = ids.map((id) =>
      refused.includes(id)
        ? { status: 400, message: ['status: must be one'] }
        : { status: known.includes(id) ? 200 : 404 },
    );
    const status = path === '/events' ? 207 : 201;
    return Promise.resolve({
      answered: true,
      status,
      text: JSON.stringify(results),
      waitMs: undefined,
      location: undefined,
    });
  };
  return { ask, asked };
}

test('what Ronda takes goes, what it does not know is registered first, what it refuses is warned of and goes', async () => {
  const folder = await newFolder();
  const all = [
    spooled(1, { id: 'a' }),
    spooled(2, { id: 'b' }),
    spooled(3, { id: 'b' }),
    spooled(4, { id: 'c' }),
  ];
  await putSpool(at(folder), all, now);
  const { ask, asked } = answering(['a'], ['c']);
  const warned: string[] = [];
  const onRefused = ({ item }: { item: Spooled }, reason: string): void => {
    warned.push(`${item.report.scheduler_id} ${reason}`);
  };
  expect(await drainSpool({ folder, ask, now, signal: never, onRefused, onDistrusted })).toBe(3);
  expect(asked).toEqual(['/events a,b,b,c', '/schedulers/register b', '/events b,b']);
  expect(warned).toEqual(['c answers 400: status: must be one']);
  expect(await readdir(folder)).toEqual([]);
});

test('a report whose scheduler must not be registered is dropped when Ronda does not know it', async () => {
  const folder = await newFolder();
  await putSpool(at(folder), [{ ...spooled(1), registration: null }], now);
  const { ask, asked } = answering([]);
  const warned: string[] = [];
  const onRefused = (_file: unknown, reason: string): void => {
    warned.push(reason);
  };
  expect(await drainSpool({ folder, ask, now, signal: never, onRefused, onDistrusted })).toBe(0);
  expect(asked).toEqual(['/events x']);
  expect(warned).toEqual(['does not know this ID, and --no-register forbids to register it']);
  expect(await readdir(folder)).toEqual([]);
});

test.each([401, 429, 503, 200])(
  'an answer of %d to the whole leaves everything for the next run',
  async (status) => {
    const folder = await newFolder();
    await putSpool(
      at(folder),
      Array.from({ length: 150 }, (_, n) => spooled(n)),
      now,
    );
    let asked = 0;
    const ask: Ask = () => {
      asked += 1;
      return Promise.resolve({
        answered: true,
        status,
        text: '<html>',
        waitMs: undefined,
        location: undefined,
      });
    };
    const onRefused = (): void => {
      throw new Error('nothing is refused for good');
    };
    expect(await drainSpool({ folder, ask, now, signal: never, onRefused, onDistrusted })).toBe(0);
    expect(asked).toBe(1);
    expect(await readdir(folder)).toHaveLength(150);
  },
);
