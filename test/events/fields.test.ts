import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { z } from 'zod';
import * as field from '../../src/events/fields.ts';

function issueOf(schema: z.ZodType, value: unknown): string | undefined {
  return schema.safeParse(value).error?.issues[0]?.message;
}

describe('an error message', () => {
  const cut = (text: string): string => field.errorMessage.parse(text) ?? '';

  test('that is empty is none', () => {
    expect(field.errorMessage.parse('')).toBeNull();
  });

  test('of 8,000 characters is kept whole', () => {
    expect(cut('x'.repeat(8_000))).toBe('x'.repeat(8_000));
  });

  test('of 8,001 is cut to 8,000 and says how long it was', () => {
    expect(cut('x'.repeat(8_001))).toBe(`${'x'.repeat(8_000)}… (cut, 8001 characters)`);
  });

  test('is not cut through a surrogate pair', () => {
    expect(cut(`${'x'.repeat(7_999)}🌙 and more`)).toBe(`${'x'.repeat(7_999)}… (cut, 8010 characters)`);
    expect(cut(`${'x'.repeat(7_998)}🌙 and more`)).toBe(`${'x'.repeat(7_998)}🌙… (cut, 8009 characters)`);
  });

  test('that was cut is not cut again', () => {
    const once = cut('y'.repeat(100_000));
    expect(cut(once)).toBe(once);
  });

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
  test('may have 16 KiB once its white space is gone, and not a byte more', () => {
    const of = (bytes: number): string => `{"a":"${'x'.repeat(bytes - 8)}"}`;
    expect(field.metadata.parse(` ${of(16_384)} `)).toBe(of(16_384));
    expect(issueOf(field.metadata, of(16_385))).toBe('must be at most 16384 bytes of JSON');
  });

  test('is measured in bytes, not characters', () => {
    const text = `{"a":"${'é'.repeat(8_189)}"}`;
    expect(issueOf(field.metadata, text)).toBe('must be at most 16384 bytes of JSON');
  });

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

  test('may nest 32 deep, the object itself included', () => {
    const of = (depth: number): string => `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;
    expect(field.metadata.parse(of(32))).toBe(of(32));
    expect(issueOf(field.metadata, of(33))).toBe('must not nest more than 32 deep');
  });

  test.each(['[]', '"a"', '1', 'true'])('is refused when it is no object: %s', (text) => {
    expect(issueOf(field.metadata, text)).toBe('must be a JSON object');
  });
});

describe('a scheduler id', () => {
  test.each(['a', 'payroll-nightly', 'A.b_c:d-9', 'x'.repeat(255)])('may be %j', (id) => {
    expect(field.schedulerId.parse(id)).toBe(id);
  });

  test.each(['', 'x'.repeat(256), 'a b', 'a/b', 'a#b', 'é', 'a\n'])('may not be %j', (id) => {
    expect(issueOf(field.schedulerId, id)).toBe('must be 1 to 255 of A-Z a-z 0-9 . _ : -');
  });

  test.each(['.', '..'])('may not be %j, which clients take out of a path', (id) => {
    expect(issueOf(field.schedulerId, id)).toBe('must not be . or ..');
  });

  test.each(['...', '.a', '..a', 'a.'])('may be %j all the same', (id) => {
    expect(field.schedulerId.parse(id)).toBe(id);
  });
});

describe('other fields', () => {
  test.each([
    ['a name of 255 characters', field.jobName, 'x'.repeat(255), 'x'.repeat(255)],
    ['a duration of nothing', field.executionTimeMs, 0, 0],
    ['a duration of 1e15 ms', field.executionTimeMs, 1e15, 1e15],
    ['a duration too short to store, as none', field.executionTimeMs, 9.9e-10, 0],
    ['the shortest duration', field.executionTimeMs, 1e-9, 1e-9],
    ['a duration of -0 as 0', field.executionTimeMs, -0, 0],
    ['a time-out of a minute', field.heartbeatTimeoutMinutes, 1, 1],
    ['a time-out of a day', field.heartbeatTimeoutMinutes, 1_440, 1_440],
    ['a Slack user of an Enterprise Grid', field.alertUserId, 'W012A3CDE', 'W012A3CDE'],
    [
      'a UUID, in lower case',
      field.uuid,
      '6FA459EA-EE8A-3CA4-894E-DB77E160355E',
      '6fa459ea-ee8a-3ca4-894e-db77e160355e',
    ],
    ['the first time of an event', field.timestamp, '1970-01-01T00:00:00Z', '1970-01-01T00:00:00.000Z'],
    [
      'the last time of an event',
      field.timestamp,
      '9999-01-01T00:59:59.999+01:00',
      '9998-12-31T23:59:59.999Z',
    ],
    ['a time to ask by', field.instant, '9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
    ['a time, in UTC', field.timestamp, '2026-11-24T00:30:00.1234+07:00', '2026-11-23T17:30:00.123Z'],
  ])('take %s', (_what, schema, value, expected) => {
    expect(schema.parse(value)).toBe(expected);
  });

  test.each([
    ['an empty name', field.jobName, '', 'must not be empty'],
    ['a name of 256 characters', field.serviceName, 'x'.repeat(256), 'must be at most 255 characters'],
    [
      'a name with half a character',
      field.person,
      'a\ud800',
      'must be well-formed Unicode (it has an unpaired surrogate)',
    ],
    ['a name that is a number', field.jobName, 5, 'must be a string'],
    ['no name', field.jobName, undefined, 'is required'],
    ['a negative duration', field.executionTimeMs, -1, 'must be a number from 0 to 1e15'],
    ['a duration past 1e15', field.executionTimeMs, 1_000_000_000_000_001, 'must be a number from 0 to 1e15'],
    ['a duration in words', field.executionTimeMs, '5', 'must be a number from 0 to 1e15'],
    ['a time-out below 0', field.heartbeatTimeoutMinutes, -1, 'must be a whole number from 0 to 1440'],
    ['a time-out over a day', field.heartbeatTimeoutMinutes, 1_441, 'must be a whole number from 0 to 1440'],
    ['a time-out of a part', field.heartbeatTimeoutMinutes, 1.5, 'must be a whole number from 0 to 1440'],
    [
      'a Slack user with a mention around it',
      field.alertUserId,
      '<@U012AB3CD>',
      'must be a Slack user id: U or W and 2 to 20 of A-Z 0-9',
    ],
    ['an address that is none', field.ownerEmail, 'sari', 'must be an e-mail address'],
    [
      'a time without offset',
      field.timestamp,
      '2026-11-23T17:30:00',
      'must be an ISO 8601 time with offset or Z, like 2026-11-23T17:30:00.000Z',
    ],
    ['a time before 1970', field.timestamp, '1969-12-31T23:59:59.999Z', 'must lie in the years 1970 to 9998'],
    ['a time after 9998', field.timestamp, '9999-01-01T00:00:00Z', 'must lie in the years 1970 to 9998'],
    [
      'a time after 9998 in UTC',
      field.timestamp,
      '9998-12-31T23:59:59.999-00:01',
      'must lie in the years 1970 to 9998',
    ],
    ['an id of the sender that is empty', field.anyId, '', 'must not be empty'],
    ['a failure that is no UUID', field.uuid, 'run-42', 'must be a UUID'],
  ])('refuse %s', (_what, schema, value, issue) => {
    expect(issueOf(schema, value)).toBe(issue);
  });
});
