import { describe, expect, test } from '@jest/globals';
import { messageProblems, viewProblems } from '../../../localstack/slack/api/block-kit.ts';

const plain = (text: string) => ({ type: 'plain_text', text });
const cell = (text: string) => ({ type: 'raw_text', text });
const many = <T>(count: number, one: T): T[] => Array.from({ length: count }, () => one);

const details = (...blocks: unknown[]) => messageProblems({ text: 'x', blocks }).map(({ detail }) => detail);

describe('a table', () => {
  const table = (rows: unknown[][]) => ({ type: 'table', rows });

  test('may have 100 rows of 20 cells, not more', () => {
    expect(details(table(many(100, [cell('x')])))).toEqual([]);
    expect(details(table(many(101, [cell('x')]))).join()).toContain('must be at most 100 items');
    expect(details(table([many(20, cell('x'))]))).toEqual([]);
    expect(details(table([many(21, cell('x'))])).join()).toContain('must be at most 20 items');
  });

  test('has rows of one length, and a character in every cell', () => {
    expect(details(table([[cell('a'), cell('b')], [cell('c')]]))).toEqual([
      'must have 2 cells like the first row [json-pointer:/blocks/0/rows/1]',
    ]);
    expect(details(table([[cell('')]]))).toEqual([
      'must be at least 1 characters [json-pointer:/blocks/0/rows/0/0/text]',
    ]);
  });

  test('may have 20 column settings, not 21', () => {
    const settings = (count: number) => ({
      ...table([[cell('x')]]),
      column_settings: many(count, { align: 'left' }),
    });
    expect(details(settings(20))).toEqual([]);
    expect(details(settings(21)).join()).toContain('must be at most 20 items');
  });

  test('may have 10,000 characters over all cells, not one more', () => {
    expect(details(table([[cell('x'.repeat(9_999)), cell('y')]]))).toEqual([]);
    expect(details(table([[cell('x'.repeat(10_000)), cell('y')]]))).toEqual([
      'must be at most 10000 characters over all cells, has 10001 [json-pointer:/blocks]',
    ]);
  });

  test('is alone in its message, whatever its kind', () => {
    const data = { type: 'data_table', caption: 'c', rows: many(2, [cell('x')]) };
    expect(details(table([[cell('x')]]), data)).toEqual(['only_one_table_allowed [json-pointer:/blocks/1]']);
  });
});

describe('a data table', () => {
  const table = (count: number, more: object = {}) => ({
    type: 'data_table',
    caption: 'Tonight',
    rows: many(count, [cell('x')]),
    ...more,
  });

  test('may have 2 to 101 rows', () => {
    expect(details(table(2))).toEqual([]);
    expect(details(table(101))).toEqual([]);
    expect(details(table(1)).join()).toContain('must be at least 2 items');
    expect(details(table(102)).join()).toContain('must be at most 101 items');
  });

  test.each<[string, object, string]>([
    ['a caption', { caption: '' }, '/blocks/0/caption]'],
    ['pages of 1 to 100', { page_size: 101 }, 'at most 100'],
    ['a row header among its columns', { row_header_column_index: 1 }, 'must be the index of a column'],
  ])('needs %s', (_, more, what) => {
    expect(details(table(2, more)).join()).toContain(what);
  });
});

describe('a view', () => {
  const home = (...blocks: unknown[]) => viewProblems({ type: 'home', blocks }).map(({ detail }) => detail);

  test('may have 100 blocks, not 101', () => {
    expect(home(...many(100, { type: 'header', text: plain('x') }))).toEqual([]);
    expect(home(...many(101, { type: 'header', text: plain('x') }))).toEqual([
      'must be at most 100 items [json-pointer:/blocks]',
    ]);
  });

  test('has no table', () => {
    expect(home({ type: 'table', rows: [[cell('x')]] })).toEqual([
      'unsupported type [json-pointer:/blocks/0/type]',
    ]);
  });
});
