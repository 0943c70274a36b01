import fc from 'fast-check';
import type { RecordedEvent, RondaEvent } from '../../src/events/event.ts';
import { normaliseJson } from '../../src/events/json-text.ts';
import { statuses } from '../../src/events/order.ts';
import {
  acknowledgement,
  at,
  heartbeat,
  idOf,
  recorded,
  registration,
  removal,
  snooze,
  status,
  expectationSet,
} from './events.ts';

/** So few times and ids that events meet: within one millisecond, within one second, across a minute. */
const times = ['17:00:00.000', '17:00:00.001', '17:00:00.999', '17:00:01.000', '17:01:00.000'].map(at);
const key = fc.record({
  occurred_at: fc.constantFrom(...times),
  event_id: fc.constantFrom(idOf(1), idOf(2), idOf(3), idOf(4)),
});

const fact: fc.Arbitrary<RondaEvent> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .record({
        key,
        status: fc.constantFrom(...statuses),
        execution_time_ms: fc.constantFrom(null, 0, 1_500),
        error_message: fc.constantFrom(null, 'disk full'),
        metadata: fc.constantFrom(null, '{"rows":1}'),
      })
      .map(({ key, ...fields }) => status({ ...key, ...fields })),
  },
  { weight: 2, arbitrary: key.map(heartbeat) },
  {
    weight: 2,
    arbitrary: fc
      .record({
        key,
        fields: fc.record(
          {
            job_name: fc.constantFrom('close-day', 'open-day'),
            owner_email: fc.constantFrom(null, 'sari@example.com'),
            alert_user_id: fc.constantFrom(null, 'U012AB3CD'),
            heartbeat_timeout_minutes: fc.constantFrom(null, 0, 15),
            expectation: fc.constantFrom(null, '{"schedule":"night"}'),
          },
          { requiredKeys: ['job_name'] },
        ),
      })
      .map(({ key, fields }) => registration({ ...key, ...fields })),
  },
  { weight: 2, arbitrary: key.map(removal) },
  {
    weight: 2,
    arbitrary: fc
      .record({ key, expectation: fc.constantFrom(null, '{"schedule":"night"}', '{"schedule":"0 1 * * *"}') })
      .map(({ key, expectation }) => expectationSet({ ...key, expectation })),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({ key, by: fc.constantFrom('sari', 'budi') })
      .map(({ key, by }) => acknowledgement({ ...key, by })),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({ key, until: fc.constantFrom(...times) })
      .map(({ key, until }) => snooze({ ...key, until })),
  },
);

const recordedFact = fc
  .record({ fact, accepted_at: fc.constantFrom(...times) })
  .map(({ fact, accepted_at }) => recorded(fact, { accepted_at }));

/** Events of one scheduler that collide as much as they can: no two share both time and id. */
export const stream: fc.Arbitrary<RecordedEvent[]> = fc.uniqueArray(recordedFact, {
  selector: ({ event }) => `${event.occurred_at}#${event.event_id}`,
  maxLength: 14,
});

/**
 * Three parts of one stream, which may overlap. (Rows of two streams never meet: in them, one time and id could
 * stand for two events.)
 */
export const parts: fc.Arbitrary<[RecordedEvent[], RecordedEvent[], RecordedEvent[]]> = stream.chain(
  (events) => fc.tuple(fc.subarray(events), fc.subarray(events), fc.subarray(events)),
);

/** A stream, and the same events in batches: in any order, some of them in several batches or twice in one. */
export const deliveries: fc.Arbitrary<{ events: RecordedEvent[]; batches: RecordedEvent[][] }> = stream.chain(
  (events) =>
    fc
      .array(fc.nat({ max: Math.max(0, events.length - 1) }), { maxLength: events.length })
      .map((again) => [...events, ...again.flatMap((index) => events.slice(index, index + 1))])
      .chain((copies) => fc.shuffledSubarray(copies, { minLength: copies.length }))
      .chain((copies) =>
        fc.array(fc.nat({ max: copies.length }), { maxLength: 4 }).map((cuts) => split(copies, cuts)),
      )
      .map((batches) => ({ events, batches })),
);

function split<T>(items: readonly T[], cuts: readonly number[]): T[][] {
  const bounds = [0, ...[...cuts].sort((a, b) => a - b), items.length];
  return bounds.slice(1).map((end, index) => items.slice(bounds[index], end));
}

