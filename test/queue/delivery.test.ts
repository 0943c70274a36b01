import type { Message } from '@aws-sdk/client-sqs';
import { expect, test } from '@jest/globals';
import { createClock } from '../../src/clock.ts';
import { deliveryOf } from '../../src/queue/delivery.ts';
import { stringAttributes } from '../../src/queue/publisher.ts';

const sent = Date.parse('2026-01-05T17:30:00.000Z');
const clock = createClock({}, () => sent + 60_000);
const message = {
  MessageId: 'm-1',
  Body: 'body',
  Attributes: { SentTimestamp: `${sent}`, ApproximateReceiveCount: '3' },
} satisfies Message;

test('a message has its own id and time', () => {
  expect(deliveryOf(message, clock)).toEqual({
    message,
    body: 'body',
    messageId: 'm-1',
    sentReal: sent,
    firstSentReal: sent,
    sentAt: '2026-01-05T17:30:00.000Z',
    vouched: { from: '2025-12-18T17:30:00.000Z', to: '2026-01-05T17:30:00.000Z' },
    correlationId: undefined,
    receiveCount: 3,
  });
});

test.each([
  ['2026-01-05T16:00:00Z', '2026-01-05T16:00:00.000Z'],
  ['1767632400000', '2026-01-05T17:00:00.000Z'],
  ['yesterday', '2026-01-05T17:30:00.000Z'],
  ['', '2026-01-05T17:30:00.000Z'],
  // No later than SQS got the copy, and no earlier than 4 days in a queue and 14 in its dead-letter queue.
  ['2026-01-05T17:30:00.001Z', '2026-01-05T17:30:00.000Z'],
  ['2025-12-18T17:30:00.000Z', '2025-12-18T17:30:00.000Z'],
  ['2025-12-18T17:29:59.999Z', '2026-01-05T17:30:00.000Z'],
  ['0', '2026-01-05T17:30:00.000Z'],
  ['999999999999999', '2026-01-05T17:30:00.000Z'],
  ['2026-02-30T00:00:00Z', '2026-01-05T17:30:00.000Z'],
])('a copy whose ronda-sent-at is "%s" was sent at %s', (text, sentAt) => {
  const delivery = deliveryOf(withAttributes({ 'ronda-sent-at': text }), clock);
  expect(delivery.sentAt).toBe(sentAt);
  expect(delivery.firstSentReal).toBe(Date.parse(sentAt));
  expect(delivery.sentReal).toBe(sent);
});

test('on a fast clock, the instant that SQS stamped is mapped into its time', () => {
  const fast = createClock({ start: 0, speed: 60, origin: sent - 1_000 }, () => sent);
  expect(deliveryOf(message, fast)).toMatchObject({
    sentReal: sent,
    sentAt: '1970-01-01T00:01:00.000Z',
    vouched: { from: '1967-01-17T00:01:00.000Z', to: '1970-01-01T00:01:00.000Z' },
  });
});

test.each([
  ['night-7', 'night-7'],
  ['x'.repeat(128), 'x'.repeat(128)],
  ['x'.repeat(129), undefined],
  ['two words', undefined],
  ['line\nbreak', undefined],
  ['näht', undefined],
])('the correlation id %j is kept as %j', (given, kept) => {
  expect(deliveryOf(withAttributes({ 'x-correlation-id': given }), clock).correlationId).toBe(kept);
});

test('without any time of its own a message counts as sent now', () => {
  expect(deliveryOf({}, clock)).toMatchObject({ sentAt: '2026-01-05T17:31:00.000Z', receiveCount: 1 });
});

function withAttributes(attributes: Record<string, string>): Message {
  return { ...message, MessageAttributes: stringAttributes(attributes) };
}
