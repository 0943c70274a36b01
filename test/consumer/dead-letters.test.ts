import {
  type Message,
  type MessageAttributeValue,
  SendMessageBatchCommand,
  SetQueueAttributesCommand,
} from '@aws-sdk/client-sqs';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createClock } from '../../src/clock.ts';
import { RefusedMessageError } from '../../src/errors.ts';
import { deadLetter } from '../../src/queue/dead-letters.ts';
import { utc } from '../../src/events/time.ts';
import { deliveryOf } from '../../src/queue/delivery.ts';
import { stringAttributes, type Outgoing } from '../../src/queue/publisher.ts';
import { readRow } from '../../src/store/projections/scheduler-rows.ts';
import { allVouched } from '../support/events.ts';
import { createBackend, startTestConsumer, type TestBackend } from '../support/harness.ts';
import { keptLog, type LogLine } from '../support/log-lines.ts';
import { attributesOf, depth, isEmpty, receive, send } from '../support/queues.ts';
import { until } from '../support/until.ts';
import { undone } from '../support/undo.ts';

const undo = undone(afterEach);
const clock = createClock();
const time = utc(clock.real() - 1_800_000);
const eventId = '11111111-1111-4111-8111-111111111111';
const status = {
  type: 'status',
  scheduler_id: 'broken-job',
  service_name: 'billing',
  job_name: 'Invoices',
  status: 'running',
  timestamp: time,
};

test.each([
  ['no JSON', '{"type":"status",\n\t"scheduler_id"', 'body: must be a JSON object'],
  ['no object', '  [1, 2]  ', 'body: must be a JSON object'],
  [
    'an unknown type',
    '{"type":"restart","scheduler_id":"a"}',
    'type: must be one of status, heartbeat, register, remove, acknowledge, snooze, expect',
  ],
  [
    'a bad field',
    JSON.stringify({ ...status, status: 'done' }),
    'status: must be one of pending, running, completed, failed',
  ],
  [
    'several bad fields',
    JSON.stringify({ ...status, scheduler_id: 'a b', timestamp: 'noon' }),
    'scheduler_id: must be 1 to 255 of A-Z a-z 0-9 . _ : -; ' +
      'timestamp: must be an ISO 8601 time with offset or Z, like 2026-11-23T17:30:00.000Z',
  ],
  [
    'a time ahead of its acceptance by more than 5 minutes',
    JSON.stringify({ ...status, accepted_at: time, timestamp: utc(Date.parse(time) + 300_001) }),
    'timestamp: must not lie more than 5 minutes ahead',
  ],
  [
    'a bad field in an envelope',
    JSON.stringify({ specversion: '1.0', id: '1', source: '/a', data: { type: 'heartbeat' } }),
    'scheduler_id: is required',
  ],
])(
  'a body with %s goes to the dead-letter queue at once, and delays none of its batch',
  async (_what, body, reason) => {
    const { backend, lines } = await consumerOver((events) =>
      Array.from({ length: 10 }, (_, n) =>
        n === 4 ? { body, correlationId: 'night-7' } : { body: JSON.stringify(heartbeat(n)) },
      ).map(events),
    );

    const dead = await firstDead(backend);
    expect(dead.Body).toBe(body);
    expectPromised(dead, { reason, correlationId: 'night-7' }, lines);
    await until('the other nine are applied', async () => {
      const rows = await Promise.all(
        [0, 1, 2, 3, 5, 6, 7, 8, 9].map((n) => readRow(backend.store, `beat-${n}`)),
      );
      return rows.every((row) => row?.state?.heartbeat?.at === time);
    });
    await until('the events queue is empty', () => isEmpty(backend.sqs.send, backend.queues.events.url));
    expect(refusals(lines)).toHaveLength(1);
  },
);

test('an event that is stored already with other content is dead-lettered, and the stored one stays', async () => {
  const { backend, lines } = await consumerOver((events) => [
    events({ body: JSON.stringify({ ...status, event_id: eventId }) }),
  ]);
  await until('the first is applied', () => readRow(backend.store, 'broken-job'));
  const other = JSON.stringify({ ...status, event_id: eventId, status: 'completed' });
  await send(backend.sqs.send, backend.queues.events.url, other);

  const dead = await firstDead(backend);
  expect(dead.Body).toBe(other);
  const reason = `event_id: event ${time}#${eventId} of broken-job is stored already with other content`;
  expectPromised(dead, { reason }, lines);
  const row = await readRow(backend.store, 'broken-job');
  expect(row?.state?.status).toMatchObject({ status: 'running', id: eventId });
  expect(row?.rev).toBe(1);
});

