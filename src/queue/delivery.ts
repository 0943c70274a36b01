import type { Message } from '@aws-sdk/client-sqs';
import type { Clock } from '../clock.ts';
import { parseTime, utc } from '../events/time.ts';
import { attribute, type Delivered } from './message.ts';

/** A received message with what Ronda needs to know of its way here. */
export type Delivery = Delivered & {
  readonly message: Message;
  /** How often it was received, this time included. */
  readonly receiveCount: number;
  /** `sentAt` in real time, ms UTC. */
  readonly sentReal: number;
};

const visibleAscii = /^[\x21-\x7e]{1,128}$/;

/** A message's identity and times are those of the first of its copies. Pure but for the clock's mapping. */
export function deliveryOf(message: Message, clock: Pick<Clock, 'fromReal' | 'real'>): Delivery {
  const text = (name: string): string | undefined => message.MessageAttributes?.[name]?.StringValue;
  const sentReal =
    instantOf(text(attribute.sentAt)) ?? instantOf(message.Attributes?.SentTimestamp) ?? clock.real();
  const correlationId = text(attribute.correlationId) ?? '';
  const messageId = text(attribute.messageId) ?? message.MessageId ?? '';
  return {
    message,
    body: message.Body ?? '',
    messageId,
    sentReal,
    sentAt: utc(clock.fromReal(sentReal)),
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
