import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  budgeted,
  enumerated,
  fitting,
  packed,
  type TitledList,
} from '../../../../src/transports/slack/render/lists.ts';

const more = (n: number): string => `and ${n} more`;

describe('lines that have to fit', () => {
  test('stay whole while there is room, to the byte', () => {
    expect(fitting(['aaa', 'bbb'], 10, more)).toEqual(['aaa', 'bbb']);
    expect(fitting(['a'.repeat(20), 'b'.repeat(20)], 44, more)).toEqual(['a'.repeat(20), 'b'.repeat(20)]);
    expect(fitting(['a'.repeat(20), 'b'.repeat(20)], 43, more)).toEqual(['a'.repeat(20), 'and 1 more']);
  });

  test('give way from the end, and are counted', () => {
    expect(fitting(['aaa', 'bbb', 'ccc', 'ddd'], 19, more)).toEqual(['aaa', 'and 3 more']);
    expect(fitting(['aaa', 'bbb', 'ccc', 'ddd'], 5, more)).toEqual(['and 4 more']);
  });
});

describe('an enumeration', () => {
  test('names what there is room for and counts the rest', () => {
    expect(enumerated(['a', 'b', 'c'], 3, 100)).toBe('a, b, c');
    expect(enumerated(['a', 'b', 'c'], 9, 100)).toBe('a, b, c and 6 more');
    expect(enumerated(['aaaa', 'bbbb', 'cccc'], 3, 23)).toBe('aaaa, bbbb and 1 more');
    expect(enumerated(['aaaa'], 1, 5)).toBe('1 of them');
  });

  test('keeps to its length', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string()),
        fc.nat(50),
        fc.integer({ min: 20, max: 80 }),
        (items, others, max) => {
          expect(enumerated(items, items.length + others, max).length).toBeLessThanOrEqual(max);
        },
      ),
    );
  });
});

test('packing keeps order and limits', () => {
  expect(packed(['aa', 'bb', 'cc', 'dddddd'], '\n', 5)).toEqual(['aa\nbb', 'cc', 'dddddd']);
});

describe('lists that share some lines', () => {
  const list = (title: string, n: number, bytes = 10_000): TitledList => ({
    ...{ title, bytes },
    items: Array.from({ length: n }, (_, i) => ({ line: `${title} ${i}`, count: 1 })),
    names: Array.from({ length: Math.min(n, 3) }, (_, i) => `${title}${i}`),
  });

  test('are whole where there is room, and nothing where there is nothing', () => {
    expect(budgeted([list('a', 2), list('b', 0), list('c', 1)], 5)).toEqual([
      ['a (2):', 'a 0', 'a 1'],
      ['c (1):', 'c 0'],
    ]);
  });

  test('leave a line to each that comes after, which then names some', () => {
    expect(budgeted([list('a', 9), list('b', 5)], 6)).toEqual([
      ['a (9):', 'a 0', 'a 1', 'a 2', 'and 6 more'],
      ['b (5): b0, b1, b2 and 2 more'],
    ]);
  });

  test('are cut to their bytes, too, and count what each line stands for', () => {
    const grouped = { ...list('a', 5, 24), items: list('a', 5).items.map((one) => ({ ...one, count: 10 })) };
    expect(budgeted([grouped], 20)).toEqual([['a (50):', 'a 0', 'a 1', 'and 30 more']]);
  });

  test('never have more lines than there are, and each says how many it is of', () => {
    const lists = fc.array(fc.nat(30), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(lists, fc.integer({ min: 9, max: 30 }), (sizes, lines) => {
        const shown = budgeted(
          sizes.map((n, i) => list(`t${i}`, n)),
          lines,
        );
        expect(shown.flat().length).toBeLessThanOrEqual(lines);
        expect(shown.map(([first]) => Number(/\((\d+)\):/.exec(first ?? '')?.[1]))).toEqual(
          sizes.filter((n) => n > 0),
        );
      }),
    );
  });
});
