/**
 * Bodies of statuses that are wrong, or right in a way that harms careless readers, as texts: what becomes of
 * each must be the same over HTTP and over SQS.
 */
export type HostileBody = {
  readonly name: string;
  /** The members to add to a valid status, as JSON text, each behind a comma. */
  readonly members: string;
} & (
  | { readonly refused: readonly string[] }
  /** Members of the scheduler, as JSON text, as it is answered. */
  | { readonly kept: readonly string[] }
);

const depth = (levels: number) => `${'{"a":'.repeat(levels - 1)}{}${'}'.repeat(levels - 1)}`;
const arrays = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
const changed = ['metadata: must not hold an integer that a double cannot hold (send it as a string)'];
const outOfRange = ['metadata: must not hold a number out of the range of a double'];
const tooDeep = ['metadata: must not nest more than 32 deep'];
const tooLarge = ['metadata: must be at most 16384 bytes of JSON'];
const noObject = ['metadata: must be a JSON object'];

/** Metadata that is to come back as the same text. */
const keptMetadata: readonly (readonly [string, string])[] = [
  ['nothing', '{}'],
  ['a key __proto__', '{"__proto__":{"admin":true}}'],
  ['a key __proto__ deep inside', '{"a":[{"__proto__":null,"constructor":{"prototype":{}}}]}'],
  ['keys named as methods of objects', '{"toString":1,"hasOwnProperty":2,"valueOf":3,"toJSON":4}'],
  ['an empty key and an empty text', '{"":""}'],
  ['keys that look like integers, in their order', '{"b":1,"10":2,"2":3,"a":{"1":0,"0":1}}'],
  ['32 levels', depth(32)],
  ['32 levels of arrays', `{"a":${arrays(31)}}`],
  ['16 KiB', `{"a":"${'x'.repeat(16_376)}"}`],
  ['16 KiB of UTF-8', `{"a":"${'é'.repeat(8_188)}"}`],
  ['an unpaired surrogate', '{"a":"\\ud800","\\udfff":1}'],
  ['a null byte', '{"a":"\\u0000","\\u0000":1}'],
  ['emoji', '{"a":"🧾👩‍👩‍👧","🧾":1}'],
  ['line separators', '{"a":"\u2028\u2029"}'],
  ['markup', '{"a":"<script>alert(1)</script>\\u001b[31m"}'],
  ['the greatest safe integer', '{"a":9007199254740991,"b":-9007199254740991}'],
  ['an integer that a double holds', '{"a":9007199254740992,"b":1152921504606846976}'],
  ['a double as JSON.stringify writes it', '{"a":1.1805916207174113e+21,"b":1152921504606847000,"c":1e+23}'],
  ['the greatest and the least double', '{"a":1.7976931348623157e+308,"b":5e-324}'],
  ['a fraction of many digits', '{"a":0.1234567890123456789012345678901234567890}'],
  ['numbers written in unusual ways', '{"a":1.0,"b":-0,"c":1E2,"d":100e-2}'],
  ['every kind of value', '{"a":null,"b":true,"c":false,"d":[],"e":{},"f":[1,"x",[null]],"g":""}'],
];

const refusedMetadata: readonly (readonly [string, string, readonly string[]])[] = [
  ['33 levels', depth(33), tooDeep],
  ['33 levels of arrays', `{"a":${arrays(32)}}`, tooDeep],
  ['5,000 levels', `{"a":${arrays(5_000)}}`, tooDeep],
  ['15,000 levels', `{"a":${arrays(15_000)}}`, tooLarge],
  ['16 KiB and a byte', `{"a":"${'x'.repeat(16_377)}"}`, tooLarge],
  ['16 KiB and a byte of UTF-8', `{"a":"${'é'.repeat(8_188)}x"}`, tooLarge],
  ['1e400', '{"a":1e400}', outOfRange],
  ['-1e400', '{"a":[{"b":-1e400}]}', outOfRange],
  ['an integer of 40 digits', `{"a":${'1234567890'.repeat(4)}}`, changed],
  ['the first integer that a double cannot hold', '{"a":9007199254740993}', changed],
  ['a negative one', '{"a":[-9007199254740993]}', changed],
  ['one written as a fraction', '{"a":9007199254740993.0}', changed],
  ['one written with an exponent', '{"a":90071992547409930e-1}', changed],
  ['an integer of 400 digits', `{"a":${'9'.repeat(400)}}`, outOfRange],
  ['an array', '[]', noObject],
  ['a text that holds an object', '"{}"', noObject],
  ['a number', '0', noObject],
];