test('5 minutes ahead are counted from when a copy was first sent, not from when it was copied', async () => {
  const timestamp = utc(Date.parse(time) + 300_001);
  const { backend } = await consumerOver((events) => [
    events({ body: JSON.stringify({ ...status, timestamp }), sentAt: time, messageId: 'first-copy' }),
  ]);
  expect(attributesOf(await firstDead(backend))).toMatchObject({
    'ronda-reason': 'timestamp: must not lie more than 5 minutes ahead',
    'ronda-message-id': 'first-copy',
    'ronda-sent-at': time,
  });
});

test('a body too large to carry a reason is logged once and left to maxReceiveCount', async () => {
  const body = `{"type":"nonsense","pad":"${'x'.repeat(1_048_576 - 100)}"}`;
  const { backend, lines } = await consumerOver((events) => [events({ body })], 2);
  const dead = await firstDead(backend);
  expect(dead.Body).toBe(body);
  expect(attributesOf(dead)).toEqual({});
  expect(refusals(lines).map(({ level, msg, reason }) => ({ level, msg, reason }))).toEqual([
    {
      level: 'error',
      msg: 'message refused, too large to move',
      reason: 'type: must be one of status, heartbeat, register, remove, acknowledge, snooze, expect',
    },
  ]);
});

test('the sender’s own attributes come along beside ours, of every type, ten in all', async () => {
  const own = {
    traceparent: {
      DataType: 'String',
      StringValue: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    },
    attempt: { DataType: 'Number.int', StringValue: '3' },
    digest: { DataType: 'Binary.sha256', BinaryValue: Uint8Array.of(0, 255, 128) },
    'ronda-reason': { DataType: 'String', StringValue: 'forged' },
    region: { DataType: 'String', StringValue: 'jakarta' },
    host: { DataType: 'String', StringValue: 'batch-1' },
    seventh: { DataType: 'String', StringValue: 'one too many' },
  };
  const { backend } = await consumerOver((events) => {
    const { MessageBody, MessageAttributes } = events({ body: '[]', correlationId: 'c-1' });
    return [{ MessageBody, MessageAttributes: { ...MessageAttributes, ...own } }];
  });
  const { MessageAttributes = {}, Body } = await firstDead(backend);
  expect(Body).toBe('[]');
  const { traceparent, attempt, digest, ...others } = MessageAttributes;
  expect([traceparent, attempt]).toMatchObject([own.traceparent, own.attempt]);
  expect(digest?.DataType).toBe('Binary.sha256');
  expect([...(digest?.BinaryValue ?? [])]).toEqual([0, 255, 128]);
  expect(Object.keys(others).sort()).toEqual([
    ...['host', 'region', 'ronda-message-id', 'ronda-reason', 'ronda-received-at', 'ronda-sent-at'],
    'x-correlation-id',
  ]);
  expect(others['ronda-reason']?.StringValue).toBe('body: must be a JSON object');
});

describe('of the sender’s attributes', () => {
  const large = { DataType: 'String', StringValue: 'x'.repeat(1_000) };
  const attributes = { large, small: { DataType: 'Binary', BinaryValue: Uint8Array.of(1, 2) } };
  /** Dead-letters a message to a queue that takes what it is asked about. */
  async function put(bytes: number, takes: (message: Outgoing) => boolean = () => true) {
    const tried: { carried: string[]; taken: boolean }[] = [];
    const publisher = {
      send: (message: Outgoing) => {
        const taken = takes(message);
        tried.push({ carried: Object.keys(message.carried ?? {}), taken });
        return taken ? Promise.resolve() : Promise.reject(new RefusedMessageError('queue', 'too large'));
      },
      close: () => Promise.resolve(),
    };
    const delivery = { ...deliveryOf({ MessageAttributes: attributes }, clock), body: 'x'.repeat(bytes) };
    return { moved: await deadLetter(publisher, clock, delivery, 'bad'), tried };
  }
  /** What ours take: names, types and values. */
  const ours =
    'ronda-reasonStringbad'.length +
    'ronda-received-atString2026-11-23T17:30:00.000Z'.length +
    'ronda-message-idString'.length +
    'ronda-sent-atString2026-11-23T17:30:00.000Z'.length;
  const room = 1_048_576 - ours;

  test.each([
    [room - 2_000, ['large', 'small']],
    [room - 'largeString'.length - 1_000, ['large']],
    [room - 'largeString'.length - 999, ['small']],
    [room - 'smallBinary'.length - 2, ['small']],
    [room - 'smallBinary'.length - 1, []],
    [room, []],
  ])('those are left behind for which a body of %i bytes leaves no room', async (bytes, carried) => {
    expect(await put(bytes)).toEqual({ moved: true, tried: [{ carried, taken: true }] });
  });

  test('a body that leaves no room for ours is not moved', async () => {
    expect(await put(room + 1)).toEqual({ moved: false, tried: [] });
  });

  test('all are left behind where the queue refuses the message with them', async () => {
    expect(await put(10, ({ carried }) => carried === undefined)).toEqual({
      moved: true,
      tried: [
        { carried: ['large', 'small'], taken: false },
        { carried: [], taken: true },
      ],
    });
    expect(await put(10, () => false)).toMatchObject({ moved: false });
  });
});