const blank = fc.constantFrom('', '', '', ' ', '\n\t', '\r\n  ');
/** Any string's JSON, and spellings that JSON allows and `JSON.stringify` would not choose. */
const jsonString = fc.oneof(
  fc.string({ unit: 'binary' }).map((text) => JSON.stringify(text)),
  fc.constantFrom(
    '"\\u0061"',
    '"\\/"',
    '"\\ud800"',
    '"\\ud83d\\ude00"',
    '"}{][,:"',
    '"\\"\\\\"',
    '"\\u0000"',
  ),
);
const jsonKey = fc.oneof(fc.constantFrom('"a"', '"\\u0061"', '"1"', '"0"', '"__proto__"', '""'), jsonString);
const jsonNumber = fc.oneof(
  fc.maxSafeInteger().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 }).map(String),
  fc.constantFrom('-0', '0.0', '1E2', '1.50e+1', '5e-324', '0.10000000000000000001', '1e22', '0e999'),
);

/** The text of a JSON value as a stranger may write it: white space, duplicate keys, odd escapes and numbers. */
export const jsonText: fc.Arbitrary<string> = fc.letrec<{ value: string }>((tie) => {
  const padded = fc.tuple(blank, tie('value'), blank).map((parts) => parts.join(''));
  const member = fc
    .tuple(blank, jsonKey, blank, padded)
    .map(([a, name, b, value]) => `${a}${name}${b}:${value}`);
  return {
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom('null', 'true', 'false'),
      jsonNumber,
      jsonString,
      fc.tuple(blank, fc.array(padded, { maxLength: 5 })).map(([a, items]) => `[${a}${items.join(',')}]`),
      fc.tuple(blank, fc.array(member, { maxLength: 5 })).map(([a, items]) => `{${a}${items.join(',')}}`),
    ),
  };
}).value;

/** Well-formed Unicode, as a field holds it. */
const text = (minLength: number, maxLength = 40): fc.Arbitrary<string> =>
  fc.string({ unit: 'binary', minLength, maxLength }).map((raw) => raw.toWellFormed());
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { nil: null });
const day = { noInvalidDate: true, min: new Date('2000-01-01'), max: new Date('2199-12-31') } as const;
const instant = fc.date(day).map((date) => date.toISOString());
const identity = {
  scheduler_id: fc.stringMatching(/^[A-Za-z0-9._:-]{1,40}$/).filter((id) => id !== '.' && id !== '..'),
  occurred_at: instant,
  event_id: fc.uuid(),
};
const identityKeys = ['scheduler_id', 'occurred_at', 'event_id'] as const;
const duration = fc.double({ min: 0, max: 1e15, noNaN: true }).map((ms) => (ms < 1e-9 ? 0 : ms));
const jsonObject = fc
  .array(fc.tuple(jsonKey, jsonText), { maxLength: 4 })
  .map((members) => normaliseJson(`{${members.map((member) => member.join(':')).join(',')}}`, 32))
  .filter((result) => 'text' in result)
  .map(({ text }) => text)
  .filter((text) => text !== '{}');

const anyEvent: fc.Arbitrary<RondaEvent> = fc.oneof(
  fc
    .record({
      ...identity,
      service_name: text(1),
      job_name: text(1),
      status: fc.constantFrom(...statuses),
      execution_time_ms: maybe(duration),
      error_message: fc.oneof(text(1), text(1, 8_000)),
      metadata: maybe(jsonObject),
    })
    .map(status),
  fc
    .record({
      ...identity,
      status: fc.constantFrom('pending', 'running', 'completed'),
      error_message: fc.constant(null),
    })
    .map(status),
  fc.record(identity).map(heartbeat),
  fc
    .record(
      {
        ...identity,
        service_name: text(1),
        job_name: text(1, 255),
        owner_email: maybe(fc.constantFrom('sari@example.com', "o'neil+jobs@mail.example.co.id")),
        alert_user_id: maybe(fc.constantFrom('U012AB3CD', 'W01')),
        heartbeat_timeout_minutes: maybe(fc.integer({ min: 0, max: 1_440 })),
      },
      { requiredKeys: [...identityKeys, 'service_name', 'job_name'] },
    )
    .map(registration),
  fc.record(identity).map(removal),
  fc.record({ ...identity, failure_event_id: fc.uuid(), by: text(1) }).map(acknowledgement),
  fc.record({ ...identity, until: instant, by: text(1) }).map(snooze),
);

/** Any event as it may be stored: accepted at the earliest five minutes before it happened. */
export const recordedEvent: fc.Arbitrary<RecordedEvent> = fc
  .record({
    event: anyEvent,
    lateBy: fc.integer({ min: -300_000, max: 90_000_000 }),
    correlation_id: maybe(fc.stringMatching(/^[!-~]{1,128}$/)),
    sender: maybe(text(1)),
  })
  .map(({ event, lateBy, ...envelope }) =>
    recorded(event, {
      ...envelope,
      accepted_at: new Date(Date.parse(event.occurred_at) + lateBy).toISOString(),
    }),
  );
