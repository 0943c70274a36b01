import { describe, expect, test } from '@jest/globals';
import { readApiKey } from '../../../src/store/keys/api-keys.ts';
import { watchRequests } from '../../store/requests.ts';
import { openKeys } from './tool.ts';

describe('ronda keys revoke', () => {
  test('ends a key, and says for how long it may still be believed', async () => {
    const { keys, create, list } = await openKeys();
    const { key_id } = await create('billing');
    expect(await keys(['revoke', 'billing', '--yes'])).toEqual({
      code: 0,
      out: `Key ${key_id} (billing) is revoked. An ingress that knows it may let it in for up to 30 s more.\n`,
      err: '',
      asked: [],
    });
    expect(await list('--all')).toMatchObject([{ key_id, revoked: '2026-11-23T12:00:00.000Z' }]);
  });

  test('of what is revoked already says so, and leaves its time', async () => {
    const { keys, create, setTime } = await openKeys();
    const { key_id } = await create('billing');
    await keys(['revoke', key_id, '--yes']);
    setTime('2026-11-23T13:00:00.000Z');
    expect(await keys(['revoke', 'billing'])).toEqual({
      code: 0,
      out: `Key ${key_id} (billing) was revoked already, 2026-11-23 12:00 UTC.\n`,
      err: '',
      asked: [],
    });
    const { out } = await keys(['revoke', key_id, '--json']);
    expect(JSON.parse(out)).toMatchObject({
      key_id,
      revoked: '2026-11-23T12:00:00.000Z',
      already_revoked: true,
    });
  });

  test('asks, and does nothing when the answer is no', async () => {
    const { keys, create, list } = await openKeys();
    const { key_id } = await create('billing');
    expect(await keys(['revoke', 'billing'], { answer: false })).toEqual({
      code: 1,
      out: '',
      err: 'Nothing was revoked.\n',
      asked: [`Revoke key ${key_id} (billing), never used?`],
    });
    expect(await list()).toMatchObject([{ key_id, revoked: null }]);
    expect((await keys(['revoke', 'billing'], { answer: true })).code).toBe(0);
    expect(await list()).toEqual([]);
  });

  test('of an unknown or an ambiguous name revokes nothing', async () => {
    const { keys, create, list } = await openKeys();
    const ids = [(await create('billing')).key_id, (await create('billing')).key_id];
    expect(await keys(['revoke', 'biling', '--yes'])).toMatchObject({
      code: 2,
      out: '',
      err: 'ronda: There is no key with the id or name biling: "ronda keys list --all" shows all.\n',
    });
    const { code, err } = await keys(['revoke', 'billing', '--yes']);
    expect(code).toBe(2);
    for (const id of ids) expect(err).toContain(id);
    expect(await list()).toHaveLength(2);
  });
});

describe('ronda keys rotate', () => {
  test('makes a key like the old one, and each names the other', async () => {
    const { create, rotate, list } = await openKeys();
    const old = await create('billing', '--scope', 'ingest,read', '--service', 'billing', '--never');
    const next = await rotate('billing', '--expires', '30d');
    expect(next).toMatchObject({
      name: 'billing',
      scopes: ['ingest', 'read'],
      services: ['billing'],
      expires: '2026-12-23T12:00:00.000Z',
      replaces: old.key_id,
      old_expires: '2026-11-24T12:00:00.000Z',
    });
    expect(next.key).not.toBe(old.key);
    const byId = new Map((await list()).map((key) => [key.key_id, key]));
    expect(byId.get(old.key_id)).toMatchObject({
      replaced_by: next.key_id,
      expires: '2026-11-24T12:00:00.000Z',
    });
    expect(byId.get(next.key_id)).toMatchObject({ replaces: old.key_id, replaced_by: null });
  });

  test('tells what becomes of the old key', async () => {
    const { keys, create } = await openKeys();
    const { key_id } = await create('billing');
    const { code, out, err } = await keys(['rotate', key_id, '--grace', '7d']);
    expect(code).toBe(0);
    expect(out).toMatch(/\n\nronda_[a-z0-9]{12}_[\w-]{43}\n$/);
    expect(err).toBe(
      `Keep the key now: it is stored nowhere and is not shown again.\n` +
        `The old one, ${key_id}: 2026-11-30 12:00 (in 7 d 00 h). ` +
        `An ingress that knows it may let it in for up to 30 s more.\n`,
    );
  });

  test.each([
    ['2h', '24h', '2026-11-23T14:00:00.000Z'],
    ['25h', '24h', '2026-11-24T12:00:00.000Z'],
    ['25h', '0', '2026-11-23T12:00:00.000Z'],
  ])('never lengthens the old key: one of %s, with a grace of %s, ends %s', async (life, grace, ends) => {
    const { create, rotate } = await openKeys();
    await create('billing', '--expires', life);
    expect((await rotate('billing', '--grace', grace)).old_expires).toBe(ends);
  });

  test('can go on for ever: each rotation follows the last', async () => {
    const { create, rotate, keys } = await openKeys();
    const first = await create('billing');
    const second = await rotate('billing');
    const third = await rotate('billing');
    expect([second.replaces, third.replaces]).toEqual([first.key_id, second.key_id]);
    expect(await keys(['rotate', first.key_id])).toMatchObject({
      code: 2,
      out: '',
      err: `ronda: Key ${first.key_id} has been replaced by ${second.key_id}: rotate that one.\n`,
    });
  });

  test('by two at once leaves one successor: the other is refused, and its key is gone', async () => {
    const { create, rotate, keys, list, backend } = await openKeys();
    const old = await create('billing');
    let winner = '';
    const watch = watchRequests(backend.store, async (request) => {
      if (request !== 'Update api-keys' || winner !== '') return;
      winner = 'being made';
      winner = (await rotate('billing')).key_id;
    });
    const { code, out, err } = await keys(['rotate', 'billing']);
    watch.stop();
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toBe(
      `ronda: Key ${old.key_id} was rotated, revoked or removed by somebody else just now: "ronda keys list --all" shows it.\n`,
    );
    expect((await list('--all')).map(({ key_id }) => key_id).toSorted()).toEqual(
      [old.key_id, winner].toSorted(),
    );
    expect((await readApiKey(backend.store, old.key_id))?.replaced_by).toBe(winner);
  });

  test('that breaks off half-way leaves the old key as it was', async () => {
    const { create, keys, rotate, list, backend } = await openKeys();
    const old = await create('billing');
    const watch = watchRequests(backend.store, (request) => {
      if (request === 'Update api-keys') throw new Error('killed');
    });
    await expect(keys(['rotate', 'billing'])).rejects.toThrow('killed');
    watch.stop();
    const found = (await list()).find(({ key_id }) => key_id === old.key_id);
    expect(found).toMatchObject({ expires: old.expires, replaced_by: null });
    const next = await rotate('billing');
    expect(next.replaces).toBe(old.key_id);
    const { out } = await keys(['list']);
    expect(out.match(/shown to nobody, meant to replace (.*)/)?.[1]).toBe(old.key_id);
    expect((await keys(['revoke', 'billing', '--yes'])).err).toContain(`${old.key_id} (created`);
  });
});
