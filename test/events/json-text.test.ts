import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cpuMs } from '../support/cpu-time.ts';
import {
  isLongerThan,
  JsonText,
  normaliseJson,
  splitArray,
  splitObject,
  writeObject,
} from '../../src/events/json-text.ts';
import { jsonText } from '../support/arbitraries.ts';

function normal(text: string): string {
  const result = normaliseJson(text, 32);
  if ('issue' in result) throw new Error(result.issue);
  return result.text;
}

function issueOf(text: string, maxDepth = 32): string | undefined {
  const result = normaliseJson(text, maxDepth);
  return 'issue' in result ? result.issue : undefined;
}

/** `toEqual` would not tell 0 from -0 inside, nor see a member called `__proto__`. */
function same(a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(a, b);
}

describe('normalising', () => {
  test('keeps the meaning of any JSON, and changes nothing the second time', () => {
    fc.assert(
      fc.property(jsonText, (text) => {
        const result = normaliseJson(text, 32);
        fc.pre('text' in result);
        expect(same(JSON.parse(result.text), JSON.parse(text))).toBe(true);
        expect(normaliseJson(result.text, 32)).toEqual(result);
        expect(result.text.length).toBeLessThanOrEqual(JSON.stringify(text).length);
      }),
      { numRuns: 1_000 },
    );
  });

  test('writes what JSON.stringify wrote as it is', () => {
    fc.assert(
      fc.property(fc.json({ stringUnit: 'binary' }), (text) => {
        const once = JSON.stringify(JSON.parse(text));
        fc.pre(issueOf(once) === undefined && !once.includes('__proto__'));
        expect(normal(once)).toBe(once);
      }),
    );
  });

  test.each([
    ['white space goes', ' { "a" : [ 1 , { } , [ ] ] }\r\n\t', '{"a":[1,{},[]]}'],
    ['white space inside a string stays', '{"a b":" c\\n "}', '{"a b":" c\\n "}'],
    ['keys keep their order, numbers too', '{"b":1,"10":2,"a":3,"1":4}', '{"b":1,"10":2,"a":3,"1":4}'],
    ['of duplicate keys the first one’s place, the last one’s value', '{"a":1,"b":2,"a":3}', '{"a":3,"b":2}'],
    ['a key is the same however it is escaped', '{"a":1,"\\u0061":2}', '{"a":2}'],
    ['duplicate keys are resolved at every level', '[{"a":{"x":1,"x":2}}]', '[{"a":{"x":2}}]'],
    ['`__proto__` is a key like others', '{"__proto__":{"a":1},"b":2}', '{"__proto__":{"a":1},"b":2}'],
    ['an empty key is a key', '{"":1}', '{"":1}'],
    ['unpaired surrogates stay, escaped', '{"a":"\\ud800"}', '{"a":"\\ud800"}'],
    ['a needless escape goes', '{"a":"\\u0041\\/"}', '{"a":"A/"}'],
    ['brackets and quotes in strings are text', '{"a":"}\\"]{["}', '{"a":"}\\"]{["}'],
    ['an empty list is no list of nothing', '[[],[[]]]', '[[],[[]]]'],
    ['values that are no objects', ' "a" ', '"a"'],
    ['literals', '[true,false,null]', '[true,false,null]'],
  ])('%s', (_rule, text, expected) => {
    expect(normal(text)).toBe(expected);
  });

  test('nests as deep as it may and no deeper', () => {
    const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;
    expect(normal(nested(32))).toBe(nested(32));
    expect(issueOf(nested(33))).toBe('must not nest more than 32 deep');
    expect(issueOf(`${'{"a":'.repeat(33)}1${'}'.repeat(33)}`)).toBe('must not nest more than 32 deep');
    expect(issueOf('[[1],{"a":[2]},[3]]', 3)).toBeUndefined();
    expect(issueOf('[[1],{"a":[2]},[3]]', 2)).toBe('must not nest more than 2 deep');
  });

  test('takes any depth that it is allowed', () => {
    const nested = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    expect(normaliseJson(nested, 100_000)).toEqual({ text: nested });
  });
});

