import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { readSettings } from '../../src/config.ts';
import { UsageError } from '../../src/errors.ts';
import { boardsOf } from '../../src/operator/boards-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'ronda-boards-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** The boards of a file with this content. */
function boards(content: unknown) {
  const file = join(folder, 'boards.json');
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return boardsOf(readSettings({ RONDA_BOARDS: file }), 'C0LOCAL');
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
    expect(boardsOf(settings, 'C0LOCAL')).toEqual([
      {
        ...{ name: 'eod', channel: 'C0LOCAL', zone: 'America/New_York', window: '22:00-04:00' },
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
});

describe('a mistake is told with its place', () => {
  const good = { name: 'eod', channel: 'C0123ABCD' };
  test.each<[string, unknown, RegExp]>([
    ['no JSON', '{"name":', /^RONDA_BOARDS: FILE cannot be read: .*JSON/],
    ['no boards', [], /^RONDA_BOARDS: FILE has mistakes:\n {2}the file: /],
    ['a misspelt key', [{ ...good, chanel: 'C1' }], /\n {2}0\.\?: .*chanel/],
    ['no channel', [{ name: 'eod' }], /\n {2}0\.channel: /],
    ['a channel’s name', [{ ...good, channel: '#eod' }], /\n {2}0\.channel: /],
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
    expect(() => boardsOf(settings, 'C0LOCAL')).toThrow(
      /^RONDA_BOARDS: .*none\.json cannot be read: .*ENOENT/,
    );
  });
});
