import { expect, test } from '@jest/globals';
import { csvOf } from '../../src/board/csv.ts';

test('every field is quoted, and of one line', () => {
  expect(
    csvOf([
      ['a', null, 17],
      ['say "no"', 'two\nlines', ''],
    ]),
  ).toBe('"a","","17"\r\n"say ""no""","two\\u{a}lines",""\r\n');
});

test.each([
  ...['=1+1', '+1', '-1', '@SUM(A1)', '|cmd', '%00=1', '＝1', '＋1', '－1', '＠a'],
  ...[' =1', '\t=1', '\u200b=1'],
])('%j begins with an apostrophe, so that no spreadsheet takes it for a formula', (text) => {
  expect(csvOf([[text]])).toMatch(/^"'/);
});

test.each(['a=1', '1-1', "'=1", '2099-11-23T17:00:00.000Z', ''])('%j stays as it is', (text) => {
  expect(csvOf([[text]])).toBe(`"${text}"\r\n`);
});