const timeRule = 'timestamp: must be an ISO 8601 time with offset or Z, like 2026-11-23T17:30:00.000Z';
const refusedTimes = [
  '2026-02-29T00:00:00Z',
  '1900-02-29T00:00:00Z',
  '2024-02-30T00:00:00Z',
  '2026-04-31T00:00:00Z',
  '2026-13-01T00:00:00Z',
  '2026-00-10T00:00:00Z',
  '2016-12-31T23:59:60Z',
  '2026-01-01T24:00:00Z',
  '2026-01-01T00:60:00Z',
  '2026-01-01T00:00:00',
  '2026-01-01T00:00:00+24:00',
  '2026-01-01 00:00:00Z',
  ' 2026-01-01T00:00:00Z',
  '2026-01-01T00:00:00Z\\n',
  '2026-01-01T00:00:00Z\\u0000',
  '+002026-01-01T00:00:00Z',
  '-000001-01-01T00:00:00Z',
  '0000-01-01T00:00:00+01:00',
  '２０２６-01-01T00:00:00Z',
  '',
];
const keptTimes: readonly (readonly [string, string])[] = [
  ['1970-01-01T00:00:00Z', '1970-01-01T00:00:00.000Z'],
  ['2024-02-29T23:59:59Z', '2024-02-29T23:59:59.000Z'],
  ['2000-02-29T00:00:00+14:00', '2000-02-28T10:00:00.000Z'],
  ['2025-12-31T23:59:59.9999-12:00', '2026-01-01T11:59:59.999Z'],
];

const duration = 'execution_time_ms: must be a number from 0 to 1e15';
/** 40 characters, of which the last is a line break, as JSON text. */
const frame = '    at run (/srv/jobs/close1.js:100:50)\\n';

