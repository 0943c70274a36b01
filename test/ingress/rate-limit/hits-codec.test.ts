import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeHits, encodeHits } from '../../../src/ingress/rate-limit/hits-codec.ts';

const start = 1_795_000_000_000;

describe('the encoding of hits', () => {
  test('gives back the hits it was given', () => {
    const offsets = fc.array(fc.oneof(fc.integer({ min: 0, max: 60_000 }), fc.constant(7)), {
      maxLength: 300,
    });
    fc.assert(
      fc.property(offsets, (list) => {
        const hits = list.map((offset) => start + offset).toSorted((a, b) => a - b);
        expect(decodeHits(encodeHits(hits))).toEqual(hits);
      }),
    );
  });

  test('stays as it is, for items that are stored already', () => {
    const bytes = Uint8Array.of(5, 3, 8, 128, 8);
    expect(encodeHits([2, 2, 2, 6, 518])).toEqual(bytes);
    expect(decodeHits(bytes)).toEqual([2, 2, 2, 6, 518]);
  });

  test('fits a hundred hits into a quarter of a write unit', () => {
    const hits = Array.from({ length: 100 }, (_, n) => start + n * 599);
    expect(encodeHits(hits).length).toBeLessThanOrEqual(256);
  });

  test('fits ten thousand hits of one minute into 11 KB', () => {
    const hits = Array.from({ length: 10_000 }, (_, n) => start + n * 6);
    expect(encodeHits(hits).length).toBeLessThanOrEqual(11_000);
  });

  test('fits a million hits of one minute into an item', () => {
    const hits = Array.from({ length: 1_000_000 }, (_, n) => start + Math.floor((n * 60) / 1_000));
    expect(encodeHits(hits).length).toBeLessThanOrEqual(128_000);
  });

  test.each([
    ['within a number', Uint8Array.of(5, 3, 128)],
    ['before a count', Uint8Array.of(5)],
  ])('refuses bytes that end %s', (_where, bytes) => {
    expect(() => decodeHits(bytes)).toThrow(RangeError);
  });
});
