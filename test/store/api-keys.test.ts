import { describe, expect, test } from '@jest/globals';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import {
  deleteApiKey,
  hasEnded,
  hashOf,
  keyIdOf,
  listApiKeys,
  newPlainKey,
  putApiKey,
  readApiKey,
  recordUse,
  revokeApiKey,
  succeedApiKey,
  type ApiKey,
} from '../../src/store/keys/api-keys.ts';
import { tableOf } from '../../src/store/store.ts';
import { createStore, rawRow } from './fixtures.ts';

const store = await createStore();

function newKey(fields: Partial<ApiKey> = {}): ApiKey {
  const plain = newPlainKey();
  return {
    key_id: keyIdOf(plain) ?? '',
    name: 'billing',
    hash: hashOf(plain),
    scopes: ['ingest'],
    services: null,
    created_at: '2026-11-01T00:00:00.000Z',
    expires: '2027-01-30T00:00:00.000Z',
    revoked: null,
    ...fields,
  };
}

async function stored(fields: Partial<ApiKey> = {}): Promise<ApiKey> {
  const key = newKey(fields);
  await putApiKey(store, key);
  return key;
}

const rowOf = ({ key_id }: ApiKey) => rawRow(store, 'apiKeys', { key_id });
const noon = '2026-11-23T12:00:00.000Z';
const one = '2026-11-23T13:00:00.000Z';

describe('a key', () => {
  test('of an older program, without what was added since, is read as it was written', async () => {
    const key = newKey();
    await store.client.send(new PutCommand({ TableName: tableOf(store, 'apiKeys'), Item: key }));
    expect(await readApiKey(store, key.key_id)).toEqual(key);
  });

  test('never takes the place of another with its id', async () => {
    const key = await stored();
    const other = { ...newKey(), key_id: key.key_id };
    await expect(putApiKey(store, other)).rejects.toThrow(`there is another key with the id ${key.key_id}`);
    expect(await rowOf(key)).toEqual(key);
  });

  test('that is stored twice, as by a retry whose first answer got lost, is one key', async () => {
    const key = await stored();
    await putApiKey(store, key);
    expect(await rowOf(key)).toEqual(key);
  });

  test('is listed with all others', async () => {
    const own = { ...store, prefix: (await createStore()).prefix };
    const keys = [newKey({ name: 'a' }), newKey({ name: 'b', revoked: noon })];
    for (const key of keys) await putApiKey(own, key);
    expect((await listApiKeys(own)).toSorted((a, b) => a.name.localeCompare(b.name))).toEqual(keys);
  });

  test.each([
    [null, null, false],
    [null, '2026-11-23T12:00:00.001Z', false],
    [null, noon, true],
    [noon, null, true],
    ['2026-11-24T00:00:00.000Z', null, true],
  ])('revoked %p and expiring %p has ended at noon: %p', (revoked, expires, ended) => {
    expect(hasEnded({ revoked, expires }, Date.parse(noon))).toBe(ended);
  });
});

describe('revoking', () => {
  test('says when, and changes nothing else', async () => {
    const key = await stored();
    expect(await revokeApiKey(store, key.key_id, noon)).toEqual({ ...key, revoked: noon });
    expect(await rowOf(key)).toEqual({ ...key, revoked: noon });
  });

  test('what is not there makes nothing', async () => {
    const key = newKey();
    expect(await revokeApiKey(store, key.key_id, noon)).toBeUndefined();
    expect(await rowOf(key)).toBeUndefined();
  });
});

describe('a successor', () => {
  test.each([['2027-01-30T00:00:00.000Z'], [null]])(
    'is named in a key that expires at %p, with the key’s new end',
    async (expires) => {
      const key = await stored({ expires });
      expect(await succeedApiKey(store, key, { replaced_by: 'next', expires: noon })).toBe(true);
      expect(await rowOf(key)).toEqual({ ...key, replaced_by: 'next', expires: noon });
    },
  );

  test('is named once: of two at once one succeeds', async () => {
    const key = await stored();
    const named = await Promise.all(
      ['a', 'b', 'c'].map((id) => succeedApiKey(store, key, { replaced_by: id, expires: noon })),
    );
    expect(named.filter(Boolean)).toHaveLength(1);
    expect((await rowOf(key))?.['replaced_by']).toBe(['a', 'b', 'c'][named.indexOf(true)]);
  });

  test('is named though the key was used since it was read, and the use stays', async () => {
    const key = await stored();
    await recordUse(store, key.key_id, noon);
    expect(await succeedApiKey(store, key, { replaced_by: 'next', expires: one })).toBe(true);
    expect(await rowOf(key)).toEqual({ ...key, replaced_by: 'next', expires: one, last_used: noon });
  });

  test('that its own lost write has named already counts as named', async () => {
    const key = await stored();
    await succeedApiKey(store, key, { replaced_by: 'next', expires: noon });
    expect(await succeedApiKey(store, key, { replaced_by: 'next', expires: noon })).toBe(true);
  });

  test('is refused by a key that was revoked, changed or removed since it was read', async () => {
    const [revoked, moved, gone] = [await stored(), await stored(), await stored()];
    await revokeApiKey(store, revoked.key_id, noon);
    await deleteApiKey(store, gone.key_id);
    for (const key of [revoked, { ...moved, expires: null }, { ...moved, expires: one }, gone])
      expect(await succeedApiKey(store, key, { replaced_by: 'next', expires: noon })).toBe(false);
    expect(await rowOf(revoked)).toEqual({ ...revoked, revoked: noon });
    expect(await rowOf(moved)).toEqual(moved);
    expect(await rowOf(gone)).toBeUndefined();
  });
});

describe('a use', () => {
  test('is the latest, in whatever order uses are written', async () => {
    const key = await stored();
    await recordUse(store, key.key_id, noon);
    expect(await rowOf(key)).toEqual({ ...key, last_used: noon });
    await recordUse(store, key.key_id, one);
    await recordUse(store, key.key_id, noon);
    expect(await rowOf(key)).toEqual({ ...key, last_used: one });
  });

  test('never brings a key back that is gone', async () => {
    const key = await stored();
    await deleteApiKey(store, key.key_id);
    await recordUse(store, key.key_id, noon);
    expect(await rowOf(key)).toBeUndefined();
  });
});
