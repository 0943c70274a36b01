import { expect, test } from '@jest/globals';
import { raw, render, rowsOf, texts } from './page-fixtures.ts';

test('a table has its first row as head, each column aligned and wrapped as it says, cells inert', () => {
  const element = render({
    type: 'table',
    column_settings: [{ is_wrapped: true }, { align: 'right' }],
    rows: [
      [raw('Job'), raw('Since'), raw('Note')],
      [raw('*close* :x:'), raw('00:10'), raw('<!here>')],
    ],
  });
  expect(rowsOf(element)).toEqual([
    ['Job', 'Since', 'Note'],
    ['*close* :x:', '00:10', '<!here>'],
  ]);
  expect(element.tagged('td').map((cell) => cell.getAttribute('class'))).toEqual([
    'left wrapped',
    'right',
    'left',
  ]);
  expect(element.tagged('th')).toHaveLength(3);
});

test('a data table has its caption, and the column that names a row as heads', () => {
  const element = render({
    type: 'data_table',
    caption: 'Longest',
    page_size: 1,
    row_header_column_index: 0,
    rows: [
      [raw('Job'), raw('Took')],
      [raw('b10'), raw('9 min')],
      [raw('b9'), raw('100 min')],
    ],
  });
  expect(texts(element.tagged('caption'))).toEqual(['Longest']);
  expect(rowsOf(element)).toEqual([
    ['Job', 'Took'],
    ['b10', '9 min'],
    ['b9', '100 min'],
  ]);
  expect(texts(element.tagged('th'))).toEqual(['Job', 'Took', 'b10', 'b9']);
});
