import { describe, expect, test } from '@jest/globals';
import { hashOf, readApiKey } from '../../../src/store/keys/api-keys.ts';
import { openKeys } from './tool.ts';

describe('ronda keys create', () => {
  test('shows the key once, on a line of its own, and says that it does', async () => {
    const { keys, backend } = await openKeys();
    const { code, out, err } = await keys(['create', 'billing', '--service', 'billing']);
    const [, id = '', plain = ''] =
      /^Key ([a-z0-9]{12})\n {2}name {6}billing\n {2}scopes {4}ingest\n {2}services {2}billing\n {2}expires {3}2027-02-21 12:00 \(in 90 d 00 h\)\n\n(ronda_[a-z0-9]{12}_[\w-]{43})\n$/.exec(
        out,
      ) ?? [];
    expect({ code, err, out }).toEqual({
      code: 0,
      err: 'Keep the key now: it is stored nowhere and is not shown again.\n',
      out: expect.stringContaining(`\n${plain}\n`),
    });
    expect(await readApiKey(backend.store, id)).toEqual({
      key_id: id,
      name: 'billing',
      hash: hashOf(plain),
      scopes: ['ingest'],
      services: ['billing'],
      created_at: '2026-11-23T12:00:00.000Z',
      expires: '2027-02-21T12:00:00.000Z',
      revoked: null,
    });
  });

  test('prints nothing but one JSON object when that is asked for', async () => {
    const { keys } = await openKeys();
    const argv = ['create', 'ops', '--scope', 'read', '--scope', 'admin', '--never', '--json'];
    const { code, out } = await keys(argv);
    expect(code).toBe(0);
    expect(out.endsWith('}\n')).toBe(true);
    expect(JSON.parse(out)).toEqual({
      key_id: expect.stringMatching(/^[a-z0-9]{12}$/),
      name: 'ops',
      scopes: ['read', 'admin'],
      services: null,
      created_at: '2026-11-23T12:00:00.000Z',
      expires: null,
      revoked: null,
      last_used: null,
      replaces: null,
      replaced_by: null,
      key: expect.stringMatching(/^ronda_[a-z0-9]{12}_[\w-]{43}$/),
    });
  });

  test('names a key that is called so already, and makes the new one all the same', async () => {
    const { keys, create, list } = await openKeys();
    const first = await create('billing');
    const { code, err } = await keys(['create', 'billing']);
    expect(code).toBe(0);
    expect(err).toContain(
      `Of this name there is ${first.key_id} (billing) already. "ronda keys rotate" replaces a key.\n`,
    );
    expect(await list()).toHaveLength(2);
  });

  test('makes nothing of a bad command line, and names all that is wrong with it', async () => {
    const { keys, list } = await openKeys();
    const { code, out, err } = await keys(['create', ' x', '--scope', 'root', '--expires', 'soon']);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err.split('\n')).toHaveLength(4);
    expect((await keys(['create', 'x', '--expires', '2026-11-20'])).code).toBe(2);
    expect((await keys(['create'])).code).toBe(2);
    expect(await list('--all')).toEqual([]);
  });
});

describe('ronda keys list', () => {
  test('never shows a key or its hash, whatever is asked for', async () => {
    const { keys, create } = await openKeys();
    const { key, key_id } = await create('billing');
    for (const argv of [['list'], ['list', '--all'], ['list', '--json'], ['list', '--expiring', '99d']]) {
      const { out, err } = await keys(argv);
      expect(out).toContain(key_id);
      expect(out + err).not.toContain(key.slice(-43));
      expect(out + err).not.toContain(hashOf(key));
    }
  });

  test('leaves out what has ended, but for an expired key that nothing replaced', async () => {
    const { keys, create, rotate, list, setTime } = await openKeys();
    await create('short', '--expires', '1h');
    await create('gone');
    await keys(['revoke', 'gone', '--yes']);
    await create('billing');
    await rotate('billing', '--grace', '1h');
    const both = ['billing', 'billing', 'short'];
    expect((await list()).map(({ name }) => name)).toEqual(both);
    setTime('2026-11-23T13:00:00.000Z');
    expect((await list()).map(({ name }) => name)).toEqual(['billing', 'short']);
    expect((await list('--all')).map(({ name }) => name)).toEqual(['billing', 'billing', 'gone', 'short']);
    const { code, out, err } = await keys(['list']);
    expect(code).toBe(0);
    expect(out).toMatch(/short .* expired 2026-11-23 13:00 /);
    expect(err).toBe('Not listed: 2 that have ended. --all shows them.\n');
  });

  test('answers a cron job: exit 1 when a key without a successor is about to end', async () => {
    const { keys, create, rotate } = await openKeys();
    await create('later', '--expires', '15d');
    await create('never', '--never');
    expect(await keys(['list', '--expiring', '14d'])).toMatchObject({ code: 0, out: '', err: '' });
    await create('soon', '--expires', '14d');
    const { code, out } = await keys(['list', '--expiring', '14d']);
    expect(code).toBe(1);
    expect(out.split('\n').slice(1)).toEqual([expect.stringContaining(' soon '), '']);
    await rotate('soon');
    expect(await keys(['list', '--expiring', '14d'])).toMatchObject({ code: 0, out: '' });
  });

  test('of no keys says how to make one', async () => {
    const { keys } = await openKeys();
    expect(await keys(['list'])).toMatchObject({
      code: 0,
      out: '',
      err: 'There are no keys: "ronda keys create" makes one.\n',
    });
  });

  test('names the bootstrap key by where it stands, not by what it is', async () => {
    const { keys } = await openKeys();
    const set = { env: { RONDA_BOOTSTRAP_API_KEY: 'a-very-secret-bootstrap-key' } };
    const { out, err } = await keys(['list'], set);
    expect(err).toContain('Besides, a key with all scopes is accepted, from RONDA_BOOTSTRAP_API_KEY.\n');
    expect(out + err).not.toContain('secret');
    const bootstrapOf = async (env: Readonly<Record<string, string>>): Promise<unknown> =>
      JSON.parse((await keys(['list', '--json'], { env })).out);
    expect(await bootstrapOf(set.env)).toEqual({ keys: [], bootstrap: 'RONDA_BOOTSTRAP_API_KEY' });
    expect(await bootstrapOf({ RONDA_BACKEND: 'embedded', RONDA_DATA_DIR: 'data' })).toEqual({
      keys: [],
      bootstrap: 'data/api-key',
    });
    expect(await bootstrapOf({})).toEqual({ keys: [], bootstrap: null });
  });
});
