import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { readSettings } from '../../src/config.ts';
import { UsageError } from '../../src/errors.ts';
import { nightKeyFor } from '../../src/night/boards.ts';
import { boardsOf } from '../../src/settings/boards-file.ts';
import { run } from '../process/program.ts';

const folder = mkdtempSync(join(tmpdir(), 'ronda-boards-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** The boards of a file with this content. */
function boards(content: unknown) {
  const file = join(folder, 'boards.json');
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return boardsOf(readSettings({ RONDA_BOARDS: file }));
}

/** What the user is told, without the file's name. */
function mistake(content: unknown): string {
  try {
    boards(content);
  } catch (error) {
    if (error instanceof UsageError) return error.message.replaceAll(join(folder, 'boards.json'), 'FILE');
    throw error;
  }
  throw new Error('it found no mistake');
}

describe('boards', () => {
  test('without a file are one, as the EOD settings describe it', () => {
    const settings = readSettings({ EOD_WINDOW: '22:00-04:00', EOD_TIMEZONE: 'America/New_York' });
    expect(boardsOf(settings)).toEqual([
      {
        ...{ name: 'eod', channel: 'C0RONDA', zone: 'America/New_York', window: '22:00-04:00' },
        ...{ updateMinutes: 60, services: null },
      },
    ]);
  });

  test('of a file are as it says, with what it leaves out as usual', () => {
    expect(
      boards([
        { name: 'eod', channel: 'C0123ABCD' },
        {
          ...{ name: 'ny', channel: 'C0456EFGH', zone: 'America/New_York', window: '22:00-04:00' },
          ...{ update_minutes: 30, services: ['clearing'] },
        },
      ]),
    ).toEqual([
      {
        ...{ name: 'eod', channel: 'C0123ABCD', zone: 'Asia/Jakarta', window: '00:00-06:00' },
        ...{ updateMinutes: 60, services: null },
      },
      {
        ...{ name: 'ny', channel: 'C0456EFGH', zone: 'America/New_York', window: '22:00-04:00' },
        ...{ updateMinutes: 30, services: ['clearing'] },
      },
    ]);
  });

  test('have the routes of the example in docs/webhooks.md', () => {
    const page = readFileSync(new URL('../../docs/webhooks.md', import.meta.url), 'utf8');
    const [, example = ''] = /```json\n([\s\S]*?)```/.exec(page) ?? [];
    expect(boards(example)[0].routes).toEqual([
      { to: 'slack' },
      { to: 'webhook:ops', severity: ['error'], services: ['billing', 'ledger'] },
      { to: 'slack:C0ONCALL', kinds: ['failure'], after_minutes: 15 },
    ]);
  });

  test('may watch the same service, and share a channel: the first of them has its alerts', () => {
    const shared = { channel: 'C0123ABCD' };
    const found = boards([
      { ...shared, name: 'payments', services: ['billing', 'clearing'] },
      { ...shared, name: 'ledger', services: ['clearing', 'ledger'] },
    ]);
    const at = Date.parse('2026-11-23T19:40:00.000Z');
    expect(['billing', 'clearing', 'ledger', 'other'].map((one) => nightKeyFor(found, one, at))).toEqual([
      'payments/2026-11-24',
      'payments/2026-11-24',
      'ledger/2026-11-24',
      'payments/2026-11-24',
    ]);
  });
});

describe('a mistake is reported with its place', () => {
  const good = { name: 'eod', channel: 'C0123ABCD' };
  test.each<[string, unknown, RegExp]>([
    ['no JSON', '{"name":', /^RONDA_BOARDS: FILE cannot be read: .*JSON/],
    ['no boards', [], /^RONDA_BOARDS: FILE has mistakes:\n {2}the file: must hold at least one board$/],
    ['one board, not in a list', good, /\n {2}the file: .*array/],
    ['no board in the list', [good, 'C0456EFGH'], /\n {2}1: .*object/],
    ['services that are none', [{ ...good, services: [] }], /\n {2}0\.services: /],
    ['a name that cannot be a key', [{ ...good, name: 'End of day' }], /\n {2}0\.name: must be 1 to 40 of/],
    ['half a minute', [{ ...good, update_minutes: 0.5 }], /\n {2}0\.update_minutes: /],
    ['a misspelt key', [{ ...good, chanel: 'C1' }], /\n {2}0: .*chanel/],
    ['no channel', [{ name: 'eod' }], /\n {2}0\.channel: /],
    ['a channel’s name', [{ ...good, channel: '#eod' }], /\n {2}0\.channel: /],
    ['no routes in the list', [{ ...good, routes: [] }], /\n {2}0\.routes: /],
    ['a route to nothing', [{ ...good, routes: [{ kinds: ['failure'] }] }], /\n {2}0\.routes\.0\.to: /],
    [
      'a route to a channel’s name',
      [{ ...good, routes: [{ to: 'slack:#oncall' }] }],
      /\n {2}0\.routes\.0\.to: must be slack, slack:CHANNEL with its id, or a transport like webhook:ops/,
    ],
    [
      'a kind that is none',
      [{ ...good, routes: [{ to: 'slack', kinds: ['sad'] }] }],
      /routes\.0\.kinds\.0: /,
    ],
    ['a zone that is none', [{ ...good, zone: 'Mars/Base' }], /\n {2}0\.zone: /],
    ['a window that is none', [{ ...good, window: '25:00-06:00' }], /\n {2}0\.window: /],
    [
      'a name twice',
      [good, { ...good, channel: 'C0456EFGH' }],
      /the file: must give every board a name of its own/,
    ],
  ])('%s', (_what, content, message) => {
    expect(mistake(content)).toMatch(message);
  });

  test('a file that is not there', () => {
    const settings = readSettings({ RONDA_BOARDS: join(folder, 'none.json') });
    expect(() => boardsOf(settings)).toThrow(/^RONDA_BOARDS: .*none\.json cannot be read: .*ENOENT/);
  });

  test('together with every other', () => {
    expect(
      mistake([
        { ...good, window: '06:00-06:00' },
        { ...good, channel: '#eod', zone: 'Mars/Base' },
      ]).split('\n'),
    ).toEqual([
      'RONDA_BOARDS: FILE has mistakes:',
      '  0.window: must not start and end at the same minute',
      "  1.channel: must be a channel's id like C0123ABCD, not its name",
      '  1.zone: must be an IANA time zone like Asia/Jakarta',
      '  the file: must give every board a name of its own',
    ]);
  });

  test('of a route to what is not set up, before anything is started', async () => {
    const file = join(folder, 'routes.json');
    writeFileSync(file, JSON.stringify([{ ...good, routes: [{ to: 'webhook:on-call' }] }]));
    expect(await run(['start'], { RONDA_BOARDS: file, RONDA_DATA_DIR: join(folder, 'data') })).toMatchObject({
      code: 2,
      stdout: '',
      stderr:
        'ronda: routes of the board eod: webhook:on-call is not set up: see RONDA_WEBHOOK_ON_CALL_...\n',
    });
    const bad = { RONDA_WEBHOOK_OPS_URL: 'https://hooks.example.com/' };
    expect(await run(['start'], { ...bad, RONDA_DATA_DIR: join(folder, 'data') })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('RONDA_WEBHOOK_OPS_SECRET: is required'),
    });
  });

  test('and nothing else by the program, which does not start', async () => {
    const file = join(folder, 'unknown-key.json');
    writeFileSync(file, JSON.stringify([{ ...good, chanel: 'C1' }]));
    expect(await run(['start'], { RONDA_BOARDS: file, RONDA_DATA_DIR: join(folder, 'data') })).toMatchObject({
      code: 2,
      stdout: '',
      stderr: `ronda: RONDA_BOARDS: ${file} has mistakes:\n  0: Unrecognized key: "chanel"\n`,
    });
  });
});
