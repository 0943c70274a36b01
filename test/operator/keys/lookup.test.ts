import { describe, expect, test } from '@jest/globals';
import { UsageError } from '../../../src/errors.ts';
import { byNameAndAge, keyToRevoke, keyToRotate, unseenKeys } from '../../../src/operator/keys/lookup.ts';
import { keyRow } from './rows.ts';

const noon = Date.parse('2026-11-23T12:00:00.000Z');
const live = keyRow({ key_id: 'live' });
const other = keyRow({ key_id: 'other', created_at: '2026-11-02T00:00:00.000Z' });
const grace = keyRow({ key_id: 'grace', replaced_by: 'live', expires: '2026-11-24T00:00:00.000Z' });
const expired = keyRow({ key_id: 'expired', expires: '2026-11-23T12:00:00.000Z' });
const replaced = keyRow({ ...expired, key_id: 'replaced', replaced_by: 'live' });
const revoked = keyRow({ key_id: 'revoked', revoked: '2026-11-20T00:00:00.000Z' });
const earlier = keyRow({ key_id: 'earlier', revoked: '2026-11-10T00:00:00.000Z' });
const stranger = keyRow({ key_id: 'stranger', name: 'payroll' });

const ambiguous =
  'There are 2 keys called billing: say which by its id, live (created 2026-11-01) or other (created 2026-11-02).';
const unknown = 'There is no key with the id or name nobody: "ronda keys list --all" shows all.';

describe('the key to revoke by its name', () => {
  test.each([
    [[stranger, live], 'live'],
    [[revoked, expired, live], 'live'],
    [[revoked, expired], 'expired'],
    [[revoked, earlier], 'revoked'],
  ])('of %j', (keys, id) => {
    expect(keyToRevoke(keys, 'billing', noon).key_id).toBe(id);
  });

  test('is not chosen among several that work', () => {
    expect(() => keyToRevoke([other, revoked, live], 'billing', noon)).toThrow(new UsageError(ambiguous));
    expect(() => keyToRevoke([live, grace], 'billing', noon)).toThrow(/grace .* or live/);
  });

  test('is none where no key is called so', () => {
    expect(() => keyToRevoke([live], 'nobody', noon)).toThrow(new UsageError(unknown));
    expect(() => keyToRevoke([live], 'bill\u{1b}[2J', noon)).toThrow('bill\\u{1b}[2J: ');
  });
});

describe('the key to rotate by its name', () => {
  test.each([
    [[stranger, live], 'live'],
    [[revoked, expired, grace, live], 'live'],
    [[replaced, expired], 'expired'],
  ])('of %j', (keys, id) => {
    expect(keyToRotate(keys, 'billing', noon).key_id).toBe(id);
  });

  test('is not chosen among several', () => {
    expect(() => keyToRotate([other, live], 'billing', noon)).toThrow(new UsageError(ambiguous));
  });

  test('is none that is revoked', () => {
    expect(() => keyToRotate([revoked, earlier], 'billing', noon)).toThrow(
      'Key billing is revoked: "ronda keys create" makes a new one, nothing brings it back.',
    );
  });

  test('is none where no key is called so', () => {
    expect(() => keyToRotate([], 'nobody', noon)).toThrow(new UsageError(unknown));
  });
});

describe('a key that a rotation made and did not come to show', () => {
  const halfWay = keyRow({ key_id: 'half-way', replaces: 'live' });
  const beaten = keyRow({ key_id: 'beaten', replaces: 'grace' });
  const shown = keyRow({ ...live, replaces: 'grace' });

  test('is one that the key before it does not name, if that is still there', () => {
    const orphan = keyRow({ key_id: 'orphan', replaces: 'long gone' });
    expect([...unseenKeys([shown, grace, halfWay, beaten, other, orphan])]).toEqual(['half-way', 'beaten']);
  });

  test('is not meant by its name, but can be revoked by its id', () => {
    expect(keyToRotate([shown, grace, halfWay, beaten], 'billing', noon).key_id).toBe('live');
    expect(keyToRevoke([live, halfWay], 'billing', noon).key_id).toBe('live');
    expect(keyToRevoke([live, halfWay], 'half-way', noon).key_id).toBe('half-way');
  });
});

test('an id means its key, whatever others are called', () => {
  const namesake = keyRow({ key_id: 'elsewhere', name: 'live' });
  expect(keyToRevoke([namesake, other, live], 'live', noon)).toBe(live);
  expect(keyToRotate([namesake, other, live], 'live', noon)).toBe(live);
});

test('keys are listed by name, then from the oldest', () => {
  const keys = [stranger, other, live, keyRow({ key_id: 'z', name: 'Zeta' })];
  expect(keys.toSorted(byNameAndAge).map(({ key_id }) => key_id)).toEqual(['z', 'live', 'other', 'stranger']);
});
