import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { pause, type Clock } from '../../clock.ts';
import { DependencyError } from '../../errors.ts';
import type { Logger } from '../../log.ts';
import { deadLetterOf, type DeadLetter } from './dead-letter.ts';

/** A dead-letter queue in hand: what is received is kept from others until it is deleted or all is given back. */
export type DeadQueue = {
  /** About how many messages wait, and how many others have in hand. */
  readonly depth: () => Promise<{ readonly waiting: number; readonly inHand: number }>;
  /** At most so many dead letters (1 to 10); waits a second for the first. */
  readonly receive: (max: number) => Promise<DeadLetter[]>;
  /** Takes dead letters (10 at most) out of the queue for good. @returns those that SQS did not take out */
  readonly remove: (deadLetters: readonly DeadLetter[]) => Promise<DeadLetter[]>;
  /** Gives back at once what is in hand. If SQS is away, it comes back by itself within a minute. */
  readonly close: () => Promise<void>;
};

export type DeadQueueOptions = {
  readonly sqs: { readonly send: SQSClient; readonly receive: SQSClient };
  readonly url: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** For how long SQS keeps from others what was received. It is renewed at half of it. Real seconds. */
  readonly holdSeconds?: number;
};

const maxEntries = 10;

/**
 * Opens a dead-letter queue to go through it. Its calls throw DependencyError when SQS is away.
 *
 * Dead letters stay in hand so that the next receive brings others. The time is short and renewed, since a killed
 * process gives nothing back, and an editor may be open for hours.
 */
export function openDeadQueue(options: DeadQueueOptions): DeadQueue {
  const { sqs, url: QueueUrl, clock, log, holdSeconds = 60 } = options;
  const inFlight = new Map<string, string>();
  const closed = new AbortController();

  async function setVisibility(seconds: number): Promise<void> {
    const handles = [...inFlight.values()];
    for (let start = 0; start < handles.length; start += maxEntries) {
      const Entries = handles
        .slice(start, start + maxEntries)
        .map((ReceiptHandle, n) => ({ Id: String(n), ReceiptHandle, VisibilityTimeout: seconds }));
      await sqs.send.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }));
    }
  }

  async function renew(): Promise<void> {
    for (;;) {
      await pause((holdSeconds * 1_000) / 2, closed.signal);
      if (closed.signal.aborted) return;
      await setVisibility(holdSeconds).catch((error: unknown) => {
        log.warn({ err: error }, 'messages in hand not kept: others may receive them too, harmlessly');
      });
    }
  }
  const renewing = renew();

  return {
    depth: () =>
      asked(async () => {
        const { Attributes = {} } = await sqs.send.send(
          new GetQueueAttributesCommand({
            QueueUrl,
            AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
          }),
        );
        return {
          waiting: Number(Attributes['ApproximateNumberOfMessages'] ?? 0),
          inHand: Number(Attributes['ApproximateNumberOfMessagesNotVisible'] ?? 0),
        };
      }),
    receive: (max) =>
      asked(async () => {
        const { Messages = [] } = await sqs.receive.send(
          new ReceiveMessageCommand({
            QueueUrl,
            MaxNumberOfMessages: max,
            // A receive that does not wait asks only some of a queue's servers, and may find it empty when it is not.
            WaitTimeSeconds: 1,
            VisibilityTimeout: holdSeconds,
            MessageAttributeNames: ['All'],
            MessageSystemAttributeNames: ['All'],
          }),
        );
        for (const { MessageId = '', ReceiptHandle = '' } of Messages) inFlight.set(MessageId, ReceiptHandle);
        return Messages.map((message) => deadLetterOf(message, clock));
      }),
    remove: (deadLetters) =>
      asked(async () => {
        if (deadLetters.length === 0) return [];
        const { Successful = [] } = await sqs.send.send(
          new DeleteMessageBatchCommand({
            QueueUrl,
            Entries: deadLetters.map(({ copyId }, n) => ({
              Id: String(n),
              ReceiptHandle: inFlight.get(copyId),
            })),
          }),
        );
        const gone = new Set(Successful.map(({ Id }) => Id));
        deadLetters.forEach(({ copyId }, n) => {
          if (gone.has(String(n))) inFlight.delete(copyId);
        });
        return deadLetters.filter((_, n) => !gone.has(String(n)));
      }),
    close: async () => {
      closed.abort();
      await renewing;
      await setVisibility(0).catch((error: unknown) => {
        log.warn({ err: error }, 'messages in hand not given back: they come back by themselves in a minute');
      });
    },
  };
}

async function asked<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw new DependencyError('queue', error);
  }
}
