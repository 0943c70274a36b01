import { describe, expect, test } from '@jest/globals';
import { UsageError } from '../../../src/errors.ts';
import {
  expiresAt,
  readCreateOptions,
  readListOptions,
  readRotateOptions,
} from '../../../src/operator/keys/options.ts';

const day = 86_400_000;
const noon = Date.parse('2026-11-23T12:00:00.000Z');

function problemsOf(read: () => unknown): string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof UsageError) return error.message.split('\n');
    throw error;
  }
  return [];
}

describe('a new key', () => {
  test('may do little unless more is asked for: ingest, for 90 days', () => {
    expect(readCreateOptions('billing', {})).toEqual({
      name: 'billing',
      scopes: ['ingest'],
      services: null,
      expires: { after: 90 * day },
      json: false,
    });
  });

  test('has the scopes that are named, each once and in their order, and each service once', () => {
    const given = { scope: ['admin,read', 'read'], service: ['b, ltd', 'a', 'a'], never: true, json: true };
    expect(readCreateOptions('mueller-soehne', given)).toEqual({
      name: 'mueller-soehne',
      scopes: ['read', 'admin'],
      services: ['b, ltd', 'a'],
      expires: 'never',
      json: true,
    });
  });

  test('gets everything that is wrong with it at once', () => {
    const given = { scope: ['ingest,root', 'write'], service: [''], expires: 'soon' };
    expect(problemsOf(() => readCreateOptions('two\nlines', given))).toEqual([
      'NAME: must be 1 to 128 of A-Z a-z 0-9 . _ -',
      '--scope: there is no scope root: they are ingest, read, admin',
      '--scope: there is no scope write: they are ingest, read, admin',
      '--service: must not be empty',
      '--expires: must be like 90d, or a date like 2027-03-31, ten years away at most',
    ]);
  });

  test('cannot both expire and never expire', () => {
    expect(problemsOf(() => readCreateOptions('a', { expires: '1d', never: true }))).toEqual([
      '--expires, --never: only one of them',
    ]);
  });

  test.each([
    '',
    ' a',
    'a\n',
    'a\tb',
    'payroll prod',
    'Müller',
    '支払い',
    '\u{1b}[31m',
    'a:b',
    'x'.repeat(129),
  ])('cannot be called %j', (name) => {
    expect(problemsOf(() => readCreateOptions(name, {}))).toEqual([
      'NAME: must be 1 to 128 of A-Z a-z 0-9 . _ -',
    ]);
  });

  test.each(['a', 'x'.repeat(128), 'Payroll_prod-2.eu'])('can be called %j', (name) => {
    expect(readCreateOptions(name, {}).name).toBe(name);
  });
});

describe('an expiry', () => {
  test.each([
    ['1d', '2026-11-24T12:00:00.000Z'],
    ['12w', '2027-02-15T12:00:00.000Z'],
    ['30m', '2026-11-23T12:30:00.000Z'],
    ['2026-11-23', '2026-11-24T00:00:00.000Z'],
    ['2028-02-29', '2028-03-01T00:00:00.000Z'],
    ['2026-11-23T20:00:00+07:00', '2026-11-23T13:00:00.000Z'],
  ])('of %s, asked for at noon of 2026-11-23, is %s: a date counts to its end, UTC', (expires, at) => {
    expect(expiresAt(readCreateOptions('a', { expires }).expires, noon)).toBe(at);
  });

  test('of never is none', () => {
    expect(expiresAt('never', noon)).toBeNull();
  });

  test.each(['0d', '-1d', '90', 'd', '1y', '2027-02-29', '2027-13-01', '3651d', '2026-11-23T20:00'])(
    'of %s makes no sense',
    (expires) => {
      expect(problemsOf(() => readRotateOptions({ expires }))).toEqual([
        '--expires: must be like 90d, or a date like 2027-03-31, ten years away at most',
      ]);
    },
  );

  test.each([
    ['2026-11-22', '--expires: 2026-11-23T00:00:00.000Z is past'],
    ['2026-11-23T12:00:00Z', '--expires: 2026-11-23T12:00:00.000Z is past'],
    ['2036-11-23', '--expires: must be ten years away at most, or --never'],
  ])('on %s cannot be', (expires, problem) => {
    expect(problemsOf(() => expiresAt(readCreateOptions('a', { expires }).expires, noon))).toEqual([problem]);
  });
});

describe('a time', () => {
  test('of grace is a day unless it is said, and may be none', () => {
    const graceOf = (given: object) => readRotateOptions({ ...given }).grace;
    expect([graceOf({}), graceOf({ grace: '7d' }), graceOf({ grace: '0' })]).toEqual([day, 7 * day, 0]);
    expect(problemsOf(() => graceOf({ grace: 'none', expires: 'x' }))).toEqual([
      '--grace: must be a time like 30m, 24h, 7d or 2w, ten years at most',
      '--expires: must be like 90d, or a date like 2027-03-31, ten years away at most',
    ]);
  });

  test('in which keys end is asked of a list', () => {
    expect(readListOptions({})).toEqual({ all: false, expiring: undefined, json: false });
    expect(readListOptions({ all: true, expiring: '2w', json: true })).toEqual({
      all: true,
      expiring: 14 * day,
      json: true,
    });
    expect(problemsOf(() => readListOptions({ expiring: 'soon' }))).toEqual([
      '--expiring: must be a time like 30m, 24h, 7d or 2w, ten years at most',
    ]);
  });
});
