import {
  ChangeMessageVisibilityBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { backoffMs } from '../../backoff.ts';
import type { Clock } from '../../clock.ts';
import { ContendedRowError, isDependencyError, isOutage } from '../../errors.ts';
import type { Logger } from '../../log.ts';
import { deadLetter } from '../../queue/dead-letters.ts';
import { deliveryOf, type Delivery } from '../../queue/delivery.ts';
import { createCircuitBreaker, type CircuitBreaker } from '../../queue/circuit-breaker.ts';
import { startPoller } from '../../queue/poller.ts';
import { createPublisher, type Publisher } from '../../queue/publisher.ts';
import type { QueueUrls } from '../../queue/topology.ts';
import { readMessage } from '../../store/messages/messages.ts';
import { noticeKey, type NoticeKey } from '../../store/messages/alert-rows.ts';
import { postAlert } from './alerts/post-alert.ts';
import type { SlackContext } from './context.ts';
import {
  AmbiguousError,
  RateLimitedError,
  RefusedError,
  SlackCallError,
  UnsentError,
} from './slack-errors.ts';
import { advice } from './watch/slack-backoff.ts';

export type NoticesOptions = {
  readonly context: SlackContext;
  readonly sqs: { readonly send: SQSClient; readonly receive: SQSClient };
  readonly queues: QueueUrls;
  readonly visibilitySeconds: number;
};

const pollers = 2;

/** Receives notices and tells the alerts that they name. What Slack does not take waits in the queue. */
export function startNotices({ context, sqs, queues, visibilitySeconds }: NoticesOptions): {
  /** Receives nothing more and finishes what is in hand. */
  readonly stop: () => Promise<void>;
} {
  const { store, log } = context;
  const { url, deadLetterUrl } = queues.notices;
  const stopped = new AbortController();
  const probe = (): Promise<unknown> =>
    Promise.all([
      readMessage(store, { night: 'probe', message_key: 'probe' }),
      sqs.send.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['QueueArn'] })),
    ]);
  const breaker = createCircuitBreaker(probe, log, stopped.signal);
  const batch = openBatches({
    context,
    breaker,
    sqs: sqs.send,
    url,
    deadLetters: createPublisher(sqs.send, deadLetterUrl),
  });
  const running = Array.from({ length: pollers }, () =>
    startPoller({
      sqs: sqs.receive,
      queueUrl: url,
      visibilitySeconds,
      breaker,
      log,
      handle: (messages) => handleNotices(batch, messages),
      foundEmpty: () => undefined,
    }),
  );
  return {
    stop: async () => {
      stopped.abort();
      await Promise.all(running.map((poller) => poller.stop()));
    },
  };
}

export type NoticeBatch = NoticeBatchOptions & {
  /** Whether a person must hear of a refusal now; once in five minutes. */
  readonly isNews: (refusal: RefusedError) => boolean;
};

type NoticeBatchOptions = {
  readonly context: SlackContext;
  readonly breaker: CircuitBreaker;
  readonly sqs: SQSClient;
  readonly url: string;
  readonly deadLetters: Publisher;
};

/** What the batches of one process have in common. */
export function openBatches(options: NoticeBatchOptions): NoticeBatch {
  return { ...options, isNews: createNews(options.context.clock) };
}

/** Tells a batch. @returns the messages that are done and may be deleted */
export async function handleNotices(batch: NoticeBatch, messages: readonly Message[]): Promise<Message[]> {
  const { context, sqs, url } = batch;
  const deliveries = messages.map((message) => deliveryOf(message, context.clock));
  const waits = await Promise.all(deliveries.map((delivery) => handle(batch, delivery)));
  const later = deliveries.flatMap(({ message }, index) => {
    const seconds = waits[index] ?? null;
    return seconds === null
      ? []
      : [{ Id: String(index), ReceiptHandle: message.ReceiptHandle, VisibilityTimeout: seconds }];
  });
  if (later.length > 0) {
    try {
      await sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: url, Entries: later }));
    } catch (error) {
      context.log.warn(
        { err: error },
        'redelivery not timed: the visibility time-out will bring the notices back',
      );
    }
  }
  return messages.filter((_, index) => waits[index] === null);
}

/** @returns null when it is done, else after how many seconds (real) it should come again */
async function handle(batch: NoticeBatch, delivery: Delivery): Promise<number | null> {
  const { context, breaker, deadLetters } = batch;
  const { clock, log } = context;
  const key = readNotice(delivery.body);
  const ids = { correlation_id: delivery.correlationId, message_id: delivery.messageId, ...key };
  try {
    if (key === undefined) {
      const reason = 'it is no notice: {night, message_key}';
      log.error({ ...ids, reason }, 'notice moved to the dead-letter queue');
      return (await deadLetter(deadLetters, clock, delivery, reason)) ? null : maxWaitSeconds;
    }
    const told = await postAlert(context, key);
    if (told === 'told') log.debug(ids, 'notice told');
    return told === 'told' ? null : busySeconds;
  } catch (error) {
    if (!(error instanceof SlackCallError) && isOutage(error)) breaker.open(error);
    report(batch, log, { ...ids, err: error, receive_count: delivery.receiveCount }, error);
    return waitSeconds(error, delivery.receiveCount);
  }
}

function report({ isNews }: NoticeBatch, log: Logger, ids: object, error: unknown): void {
  const why = error instanceof RefusedError ? `slack refuses: ${advice(error)}; ` : '';
  const level =
    error instanceof RefusedError ? refusedLevel(isNews(error)) : isPassing(error) ? 'warn' : 'error';
  log[level](ids, `${why}alert not told yet: it stays queued`);
}

/** A person who is told of every delivery of every alert finds nothing any more. */
function refusedLevel(isNews: boolean): 'error' | 'debug' {
  return isNews ? 'error' : 'debug';
}

/** Real ms. */
const complainEveryMs = 300_000;

function createNews(clock: Clock): NoticeBatch['isNews'] {
  const complained = new Map<string, number>();
  return ({ error }) => {
    const last = complained.get(error);
    if (last !== undefined && clock.monotonic() - last < complainEveryMs) return false;
    complained.set(error, clock.monotonic());
    return true;
  };
}

function isPassing(error: unknown): boolean {
  return (
    error instanceof RateLimitedError ||
    error instanceof AmbiguousError ||
    error instanceof UnsentError ||
    error instanceof ContendedRowError ||
    isDependencyError(error)
  );
}

const busySeconds = 2;
const maxWaitSeconds = 60;
const waits = { firstMs: 1_000, maxMs: maxWaitSeconds * 1_000 };

/** Seconds until the next try: what Slack asks for, else 1, doubling with every receive, at most a minute. Pure. */
export function waitSeconds(error: unknown, receiveCount: number): number {
  if (error instanceof RateLimitedError) return Math.min(Math.ceil(error.retryAfterMs / 1_000), 43_200);
  return backoffMs(waits, receiveCount) / 1_000;
}

/**
 * Keys that a table can have: any other would be refused for ever.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
 */
const readable = noticeKey.refine(
  ({ night, message_key }) =>
    isWithin(Buffer.byteLength(night), 2_048) && isWithin(Buffer.byteLength(message_key), 1_024),
);

function isWithin(bytes: number, max: number): boolean {
  return bytes > 0 && bytes <= max;
}

function readNotice(body: string): NoticeKey | undefined {
  try {
    return readable.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
}
