import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import type { RecordedEvent } from '../../src/events/event.ts';
import { eventIdFrom } from '../../src/events/identity.ts';
import { readMessage, writeMessage } from '../../src/queue/message.ts';
import { jsonText, recordedEvent } from '../support/arbitraries.ts';
import { allVouched, expectationSet, heartbeat, recorded, registration, status } from '../support/events.ts';

const sentAt = '2026-11-23T17:30:00.000Z';
const beat = { type: 'heartbeat', scheduler_id: 'payroll' };
const done = {
  type: 'status',
  scheduler_id: 'payroll',
  service_name: 'billing',
  job_name: 'close-day',
  status: 'completed',
  timestamp: '2026-11-23T17:29:00.000Z',
};

function read(body: unknown, delivered: Partial<Parameters<typeof readMessage>[0]> = {}) {
  return readMessage({
    body: typeof body === 'string' ? body : JSON.stringify(body),
    messageId: 'message-1',
    sentAt,
    vouched: allVouched,
    ...delivered,
  });
}

function eventIn(body: unknown): RecordedEvent['event'] {
  const result = read(body);
  if (!result.ok) throw new Error(result.issues.join('; '));
  return result.value.event;
}

function objectOf(value: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value));
}

function issuesIn(body: unknown): string[] {
  const result = read(body);
  return result.ok ? [] : result.issues;
}

