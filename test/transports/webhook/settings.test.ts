import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readWebhooks } from '../../../src/transports/webhook/settings.ts';
import { nextSecret, secret } from './receiver.ts';

const url = 'https://hooks.example.com/ronda';
const ops = { RONDA_WEBHOOK_OPS_EU_URL: url, RONDA_WEBHOOK_OPS_EU_SECRET: secret };

describe('the settings of webhooks', () => {
  test('are none where the environment names none', () => {
    expect(readWebhooks({ RONDA_WEBHOOK_OPS_URL: '' })).toEqual({ webhooks: [], problems: [] });
  });

  test('name each by its setting, and take two secrets while they are rotated', () => {
    const { webhooks, problems } = readWebhooks({ ...ops, RONDA_WEBHOOK_OPS_EU_SECRET_NEXT: nextSecret });
    expect(problems).toEqual([]);
    expect(webhooks).toMatchObject([
      {
        name: 'ops-eu',
        url: new URL(url),
        isAllowed: false,
        secrets: [Buffer.alloc(32, 7), Buffer.alloc(32, 8)],
      },
    ]);
  });

  test('may stand in files', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'ronda-')), 'secret');
    writeFileSync(file, `${secret}\n`);
    const { webhooks, problems } = readWebhooks({
      RONDA_WEBHOOK_OPS_URL: url,
      RONDA_WEBHOOK_OPS_SECRET_FILE: file,
    });
    expect(problems).toEqual([]);
    expect(webhooks[0]?.secrets).toEqual([Buffer.alloc(32, 7)]);
  });

  test.each<[string, Record<string, string>, unknown[]]>([
    [
      'no secret',
      { RONDA_WEBHOOK_OPS_EU_SECRET: '' },
      [
        'RONDA_WEBHOOK_OPS_EU_SECRET: is required with RONDA_WEBHOOK_OPS_EU_URL: whsec_ and 24 to 64 bytes in base64',
      ],
    ],
    [
      'a short secret',
      { RONDA_WEBHOOK_OPS_EU_SECRET: 'whsec_c2hvcnQ=' },
      ['RONDA_WEBHOOK_OPS_EU_SECRET: must be whsec_ and 24 to 64 bytes in base64'],
    ],
    [
      'a secret that is none',
      { RONDA_WEBHOOK_OPS_EU_SECRET_NEXT: 'hunter2' },
      ['RONDA_WEBHOOK_OPS_EU_SECRET_NEXT: must be whsec_ and 24 to 64 bytes in base64'],
    ],
    [
      'no address',
      { RONDA_WEBHOOK_OPS_EU_URL: 'ops' },
      ['RONDA_WEBHOOK_OPS_EU_URL: must be an https:// address'],
    ],
    [
      'an address in clear',
      { RONDA_WEBHOOK_OPS_EU_URL: 'http://hooks.example.com/' },
      ['RONDA_WEBHOOK_OPS_EU_URL: must begin with https://, unless RONDA_WEBHOOK_ALLOW_HOSTS names its host'],
    ],
    [
      'a password',
      { RONDA_WEBHOOK_OPS_EU_URL: 'https://a:b@hooks.example.com/' },
      ['RONDA_WEBHOOK_OPS_EU_URL: must not carry a user or password'],
    ],
    [
      'a file that is not there',
      { RONDA_WEBHOOK_OPS_EU_SECRET: '', RONDA_WEBHOOK_OPS_EU_SECRET_FILE: '/nowhere/x' },
      [expect.stringMatching(/^RONDA_WEBHOOK_OPS_EU_SECRET_FILE: cannot be read: ENOENT/)],
    ],
    [
      'both a value and a file',
      { RONDA_WEBHOOK_OPS_EU_SECRET_FILE: '/nowhere/x' },
      ['RONDA_WEBHOOK_OPS_EU_SECRET: is given twice, here and in RONDA_WEBHOOK_OPS_EU_SECRET_FILE'],
    ],
  ])('with %s are refused, and say what to do', (_what, changes, problems) => {
    expect(readWebhooks({ ...ops, ...changes })).toEqual({ webhooks: [], problems });
  });

  test('permit a private host, also in clear, where it is named', () => {
    const named = {
      RONDA_WEBHOOK_OPS_EU_URL: 'http://10.1.2.3:8080/',
      RONDA_WEBHOOK_ALLOW_HOSTS: 'other, 10.1.2.3',
    };
    expect(readWebhooks({ ...ops, ...named })).toMatchObject({
      webhooks: [{ isAllowed: true }],
      problems: [],
    });
  });
});
