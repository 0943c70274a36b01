import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { enumerated, fitting, packed } from '../../../../src/transports/slack/render/lists.ts';

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
