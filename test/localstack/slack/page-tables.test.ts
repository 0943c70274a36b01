import { describe, expect, test } from '@jest/globals';
import type { KitBlock, TableView } from '../../../localstack/slack/page/page.d.ts';
import type { FakeElement } from './fake-document.ts';
import { raw, render, rowsOf } from './page-fixtures.ts';

describe('a table', () => {
  test('has its first row as head, each column aligned and wrapped as it says, cells inert', () => {
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
});

describe('a data table', () => {
  const block = {
    type: 'data_table',
    caption: 'Longest',
    page_size: 2,
    row_header_column_index: 0,
    rows: [
      [raw('Job'), raw('Took')],
      [raw('b10'), raw('9 min')],
      [raw('b9'), raw('100 min')],
      [raw('a'), raw('20 min')],
    ],
  } satisfies KitBlock;
  const view = (): TableView => ({ page: 0, column: undefined, descending: false });
  const named = (element: FakeElement, name: string) =>
    element.tagged('button').find(({ textContent }) => textContent.includes(name));

  test('turns its pages, no further than there are any', () => {
    const element = render(block, { tableView: view });
    expect(rowsOf(element).slice(1)).toEqual([
      ['b10', '9 min'],
      ['b9', '100 min'],
    ]);
    expect(named(element, 'Back')?.disabled).toBe(true);
    named(element, 'Next')?.click();
    named(element, 'Next')?.click();
    expect(rowsOf(element).slice(1)).toEqual([['a', '20 min']]);
    expect(element.textContent).toContain('3–3 of 3');
    expect(named(element, 'Next')?.disabled).toBe(true);
  });

  test('sorts as people count, and the other way at the second press', () => {
    const element = render({ ...block, page_size: 10 }, { tableView: view });
    named(element, 'Took')?.click();
    expect(rowsOf(element).slice(1)).toEqual([
      ['b10', '9 min'],
      ['a', '20 min'],
      ['b9', '100 min'],
    ]);
    named(element, 'Took')?.click();
    expect(rowsOf(element).slice(1).map(([job]) => job)).toEqual(['b9', 'a', 'b10']); // prettier-ignore
    expect(element.tagged('th').map((head) => head.getAttribute('aria-sort'))).toEqual([
      'none',
      'descending',
      ...[null, null, null],
    ]);
  });

  test('that was edited shows the page on which the reader was, or the last that is left', () => {
    const kept = view();
    named(render(block, { tableView: () => kept }), 'Next')?.click();
    expect(rowsOf(render(block, { tableView: () => kept }))[1]).toEqual(['a', '20 min']);
    const shorter = { ...block, rows: block.rows.slice(0, 2) };
    expect(rowsOf(render(shorter, { tableView: () => kept }))[1]).toEqual(['b10', '9 min']);
  });
});