export const hostileBodies: readonly HostileBody[] = [
  ...keptMetadata.map(([what, text]) => ({
    name: `metadata with ${what}`,
    members: `,"metadata":${text}`,
    kept: [`"metadata":${text}`],
  })),
  ...refusedMetadata.map(([what, text, refused]) => ({
    name: `metadata with ${what}`,
    members: `,"metadata":${text}`,
    refused,
  })),
  {
    name: 'metadata with duplicate keys, of which the last counts',
    members: ',"metadata":{"a":1,"b":{"c":1,"\\u0063":2},"a":3}',
    kept: ['"metadata":{"a":3,"b":{"c":2}}'],
  },
  {
    name: 'metadata with white space between everything',
    members: ',"metadata": {\n\t"a" :\r[ 1 , "b  c" ] }',
    kept: ['"metadata":{"a":[1,"b  c"]}'],
  },
  {
    name: 'metadata with letters as escapes',
    members: ',"metadata":{"\\u0061\\/":"\\u00e9\\ud83e\\uddfe"}',
    kept: ['"metadata":{"a/":"é🧾"}'],
  },
  {
    name: 'metadata twice, of which the last counts',
    members: ',"metadata":[],"metadata":{"a":1}',
    kept: ['"metadata":{"a":1}'],
  },
  ...['1e300', '1e400', '-1', '-1e-200', '1234567890'.repeat(4), '"5"', '[]', '{}', 'true'].map((text) => ({
    name: `execution_time_ms ${text}`,
    members: `,"execution_time_ms":${text}`,
    refused: [duration],
  })),
  ...[
    ['0', '0'],
    ['1e15', '1000000000000000'],
    ['0.30000000000000004', '0.30000000000000004'],
    ['1e-200', '0'],
    ['9.9e-10', '0'],
    ['1e-9', '1e-9'],
    ['-0', '0'],
    ['null', 'null'],
  ].map(([given, kept]) => ({
    name: `execution_time_ms ${given ?? ''}`,
    members: `,"execution_time_ms":${given ?? ''}`,
    kept: [`"execution_time_ms":${kept ?? ''}`],
  })),
  { name: 'error_message null', members: ',"error_message":null', kept: ['"error_message":null'] },
  {
    name: 'a failure with error_message null',
    members: ',"status":"failed","error_message":null',
    refused: ['error_message: is required when status is failed'],
  },
  {
    name: 'a stack trace of 60 KB',
    members: `,"error_message":"${frame.repeat(1_500)}"`,
    kept: [`"error_message":"${frame.repeat(200)}… (cut, 60000 characters)"`],
  },
  {
    name: 'an error_message with what SQS and terminals dislike',
    members: ',"error_message":"\\u0000\\u001b[2J\ufffe\uffff\\ud800 <!channel> \u202e"',
    kept: ['"error_message":"\\u0000\\u001b[2J\ufffe\uffff\ufffd <!channel> \u202e"'],
  },
  ...refusedTimes.map((text) => ({
    name: `timestamp ${JSON.stringify(text)}`,
    members: `,"timestamp":"${text}"`,
    refused: [timeRule],
  })),
  ...keptTimes.map(([given, kept]) => ({
    name: `timestamp ${given}`,
    members: `,"timestamp":"${given}"`,
    kept: [`"timestamp":"${kept}"`],
  })),
  ...['9998-12-31T23:59:59.999Z', '9999-01-01T00:59:59.999+01:00'].map((text) => ({
    name: `a timestamp in the year 9998, ${text}`,
    members: `,"timestamp":"${text}"`,
    refused: ['timestamp: must not lie more than 5 minutes ahead'],
  })),
  ...[
    '1969-12-31T23:59:59.999Z',
    '9999-01-01T00:00:00Z',
    '9998-12-31T23:59:59.999-00:01',
    '9999-12-31T23:59:59.999Z',
  ].map((text) => ({
    name: `a timestamp outside of 1970 to 9998, ${text}`,
    members: `,"timestamp":"${text}"`,
    refused: ['timestamp: must lie in the years 1970 to 9998'],
  })),
  {
    name: 'duplicate keys at top level, of which the last counts',
    members: ',"status":"nonsense","status":"running","error_message":5,"error_message":"x"',
    kept: ['"status":"running"', '"error_message":"x"'],
  },
  {
    name: 'a key spelt with escapes',
    members: ',"\\u0073tatus":"failed","error\\u005fmessage":"x"',
    kept: ['"status":"failed"', '"error_message":"x"'],
  },
  {
    name: '__proto__ and constructor at top level',
    members:
      ',"__proto__":{"status":"failed","execution_time_ms":9},"constructor":{"prototype":{"error_message":"x"}},"toString":5',
    kept: ['"status":"completed"', '"execution_time_ms":null', '"error_message":null'],
  },
  {
    name: '10,000 unknown keys',
    members: Array.from({ length: 10_000 }, (_, i) => `,"${i.toString(36)}":`)
      .map((key) => (key.length < 6 ? `${key}1` : `${key}0`))
      .join('')
      .slice(0, 62_000)
      .replace(/,[^,]*$/, ''),
    kept: ['"status":"completed"'],
  },
  {
    name: 'arrays nested 30,000 deep under an unknown key',
    members: `,"x":${arrays(30_000)}`,
    kept: ['"status":"completed"'],
  },
  {
    name: 'arrays nested 30,000 deep as a status',
    members: `,"status":${arrays(30_000)}`,
    refused: ['status: must be one of pending, running, completed, failed'],
  },
  {
    name: 'U+FFFE, U+FFFF and a null byte in the names',
    members: ',"service_name":"a\ufffe\uffff\\ufffe","job_name":"\\u0000b"',
    kept: ['"status":"completed"'],
  },
  {
    name: 'an unpaired surrogate in a name',
    members: ',"service_name":"a\\ud800"',
    refused: ['service_name: must be well-formed Unicode (it has an unpaired surrogate)'],
  },
  { name: 'an empty name', members: ',"job_name":""', refused: ['job_name: must not be empty'] },
  {
    name: 'objects for everything',
    members: ',"service_name":{},"job_name":{},"status":{},"timestamp":{},"error_message":{},"event_id":{}',
    refused: [
      'service_name: must be a string',
      'job_name: must be a string',
      'status: must be one of pending, running, completed, failed',
      'timestamp: must be an ISO 8601 time with offset or Z',
      'error_message: must be a string',
      'event_id: must be a string',
    ],
  },
];

/** A status with further members, as text. */
export function withMembers(status: object, members: string): string {
  return `${JSON.stringify(status).slice(0, -1)}${members}}`;
}
