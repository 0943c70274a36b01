import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { settings } from '../../src/config.ts';
import { settingsList, settingsTable } from '../../src/operator/settings/table.ts';
import { transportSettings } from '../../src/transports/registry.ts';

/** A table's cells, whatever the padding that Prettier gives them. */
const rowsOf = (text: string): string[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.replace(/\s*\|\s*/g, '|').replace(/-+/g, '-'));

test('docs/settings.md says what `ronda settings` says (run it again to mend this)', () => {
  const page = readFileSync(new URL('../../docs/settings.md', import.meta.url), 'utf8');
  expect(rowsOf(page)).toEqual(rowsOf(settingsTable(transportSettings)));
});

test('the table has a row with a meaning for every setting', () => {
  const rows = rowsOf(settingsTable(transportSettings)).slice(2);
  expect(rows).toHaveLength(Object.keys(settings.shape).length + transportSettings.length);
  for (const row of rows) expect(row).toMatch(/^\|`[A-Z_<>]+`\|[^|]+\|[^|]{10,}\|$/);
});

test('a row shows name, default and meaning', () => {
  expect(settingsTable(transportSettings)).toContain(
    '| `EOD_UPDATE_MINUTES` | `60` | how often the board is brought up to date |',
  );
});

test('for machines defaults are values, and null where there is none', () => {
  const list = settingsList(transportSettings);
  expect(list).toHaveLength(Object.keys(settings.shape).length + transportSettings.length);
  expect(list).toContainEqual({
    name: 'EOD_UPDATE_MINUTES',
    default: 60,
    meaning: 'how often the board is brought up to date',
  });
  expect(list.find(({ name }) => name === 'HOST')).toMatchObject({ default: null });
});
