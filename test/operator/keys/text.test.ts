import { describe, expect, test } from '@jest/globals';
import { createdText, listText } from '../../../src/operator/keys/text.ts';
import { keyRow } from './rows.ts';

const noon = Date.parse('2026-11-23T12:00:00.000Z');

describe('a list of keys', () => {
  test('says what each may do, when it ends and when it was used', () => {
    const keys = [
      keyRow({ services: ['billing', 'invoicing'], last_used: '2026-11-23T11:20:30.000Z' }),
      keyRow({
        key_id: 'bbbbbbbbbbbb',
        expires: '2026-11-23T12:00:00.000Z',
        replaced_by: 'cccccccccccc',
      }),
      keyRow({ key_id: 'cccccccccccc', expires: null, scopes: ['read', 'admin'], replaces: 'bbbbbbbbbbbb' }),
      keyRow({ key_id: 'dddddddddddd', revoked: '2026-11-20T01:02:03.000Z', name: 'payroll' }),
      keyRow({ key_id: 'eeeeeeeeeeee', replaces: 'bbbbbbbbbbbb', name: 'payroll' }),
    ];
    expect(listText(keys, new Set(['eeeeeeeeeeee']), noon)).toBe(
      [
        'id            name     scopes      services            created     expires                          last used         note',
        'aaaaaaaaaaaa  billing  ingest      billing, invoicing  2026-11-01  2027-01-30 00:00 (in 67 d 12 h)  2026-11-23 11:20',
        'bbbbbbbbbbbb  billing  ingest      all                 2026-11-01  expired 2026-11-23 12:00         never             replaced by cccccccccccc',
        'cccccccccccc  billing  read,admin  all                 2026-11-01  never                            never             replaces bbbbbbbbbbbb',
        'dddddddddddd  payroll  ingest      all                 2026-11-01  2027-01-30 00:00 (in 67 d 12 h)  never             revoked 2026-11-20 01:02',
        'eeeeeeeeeeee  payroll  ingest      all                 2026-11-01  2027-01-30 00:00 (in 67 d 12 h)  never             shown to nobody, meant to replace bbbbbbbbbbbb',
        '',
      ].join('\n'),
    );
  });

  test('lets no name steer the terminal', () => {
    const text = listText([keyRow({ name: 'a\u{1b}[2Jb', services: ['x\ny'] })], new Set(), noon);
    expect(text).toContain('a\\u{1b}[2Jb');
    expect(text).toContain('x\\u{a}y');
    expect(text.split('\n')).toHaveLength(3);
  });
});

test('a new key stands on a line of its own', () => {
  expect(createdText(keyRow({ scopes: ['ingest', 'read'] }), 'the-plain-key', noon)).toBe(
    [
      'Key aaaaaaaaaaaa',
      '  name      billing',
      '  scopes    ingest, read',
      '  services  all',
      '  expires   2027-01-30 00:00 (in 67 d 12 h)',
      '',
      'the-plain-key',
      '',
    ].join('\n'),
  );
});