test('a reason is one line of printable ASCII of at most 1 KiB', async () => {
  const sent: (Readonly<Record<string, string>> | undefined)[] = [];
  const publisher = {
    send: ({ attributes }: { attributes?: Readonly<Record<string, string>> }) => {
      sent.push(attributes);
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
  const delivery = {
    message: {},
    body: 'x',
    messageId: 'm',
    sentAt: time,
    vouched: allVouched,
    sentReal: Date.parse(time),
    firstSentReal: Date.parse(time),
    receiveCount: 1,
  };
  await deadLetter(publisher, clock, delivery, 'bad\nfield\u0000: é …');
  await deadLetter(publisher, clock, delivery, 'y'.repeat(5_000));
  expect(sent.map((attributes) => attributes?.['ronda-reason'])).toEqual([
    'bad field :    ',
    'y'.repeat(1_024),
  ]);
});

type Given = { body: string; correlationId?: string; sentAt?: string; messageId?: string };
type Entry = { MessageBody: string; MessageAttributes: Record<string, MessageAttributeValue> };

/** A queue that holds messages, all of one batch, and then a consumer on it. */
async function consumerOver(
  messages: (entry: (given: Given) => Entry) => Entry[],
  maxReceiveCount?: number,
): Promise<{ backend: TestBackend; lines: LogLine[] }> {
  const backend = await createBackend();
  undo.push(backend.close);
  const { url, deadLetterUrl } = backend.queues.events;
  if (maxReceiveCount !== undefined) {
    const deadLetterTargetArn = `arn:aws:sqs:us-east-1:000000000000:${deadLetterUrl.split('/').at(-1) ?? ''}`;
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount });
    await backend.sqs.send.send(
      new SetQueueAttributesCommand({ QueueUrl: url, Attributes: { RedrivePolicy } }),
    );
  }
  const Entries = messages(entryOf).map((entry, n) => ({ Id: `${n}`, ...entry }));
  await backend.sqs.send.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }));
  const { log, lines } = keptLog();
  undo.push(startTestConsumer(backend, { pollers: 1, log }).stop);
  return { backend, lines };
}

function entryOf({ body, correlationId, sentAt, messageId }: Given): Entry {
  const attributes = stringAttributes({
    ...(correlationId === undefined ? {} : { 'x-correlation-id': correlationId }),
    ...(sentAt === undefined ? {} : { 'ronda-sent-at': sentAt }),
    ...(messageId === undefined ? {} : { 'ronda-message-id': messageId }),
  });
  return { MessageBody: body, MessageAttributes: attributes };
}

function heartbeat(n: number): object {
  return { type: 'heartbeat', scheduler_id: `beat-${n}`, timestamp: time };
}

/** The first message in the dead-letter queue. */
function firstDead({ sqs, queues }: TestBackend): Promise<Message> {
  return until('a message is in the dead-letter queue', async () => {
    const { waiting } = await depth(sqs.send, queues.events.deadLetterUrl);
    return waiting > 0 ? (await receive(sqs.receive, queues.events.deadLetterUrl))[0] : undefined;
  });
}

/** Exactly the attributes of the contract, with values that fit each other. */
function expectPromised(
  dead: Message,
  { reason, correlationId }: { reason: string; correlationId?: string },
  lines: readonly LogLine[],
): void {
  const attributes = attributesOf(dead);
  const sentAt = attributes['ronda-sent-at'] ?? '';
  const receivedAt = attributes['ronda-received-at'] ?? '';
  const [logged] = refusals(lines);
  expect(attributes).toEqual({
    'ronda-reason': reason,
    'ronda-received-at': expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    'ronda-message-id': logged?.['message_id'],
    'ronda-sent-at': expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    ...(correlationId === undefined ? {} : { 'x-correlation-id': correlationId }),
  });
  expect(logged?.['message_id']).not.toBe(dead.MessageId);
  expect(Date.parse(receivedAt)).toBeGreaterThanOrEqual(Date.parse(sentAt));
  expect(Date.parse(sentAt)).toBeGreaterThan(clock.real() - 30_000);
  expect(logged).toMatchObject({ level: 'error', reason, msg: 'message moved to the dead-letter queue' });
}

function refusals(lines: readonly LogLine[]): LogLine[] {
  return lines.filter(({ level }) => level === 'error');
}
