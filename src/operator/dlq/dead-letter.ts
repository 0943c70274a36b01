import type { Message } from '@aws-sdk/client-sqs';
import type { Clock } from '../../clock.ts';
import { utc } from '../../events/time.ts';
import { deliveryOf, type Delivery } from '../../queue/delivery.ts';
import { attribute } from '../../queue/message.ts';
import { queues, type QueueName } from '../../queue/topology.ts';
import { printable } from '../../printable.ts';
import { durationText } from '../../duration.ts';

/** A message in a dead-letter queue. */
export type DeadLetter = {
  /** Of the first of its copies: what logs call it, and what `--id` takes. */
  readonly id: string;
  /** Of the copy in the dead-letter queue. */
  readonly copyId: string;
  /** When that copy came there, as SQS says. Real ms UTC. */
  readonly copiedReal: number;
  /** Null where nobody said why: SQS moved it by itself. */
  readonly reason: string | null;
  readonly delivery: Delivery;
};

/** The dead letter in a message that was received from a dead-letter queue. */
export function deadLetterOf(message: Message, clock: Pick<Clock, 'fromReal' | 'real'>): DeadLetter {
  const delivery = deliveryOf(message, clock);
  return {
    id: delivery.messageId,
    copyId: message.MessageId ?? '',
    copiedReal: Number(message.Attributes?.SentTimestamp ?? 0),
    reason: message.MessageAttributes?.[attribute.reason]?.StringValue ?? null,
    delivery,
  };
}

/** A dead letter as a JSON object, body whole. */
export function deadLetterJson({ id, copiedReal, reason, delivery }: DeadLetter): object {
  return {
    id,
    reason,
    sent_at: utc(delivery.firstSentReal),
    dead_lettered_at: utc(copiedReal),
    receive_count: delivery.receiveCount,
    correlation_id: delivery.correlationId ?? null,
    body: delivery.body,
  };
}

export type DeadLetterTextOptions = {
  readonly queue: QueueName;
  /** Real ms UTC. */
  readonly now: number;
  /** The body whole, line by line; else its beginning on one line. */
  readonly full: boolean;
  /** How many characters a line holds. */
  readonly columns: number;
};

const label = { reason: '  reason  ', body: '  body    ' } as const;

/** A dead letter for people, a few lines. */
export function deadLetterText(
  deadLetter: DeadLetter,
  { queue, now, full, columns }: DeadLetterTextOptions,
): string {
  const { id, reason, delivery } = deadLetter;
  const age = durationText(Math.max(0, now - delivery.firstSentReal));
  const times = delivery.receiveCount === 1 ? 'once' : `${delivery.receiveCount} times`;
  const why =
    reason ??
    `none given: SQS itself moves what was received ${queues[queue].maxReceiveCount} times in vain, and says nothing`;
  const body = full
    ? delivery.body
        .split('\n')
        .map(printable)
        .join(`\n${' '.repeat(label.body.length)}`)
    : beginning(printable(delivery.body), columns - label.body.length);
  return [
    `${printable(id)}  ${age} old, received ${times} here\n`,
    `${label.reason}${printable(why)}\n`,
    `${label.body}${body}\n`,
  ].join('');
}

function beginning(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, Math.max(0, length - 1))}…`;
}