describe('a number', () => {
  const tooPrecise = 'must not hold an integer that a double cannot hold (send it as a string)';
  const tooGreat = 'must not hold a number out of the range of a double';

  test.each([
    ['9007199254740991, the greatest safe integer', '9007199254740991'],
    ['9007199254740992, which a double holds', '9007199254740992'],
    ['1e22, the greatest power of ten that a double holds', '1e22'],
    ['10000000000000000000000, the same', '10000000000000000000000'],
    ['2 to the 70th, all its digits', '1180591620717411303424'],
    ['2 to the 70th, as JSON.stringify writes it', '1180591620717411300000'],
    ['1e23, as JSON.stringify writes it', '1e+23'],
    ['-0', '-0'],
    ['-0.0e5', '-0.0e5'],
    ['zero with a great exponent', '0e999999999'],
    ['a fraction of more digits than a double has', '0.1000000000000000055511151231257827'],
    ['pi to 40 digits', '3.1415926535897932384626433832795028841971'],
    ['a fraction too small for a double', '1e-400'],
    ['12.50e1, which is 125', '12.50e1'],
    ['the greatest double', '1.7976931348623157e308'],
  ])('is kept as it was written: %s', (_what, text) => {
    expect(normal(`{"n":${text}}`)).toBe(`{"n":${text}}`);
  });

  test.each([
    ['9007199254740993', '9007199254740993', tooPrecise],
    ['-9007199254740993', '-9007199254740993', tooPrecise],
    ['9007199254740993 with a fraction of zeros', '9007199254740993.000', tooPrecise],
    ['9007199254740993 with an exponent', '900719925474.0993e4', tooPrecise],
    ['40 digits', '1234567890123456789012345678901234567891', tooPrecise],
    ['1e400', '1e400', tooGreat],
    ['-1e400', '-1e400', tooGreat],
    ['the power of two past the greatest double', '1.7976931348623159e308', tooGreat],
  ])('is refused, since a reader would see another: %s', (_what, text, issue) => {
    expect(issueOf(`{"n":${text}}`)).toBe(issue);
    expect(issueOf(`[[${text}]]`)).toBe(issue);
  });

  test('in a string is no number', () => {
    expect(normal('{"9007199254740993":"1e400"}')).toBe('{"9007199254740993":"1e400"}');
  });

  test('of a great many digits is judged in no time', () => {
    const zeros = '0'.repeat(250_000);
    const judge = (): void => {
      for (const n of [`0.${zeros}1`, `0.${zeros}1e250001`, `1${zeros}e-250000`])
        expect(normal(`{"n":${n}}`)).toBe(`{"n":${n}}`);
    };
    expect(cpuMs(judge)).toBeLessThan(1_000);
  });
});

describe('the length of a text', () => {
  test('is at most that of its normal form, whatever white space it has', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        const [plain, spaced] = [JSON.stringify(value), JSON.stringify(value, null, '\t\r\n ')];
        expect(isLongerThan(spaced, plain.length)).toBe(false);
        if (!plain.includes('\\')) expect(isLongerThan(spaced, plain.length - 1)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  test('counts an escape as one character', () => {
    expect(isLongerThan('"\\u0041\\n\\"\\\\"', 6)).toBe(false);
    expect(isLongerThan('"\\u0041\\n\\"\\\\"', 5)).toBe(true);
  });
});

describe('splitting', () => {
  test('an object gives its members as JSON.parse would, each as its own text', () => {
    const member = fc.tuple(fc.constantFrom('"a"', '"\\u0061"', '"b"', '"1"', '"__proto__"'), jsonText);
    fc.assert(
      fc.property(fc.array(member, { maxLength: 6 }), (members) => {
        const text = ` {${members.map(([key, value]) => `${key} : ${value}`).join(' , ')}}`;
        const parsed: unknown = JSON.parse(text);
        const split = [...splitObject(text)].map(([key, value]) => [key, JSON.parse(value)] as const);
        expect(same(Object.fromEntries(split), parsed)).toBe(true);
      }),
    );
  });

  test('an array gives its elements as JSON.parse would, each as its own text', () => {
    fc.assert(
      fc.property(fc.array(jsonText, { maxLength: 6 }), (items) => {
        const text = `[ ${items.join(' ,\n')} ]`;
        expect(
          same(
            splitArray(text).map((item): unknown => JSON.parse(item)),
            JSON.parse(text),
          ),
        ).toBe(true);
      }),
    );
  });

  test('keeps the text of each value, white space inside included', () => {
    expect([...splitObject('{"n": 1.50 , "o": { "a": [ 1 ] }, "s":"}, \\"x\\":" }')]).toEqual([
      ['n', '1.50'],
      ['o', '{ "a": [ 1 ] }'],
      ['s', '"}, \\"x\\":"'],
    ]);
    expect(splitArray('[ [1, 2] ,{}, "]" ]')).toEqual(['[1, 2]', '{}', '"]"']);
  });

  test('nothing gives nothing', () => {
    expect([...splitObject(' { } ')]).toEqual([]);
    expect(splitArray('[\n]')).toEqual([]);
  });

  test('of duplicate keys the last counts', () => {
    expect([...splitObject('{"a":1,"\\u0061":2}')]).toEqual([['a', '2']]);
  });

  test('a string of half a million escapes is one value', () => {
    const long = `"${'\\n'.repeat(500_000)}"`;
    expect(splitObject(`{"a":${long}}`).get('a')).toBe(long);
  });
});

describe('writing an object', () => {
  test('puts JSON text where it belongs, as it is, and leaves out what is undefined', () => {
    expect(writeObject({ a: 'x"', n: null, u: undefined, m: new JsonText('{"1":0,"a":1.50}') })).toBe(
      '{"a":"x\\"","n":null,"m":{"1":0,"a":1.50}}',
    );
  });
});
