import type { Message, SQSClient } from '@aws-sdk/client-sqs';
import { Consumer, StandardError } from 'sqs-consumer';
import type { Logger } from '../log.ts';
import { longPollSeconds } from './topology.ts';
import type { CircuitBreaker } from './circuit-breaker.ts';

export type PollerOptions = {
  readonly sqs: SQSClient;
  readonly queueUrl: string;
  readonly visibilitySeconds: number;
  readonly breaker: CircuitBreaker;
  readonly log: Logger;
  /** Handles a batch and gives back what may be deleted. */
  readonly handle: (messages: Message[]) => Promise<Message[]>;
  /** Called after a receive that found nothing. */
  readonly foundEmpty: () => void;
};

export type Poller = {
  /** Stops receiving and resolves when the batch in hand is done and deleted. */
  readonly stop: () => Promise<void>;
};

/**
 * One long poll at a time, ten messages a batch, through sqs-consumer. Throughput comes from running several.
 */
export function startPoller(options: PollerOptions): Poller {
  const { sqs, queueUrl, visibilitySeconds, breaker, log, handle, foundEmpty } = options;
  let inHand: { readonly done: Promise<void>; readonly finish: () => void } | undefined;

  const consumer = Consumer.create({
    sqs,
    queueUrl,
    batchSize: 10,
    waitTimeSeconds: longPollSeconds,
    visibilityTimeout: visibilitySeconds,
    // A batch that takes long keeps its messages; the time-out stays short for the sake of a killed process.
    heartbeatInterval: visibilitySeconds / 2,
    messageAttributeNames: ['All'],
    messageSystemAttributeNames: ['ApproximateReceiveCount', 'SentTimestamp'],
    preReceiveMessageCallback: breaker.closed,
    handleMessageBatch: (messages) => {
      const { promise, resolve } = Promise.withResolvers<undefined>();
      inHand = {
        done: promise,
        finish: () => {
          resolve(undefined);
        },
      };
      return handle(messages);
    },
  });

  consumer.on('response_processed', () => {
    inHand?.finish();
    inHand = undefined;
  });
  consumer.on('empty', foundEmpty);
  consumer.on('error', (error, message) => {
    // Without a message it was the receive itself that failed, or was cut off by our stopping.
    if (message === undefined) breaker.open(error);
    else if (error instanceof StandardError) log.error({ err: error }, 'consumer: a batch was not handled');
    else
      log.warn(
        { err: error },
        'queue: messages in hand not kept or not deleted; they come again, harmlessly',
      );
  });
  consumer.on('processing_error', (error) => {
    log.error({ err: error }, 'consumer: a batch was not handled');
  });
  consumer.on('timeout_error', (error) => {
    log.error({ err: error }, 'consumer: a batch took too long');
  });
  for (const event of [
    'started',
    'stopped',
    'aborted',
    'message_received',
    'message_processed',
    'option_updated',
    'waiting_for_polling_to_complete',
    'waiting_for_polling_to_complete_timeout_exceeded',
  ] as const) {
    consumer.on(event, () => {
      log.trace({ event }, 'consumer');
    });
  }
  consumer.start();

  return {
    stop: async () => {
      // Abort would also cut off the delete of a batch in hand, so it is for idle polls alone.
      consumer.stop({ abort: inHand === undefined });
      await inHand?.done;
    },
  };
}