describe('a message', () => {
  test('gives back the very event that it was written from, whoever delivers it and when', () => {
    fc.assert(
      fc.property(recordedEvent, (event) => {
        const correlationId = event.envelope.correlation_id ?? undefined;
        const delivered = {
          body: writeMessage(event),
          messageId: 'any',
          sentAt,
          vouched: allVouched,
          correlationId,
        };
        expect(readMessage(delivered)).toEqual({ ok: true, value: event });
      }),
      { numRuns: 500 },
    );
  });

  test('holds only characters that SQS takes', () => {
    fc.assert(
      fc.property(recordedEvent, (event) => {
        // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
        expect(writeMessage(event)).toMatch(/^[\t\n\r\u0020-\ud7ff\ue000-\ufffd]*$/);
      }),
    );
  });

  test('is written as docs/sqs.md has it', () => {
    const event = status({ status: 'failed', error_message: '\uffff🌙', metadata: '{"1":1.50,"0":0}' });
    expect(writeMessage(recorded(event, { sender: 'billing-key' }))).toBe(
      '{"type":"status","scheduler_id":"payroll","event_id":"00000000-0000-4000-8000-000000000001",' +
        '"service_name":"billing","job_name":"close-day","status":"failed",' +
        '"error_message":"\\uffff\\ud83c\\udf19","metadata":{"1":1.50,"0":0},' +
        '"timestamp":"2099-11-23T17:30:00.000Z","accepted_at":"2099-11-23T17:30:00.000Z",' +
        '"sender":"billing-key","ronda_schema":1}',
    );
  });

  test('of a registration tells what is cleared from what is kept, for consumers that know the difference', () => {
    expect(writeMessage(recorded(registration({ owner_email: null, heartbeat_timeout_minutes: 0 })))).toBe(
      '{"type":"register","scheduler_id":"payroll","event_id":"00000000-0000-4000-8000-000000000001",' +
        '"service_name":"billing","job_name":"close-day","owner_email":null,"heartbeat_timeout_minutes":0,' +
        '"timestamp":"2099-11-23T17:30:00.000Z","accepted_at":"2099-11-23T17:30:00.000Z","ronda_schema":2}',
    );
  });

  test('is read to the same end every time, and never throws, whatever it holds', () => {
    const any = fc.oneof(fc.string({ unit: 'binary' }), jsonText);
    const field = fc.oneof(jsonText, fc.constantFrom('"heartbeat"', '"payroll"', '"1.0"', '"\\ud800"'));
    const names = ['type', 'scheduler_id', 'timestamp', 'event_id', 'detail', 'source', 'detail-type'];
    const more = ['Type', 'Message', 'data', 'specversion', 'id', 'time', 'accepted_at', 'sender'];
    const object = fc
      .array(fc.tuple(fc.constantFrom(...names, ...more), field), { maxLength: 8 })
      .map((members) => `{${members.map(([name, text]) => `"${name}":${text}`).join(',')}}`);
    fc.assert(
      fc.property(fc.oneof(any, object), (body) => {
        expect(read(body)).toEqual(read(body));
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('a message that says which schema it needs', () => {
  const schemaOf = (event: RecordedEvent['event']): unknown =>
    z.object({ ronda_schema: z.number() }).parse(JSON.parse(writeMessage(recorded(event)))).ronda_schema;

  test('needs no newer consumer than what it says does', () => {
    const expectation = '{"schedule":"night"}';
    expect(schemaOf(status())).toBe(1);
    expect(schemaOf(heartbeat())).toBe(1);
    expect(schemaOf(registration({ owner_email: null }))).toBe(2);
    // A consumer of before would leave out what these name, and nobody would ever know of it.
    expect(schemaOf(status({ run_id: 'run-1' }))).toBe(3);
    expect(schemaOf(status({ business_date: '2026-11-23' }))).toBe(3);
    expect(schemaOf(registration({ expectation }))).toBe(3);
    expect(schemaOf(registration({ expectation: null }))).toBe(3);
    expect(schemaOf(expectationSet({ expectation }))).toBe(3);
    expect(schemaOf(expectationSet({ expectation: null }))).toBe(3);
  });

  test('is read if that is known, whatever its form', () => {
    for (const ronda_schema of [3, 2, 1, 0, -5, '3', null, [3]])
      expect(read({ ...beat, ronda_schema })).toMatchObject({ ok: true });
  });

  test.each([
    ['an unknown type', { ...beat, type: 'pause', ronda_schema: 4 }],
    ['a known one', { ...beat, ronda_schema: 4 }],
    ['a body that would be refused', { type: 'status', ronda_schema: 4 }],
  ])('is for a newer consumer if that is above what this one knows: %s', (_, body) => {
    expect(read(body)).toEqual({
      ok: false,
      issues: ['ronda_schema: needs 4, this program knows 3'],
      needs: 4,
    });
  });

  test('is refused for an unknown type all the same, if what it needs is known', () => {
    const issues = ['type: must be one of status, heartbeat, register, remove, acknowledge, snooze, expect'];
    expect(read({ ...beat, type: 'pause', ronda_schema: 1 })).toEqual({ ok: false, issues });
  });
});

describe('a registration', () => {
  const known = { type: 'register', scheduler_id: 'payroll', service_name: 'billing', job_name: 'close-day' };
  const fieldsOf = (body: object) => {
    const { v, type, scheduler_id, occurred_at, event_id, service_name, job_name, ...fields } = objectOf(
      eventIn({ ...known, ...body }),
    );
    expect([v, type]).toEqual([2, 'scheduler_registered']);
    expect([scheduler_id, occurred_at, service_name, job_name]).toEqual([
      'payroll',
      sentAt,
      'billing',
      'close-day',
    ]);
    expect(event_id).toBe(eventIdFrom('payroll', 'message-1'));
    return fields;
  };

  test('keeps what it leaves out, and clears what is null', () => {
    expect(fieldsOf({})).toEqual({});
    expect(fieldsOf({ owner_email: null, heartbeat_timeout_minutes: 15 })).toEqual({
      owner_email: null,
      heartbeat_timeout_minutes: 15,
    });
  });

  test('that an ingress of schema 1 queued clears what it leaves out, as it did then', () => {
    expect(fieldsOf({ heartbeat_timeout_minutes: 15, ronda_schema: 1 })).toEqual({
      owner_email: null,
      alert_user_id: null,
      heartbeat_timeout_minutes: 15,
    });
  });

  test('still has to name what it is', () => {
    expect(issuesIn({ ...known, job_name: null, service_name: null })).toEqual([
      'service_name: is required',
      'job_name: is required',
    ]);
  });
});

describe('a claimed time of acceptance', () => {
  const vouched = { from: '2026-11-05T17:30:00.000Z', to: sentAt };

  test.each([
    ['2026-11-05T17:29:59.999Z', sentAt],
    ['2026-11-05T17:30:00.000Z', '2026-11-05T17:30:00.000Z'],
    ['2026-11-23T17:29:00.000Z', '2026-11-23T17:29:00.000Z'],
    [sentAt, sentAt],
    ['2026-11-23T17:30:00.001Z', sentAt],
    ['9998-12-31T23:59:59.999Z', sentAt],
  ])('of %s counts as %s', (accepted_at, counted) => {
    expect(read({ ...beat, accepted_at }, { vouched })).toMatchObject({
      ok: true,
      value: { event: { occurred_at: counted }, envelope: { accepted_at: counted } },
    });
  });

  test('cannot let a timestamp lie further ahead than 5 minutes after the queue got it', () => {
    const accepted_at = '2026-11-23T18:30:00.000Z';
    const at = (timestamp: string) => read({ ...beat, accepted_at, timestamp }, { vouched });
    expect(at('2026-11-23T17:35:00.000Z')).toMatchObject({ ok: true });
    expect(at('2026-11-23T17:35:00.001Z')).toMatchObject({ ok: false });
  });
});

describe('what the sender leaves out', () => {
  test('without a time: acceptance is the time, and the message gives the id', () => {
    expect(eventIn(beat)).toEqual({
      v: 1,
      type: 'heartbeat_received',
      scheduler_id: 'payroll',
      occurred_at: sentAt,
      event_id: eventIdFrom('payroll', 'message-1'),
    });
  });

  test('with a time of acceptance in the body, it is the default time, whenever the queue got it', () => {
    const result = read({ ...beat, accepted_at: '2026-11-23T17:00:00Z', sender: 'billing-key' });
    expect(result).toMatchObject({
      ok: true,
      value: {
        event: { occurred_at: '2026-11-23T17:00:00.000Z' },
        envelope: {
          accepted_at: '2026-11-23T17:00:00.000Z',
          sender: 'billing-key',
          correlation_id: null,
        },
      },
    });
  });

  test('with a time: the id is of the content, so that the same report in another message is the same event', () => {
    const once = read(done);
    const again = read(done, { messageId: 'message-2' });
    expect(once).toEqual(again);
    expect(eventIn(done).event_id).not.toBe(eventIdFrom('payroll', 'message-1'));
  });

  test('without a time and with an id: the id is its own, and acceptance the time', () => {
    expect(eventIn({ ...beat, event_id: 'beat-7' })).toMatchObject({
      occurred_at: sentAt,
      event_id: eventIdFrom('payroll', 'beat-7'),
    });
  });

  test('null counts as left out', () => {
    const { type, ...rest } = beat;
    expect(eventIn({ type, ...rest, timestamp: null, event_id: null, sender: null })).toEqual(eventIn(beat));
  });

  test('unknown members are ignored', () => {
    expect(eventIn({ ...beat, region: 'ap-southeast-3', detail: 'none' })).toEqual(eventIn(beat));
  });
});

describe('an envelope', () => {
  const time = '2026-11-23T17:20:00.000Z';
  const sns = (message: unknown, fields: object = { Timestamp: time }) => ({
    Type: 'Notification',
    MessageId: 'sns-1',
    TopicArn: 'arn:aws:sns:ap-southeast-3:000000000000:jobs',
    Message: typeof message === 'string' ? message : JSON.stringify(message),
    ...fields,
  });
  const bridge = (detail: unknown, fields: object = { time }) => ({
    version: '0',
    id: 'bridge-1',
    'detail-type': 'Job Report',
    source: 'billing',
    detail,
    ...fields,
  });
  const cloud = (data: unknown, fields: object = { time }) => ({
    specversion: '1.0',
    type: 'com.example.job',
    source: '/billing/1',
    id: 'cloud-1',
    data,
    ...fields,
  });

  test.each([
    ['an SNS notification', sns(beat, {}), 'sns-1'],
    ['an EventBridge event', bridge(beat, {}), 'bridge-1'],
    ['a CloudEvent', cloud(beat, {}), '/billing/1 cloud-1'],
  ])('that is %s without a time gives the id; the time is that of acceptance', (_kind, body, id) => {
    expect(eventIn(body)).toMatchObject({ occurred_at: sentAt, event_id: eventIdFrom('payroll', id) });
  });

  test.each([
    ['SNS', sns(done)],
    ['EventBridge', bridge(done)],
    ['CloudEvents', cloud(done)],
  ])('of %s around a report with a time changes nothing', (_kind, body) => {
    expect(eventIn(body)).toEqual(eventIn(done));
  });

  test('around an envelope: the innermost counts', () => {
    const inner = { time: '2026-11-23T17:10:00Z' };
    expect(eventIn(sns(bridge(beat, inner)))).toMatchObject({
      occurred_at: '2026-11-23T17:10:00.000Z',
      event_id: eventIdFrom('payroll', 'bridge-1'),
    });
    expect(eventIn(sns(bridge(cloud(beat, { time: '2026-11-23T17:05:00Z' }), inner)))).toMatchObject({
      occurred_at: '2026-11-23T17:05:00.000Z',
      event_id: eventIdFrom('payroll', '/billing/1 cloud-1'),
    });
  });

  test('whose own time or id is missing or no good leaves those of the one around it', () => {
    expect(eventIn(sns(bridge(beat, { time: 'yesterday', id: 5 })))).toMatchObject({
      occurred_at: time,
      event_id: eventIdFrom('payroll', 'sns-1'),
    });
    expect(eventIn(sns(cloud(beat, { source: undefined })))).toMatchObject({
      event_id: eventIdFrom('payroll', 'sns-1'),
    });
  });

  test('with an id that is no Unicode is read like any other', () => {
    expect(read(cloud(beat, { id: '\ud800' })).ok).toBe(true);
  });

  test('may be four deep and not five', () => {
    expect(issuesIn(sns(sns(sns(sns(beat)))))).toEqual([]);
    expect(issuesIn(sns(sns(sns(sns(sns(beat))))))).toEqual(['body: must not be wrapped more than 4 times']);
  });

  test('of CloudEvents may hold its data as JSON text, or in base64', () => {
    const text = JSON.stringify({ ...done, job_name: 'Schlüssel 🌙' });
    const expected = eventIn(cloud({ ...done, job_name: 'Schlüssel 🌙' }));
    const encoded = { time, data_base64: Buffer.from(text).toString('base64') };
    expect(eventIn(cloud(text))).toEqual(expected);
    expect(eventIn(cloud(undefined, encoded))).toEqual(expected);
    expect(eventIn(cloud(`\ufeff${text}`))).toEqual(expected);
    expect(eventIn(sns(cloud(undefined, encoded)))).toEqual(expected);
    expect(issuesIn(cloud('job done'))).toEqual(['body: must be a JSON object']);
    const latin1 = Buffer.from(text, 'latin1').toString('base64');
    for (const data_base64 of ['', '%%%', Buffer.from('job done').toString('base64'), latin1])
      expect(issuesIn(cloud(undefined, { data_base64 }))).toEqual(['body: must be a JSON object']);
  });

  test('and what is in it may begin with a BOM', () => {
    const bom = '\ufeff';
    const marked = bom + JSON.stringify(beat);
    expect(eventIn(marked)).toEqual(eventIn(beat));
    expect(eventIn(bom + JSON.stringify(sns(marked)))).toEqual(eventIn(sns(beat)));
  });

  test('around what is no object is refused', () => {
    expect(issuesIn(sns('job done'))).toEqual(['body: must be a JSON object']);
    expect(issuesIn(bridge([beat]))).toEqual(['body: must be a JSON object']);
    expect(issuesIn(cloud(null))).toEqual(['body: must be a JSON object']);
  });

  test('that is only like one is taken for the report itself', () => {
    expect(eventIn({ ...beat, Message: '{}', Timestamp: time }).occurred_at).toBe(sentAt);
    expect(eventIn({ ...beat, source: 'billing', time }).occurred_at).toBe(sentAt);
  });
});

describe('five minutes ahead', () => {
  const ahead = ['timestamp: must not lie more than 5 minutes ahead'];
  const at = (timestamp: string, fields: object = {}) => ({ ...beat, timestamp, ...fields });

  test('are counted from when the queue got the message', () => {
    expect(issuesIn(at('2026-11-23T17:35:00.000Z'))).toEqual([]);
    expect(issuesIn(at('2026-11-23T17:35:00.001Z'))).toEqual(ahead);
  });

  test('are counted from acceptance where the ingress wrote it', () => {
    const accepted_at = '2026-11-23T17:00:00.000Z';
    expect(issuesIn(at('2026-11-23T17:05:00.000Z', { accepted_at }))).toEqual([]);
    expect(issuesIn(at('2026-11-23T17:05:00.001Z', { accepted_at }))).toEqual(ahead);
  });

  test('hold for the time of an envelope too', () => {
    const body = (time: string) => ({ specversion: '1.0', source: 'a', id: '1', time, data: beat });
    expect(issuesIn(body('2026-11-23T17:35:00.000Z'))).toEqual([]);
    expect(issuesIn(body('2026-11-23T17:35:00.001Z'))).toEqual(ahead);
  });

  test('do not bound how long a snooze lasts', () => {
    const until = '2027-01-01T00:00:00Z';
    expect(issuesIn({ type: 'snooze', scheduler_id: 'payroll', until, by: 'sari' })).toEqual([]);
  });
});

describe('a message that is not valid says which field and why', () => {
  test.each([
    [
      'a time of acceptance that is none',
      { ...beat, accepted_at: 'now' },
      ['accepted_at: must be an ISO 8601 time with offset or Z, like 2026-11-23T17:30:00.000Z'],
    ],
    ['a sender that is no text', { ...beat, sender: 5 }, ['sender: must be a string']],
    [
      'an acknowledgement of nothing by nobody',
      { type: 'acknowledge', scheduler_id: 'payroll' },
      ['failure_event_id: is required', 'by: is required'],
    ],
    [
      'an expectation that is none',
      { type: 'expect', scheduler_id: 'payroll', expectation: { schedule: '61 * * * *', dais: 'all' } },
      [
        'expectation.schedule: must be a cron expression of five fields, like "0 1 * * MON-FRI", or "night": ' +
          'Invalid value for minute: 61',
        'expectation.dais: is no field of it, there are schedule, timezone, days, calendar, business_date, ' +
          'start_within_minutes, finish_by, finish_within_minutes, min_duration_ms, max_duration_ms, results, ' +
          'depends_on, severity, runbook_url',
      ],
    ],
    [
      'a report of what is expected that does not say what',
      { type: 'expect', scheduler_id: 'payroll' },
      ['expectation: is required'],
    ],
    [
      'a run and a day that are none',
      { ...done, run_id: 'run 1', business_date: '23.11.2026' },
      ['run_id: must be 1 to 128 of A-Z a-z 0-9 . _ : -', 'business_date: must be a date, like 2026-11-23'],
    ],
    [
      'a snooze without an end',
      { type: 'snooze', scheduler_id: 'payroll', by: 'sari' },
      ['until: is required'],
    ],
    [
      'an acknowledgement of no event, by half a character',
      { type: 'acknowledge', scheduler_id: 'payroll', failure_event_id: 'run-42', by: 'a\ud800' },
      ['failure_event_id: must be a UUID', 'by: must be well-formed Unicode (it has an unpaired surrogate)'],
    ],
  ])('%s', (_fault, body, issues) => {
    expect(issuesIn(body)).toEqual(issues);
  });
});
