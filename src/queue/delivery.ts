import type { Message } from '@aws-sdk/client-sqs';
import type { Clock } from '../clock.ts';
import { parseTime, utc } from '../events/time.ts';
import { attribute, type Delivered } from './message.ts';
import { deadLetterRetentionSeconds, retentionSeconds } from './topology.ts';

/** A received message with what Ronda needs to know of its way here. */
export type Delivery = Delivered & {
  readonly message: Message;
  /** How often it was received, this time included. */
  readonly receiveCount: number;
  /** When SQS got this copy, as SQS itself says. Lag and watermark go by this alone. Real ms UTC. */
  readonly sentReal: number;
  /** `sentAt` in real time, ms UTC: of the first of its copies. */
  readonly firstSentReal: number;
};

const visibleAscii = /^[\x21-\x7e]{1,128}$/;
/** A message lies in its queue for so long, and then in the dead-letter queue. */
const longestWayMs = (retentionSeconds + deadLetterRetentionSeconds) * 1_000;

/**
 * A message's identity and time are those of the first of its copies, as far as its sender can be believed: no later
 * than SQS got it, no earlier than queues keep messages. Pure but for the clock's mapping.
 */
export function deliveryOf(message: Message, clock: Pick<Clock, 'fromReal' | 'real'>): Delivery {
  const text = (name: string): string | undefined => message.MessageAttributes?.[name]?.StringValue;
  const sentReal = instantOf(message.Attributes?.SentTimestamp) ?? clock.real();
  const earliest = sentReal - longestWayMs;
  const claimed = instantOf(text(attribute.sentAt));
  const firstSentReal =
    claimed !== undefined && claimed >= earliest && claimed <= sentReal ? claimed : sentReal;
  const correlationId = text(attribute.correlationId) ?? '';
  const messageId = text(attribute.messageId) ?? message.MessageId ?? '';
  return {
    message,
    body: message.Body ?? '',
    messageId,
    sentReal,
    firstSentReal,
    sentAt: utc(clock.fromReal(firstSentReal)),
    vouched: { from: utc(clock.fromReal(earliest)), to: utc(clock.fromReal(sentReal)) },
    correlationId: visibleAscii.test(correlationId) ? correlationId : undefined,
    receiveCount: Number(message.Attributes?.ApproximateReceiveCount ?? 1),
  };
}

/** Epoch milliseconds of a four-digit year, as SQS stamps them, or an ISO time, as Ronda writes them. */
function instantOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,14}$/.test(text)) return Number(text);
  const time = parseTime(text);
  return time === undefined ? undefined : Date.parse(time);
}
