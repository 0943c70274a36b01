import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { z } from 'zod';
import * as field from '../../src/events/fields.ts';

function issueOf(schema: z.ZodType, value: unknown): string | undefined {
  return schema.safeParse(value).error?.issues[0]?.message;
}

describe('an error message', () => {
  const cut = (text: string): string => field.errorMessage.parse(text) ?? '';

  test('that only looks as if it had been cut is cut', () => {
    const sly = `${'z'.repeat(8_001)}… (cut, 5 characters)`;
    expect(cut(sly)).toBe(`${'z'.repeat(8_000)}… (cut, 8022 characters)`);
  });

  test('with an unpaired surrogate gets a replacement character for it', () => {
    expect(cut('a\ud83cb')).toBe('a\ufffdb');
  });

  test('of any length is well-formed once cut, and cutting it twice changes nothing', () => {
    const long = fc
      .tuple(fc.string({ unit: 'binary', maxLength: 40 }), fc.integer({ min: 7_960, max: 8_040 }))
      .map(([text, length]) => (text + '🌙'.repeat(4_020)).slice(0, length));
    fc.assert(
      fc.property(fc.oneof(long, fc.string({ unit: 'binary', minLength: 1 })), (text) => {
        const once = cut(text);
        expect(once.isWellFormed()).toBe(true);
        expect(cut(once)).toBe(once);
      }),
    );
  });
});

describe('metadata', () => {
  test('counts neither its white space nor how its letters are spelt', () => {
    const emoji = `{"a":"${'\\ud83c\\udf19'.repeat(4_094)}"}`;
    expect(field.metadata.parse(emoji)).toBe(`{"a":"${'🌙'.repeat(4_094)}"}`);
    const spaced = `{${' \n'.repeat(100_000)}"a" : "${'\\u0041'.repeat(16_376)}"\t}`;
    expect(field.metadata.parse(spaced)).toBe(`{"a":"${'A'.repeat(16_376)}"}`);
  });

  test('that is too large is not looked at any further', () => {
    const large = `"a":"${'x'.repeat(16_384)}"`;
    expect(issueOf(field.metadata, `{${large},"b":${'['.repeat(33)}${']'.repeat(33)}}`)).toBe(
      'must be at most 16384 bytes of JSON',
    );
    expect(issueOf(field.metadata, `{${large},"b":1e999}`)).toBe('must be at most 16384 bytes of JSON');
  });
});
