import { ChangeMessageVisibilityBatchCommand, type Message, type SQSClient } from '@aws-sdk/client-sqs';
import type { CurrentState } from '../../projections/current-state.ts';
import type { Clock } from '../clock.ts';
import { EventConflictError, isOutage, isRetryable, NewerMessageError } from '../errors.ts';
import type { RecordedEvent } from '../events/event.ts';
import { utc } from '../events/time.ts';
import type { Logger } from '../log.ts';
import { readMessage } from '../queue/message.ts';
import type { Publisher } from '../queue/publisher.ts';
import { record } from '../store/projections/record.ts';
import type { Store } from '../store/store.ts';
import { deadLetter } from '../queue/dead-letters.ts';
import { deliveryOf, type Delivery } from '../queue/delivery.ts';
import type { CircuitBreaker } from '../queue/circuit-breaker.ts';
import { retryDelaySeconds } from '../queue/redelivery.ts';
import { publishNotice, type NoticeContext } from './publish-notice.ts';
import type { Unapplied } from './unapplied.ts';
import type { Receipt } from './watermark.ts';

export type BatchContext = {
  readonly store: Store;
  readonly sqs: SQSClient;
  readonly eventsUrl: string;
  readonly deadLetters: Publisher;
  readonly notices: NoticeContext;
  readonly breaker: CircuitBreaker;
  readonly clock: Clock;
  readonly log: Logger;
  /** Called with a batch before anything is done with it: what is in hand holds the watermark back. */
  readonly received: (messages: Receipt['messages']) => void;
  /** Called with valid events that could not be applied yet, and of those that were. */
  readonly unapplied: Pick<Unapplied, 'failed' | 'settled'>;
  /** Called with every message of the batch and what became of it. */
  readonly count: (outcome: BatchOutcome) => void;
};

export type BatchOutcome = 'recorded' | 'dead-lettered' | 'retried';

/** What is to be done with one message; `retry` leaves it in the queue. */
type Verdict =
  | { readonly do: 'delete' }
  | { readonly do: 'dead-letter'; readonly reason: string }
  | { readonly do: 'retry'; readonly error: unknown };

/** An error that is no dependency's is ours; after this many tries a person must look. */
const maxTriesOfOurs = 8;

/**
 * A batch from the queue to the tables: parse, record, leave notices.
 * @returns the messages that are done and may be deleted
 */
export async function handleBatch(context: BatchContext, messages: readonly Message[]): Promise<Message[]> {
  const deliveries = messages.map((message) => deliveryOf(message, context.clock));
  const verdicts = await judge(context, deliveries);
  const settled = await Promise.all(
    deliveries.map((delivery, index) => finish(context, delivery, verdicts[index] ?? unjudged)),
  );
  await delay(
    context,
    deliveries.filter((_, index) => settled[index] !== true),
  );
  return deliveries.filter((_, index) => settled[index] === true).map(({ message }) => message);
}

const unjudged: Verdict = { do: 'retry', error: new Error('this message was not judged') };

async function judge(context: BatchContext, deliveries: readonly Delivery[]): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  const events: { index: number; recorded: RecordedEvent }[] = [];
  const reads = deliveries.map(readMessage);
  const now = context.clock.real();
  context.received(
    deliveries.map(({ vouched, sentReal, receiveCount }) => ({
      sentAt: vouched.to,
      waitedMs: now - sentReal,
      receiveCount,
    })),
  );
  reads.forEach((read, index) => {
    if (read.ok) events.push({ index, recorded: read.value });
    else if ('needs' in read) verdicts[index] = { do: 'retry', error: new NewerMessageError(read.needs) };
    else verdicts[index] = { do: 'dead-letter', reason: read.issues.join('; ') };
  });
  const outcomes = await record(
    context.store,
    events.map(({ recorded }) => recorded),
  );
  await Promise.all(
    events.map(async ({ index, recorded: { event } }, position) => {
      const [outcome, delivery] = [outcomes[position], deliveries[index]];
      if (outcome === undefined || delivery === undefined) return;
      const verdict = outcome.ok
        ? await notify(context, outcome.recorded, outcome.state)
        : verdictOf(outcome.error, delivery.receiveCount);
      if (verdict.do === 'retry') context.unapplied.failed(event, delivery.vouched.to);
      else context.unapplied.settled(event);
      verdicts[index] = verdict;
    }),
  );
  return verdicts;
}

async function notify(
  context: BatchContext,
  { event, envelope }: RecordedEvent,
  state: CurrentState,
): Promise<Verdict> {
  try {
    if (event.type === 'status_reported' && event.status === 'failed') {
      await publishNotice(context.notices, event, state, utc(context.clock.now()), envelope.correlation_id);
    }
    context.log.debug(
      { correlation_id: envelope.correlation_id, scheduler_id: event.scheduler_id, event_id: event.event_id },
      `${event.type} applied`,
    );
    return { do: 'delete' };
  } catch (error) {
    return { do: 'retry', error };
  }
}

function verdictOf(error: unknown, receiveCount: number): Verdict {
  if (error instanceof EventConflictError) return { do: 'dead-letter', reason: `event_id: ${error.message}` };
  if (isRetryable(error)) return { do: 'retry', error };
  if (receiveCount >= maxTriesOfOurs) {
    const why = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return { do: 'dead-letter', reason: `failed ${receiveCount} times: ${why}` };
  }
  return { do: 'retry', error };
}

/** Carries a verdict out. @returns whether the message may be deleted */
async function finish(context: BatchContext, delivery: Delivery, verdict: Verdict): Promise<boolean> {
  const { log, breaker, count } = context;
  const ids = { correlation_id: delivery.correlationId, message_id: delivery.messageId };
  try {
    if (verdict.do === 'retry') throw verdict.error;
    if (verdict.do === 'dead-letter') {
      const { reason } = verdict;
      const moved = await deadLetter(context.deadLetters, context.clock, delivery, reason);
      if (moved) log.error({ ...ids, reason }, 'message moved to the dead-letter queue');
      else if (delivery.receiveCount === 1)
        log.error({ ...ids, reason }, 'message refused, too large to move');
      count(moved ? 'dead-lettered' : 'retried');
      return moved;
    }
    count('recorded');
    return true;
  } catch (error) {
    if (isOutage(error)) breaker.open(error);
    else
      log.warn(
        { ...ids, err: error, receive_count: delivery.receiveCount },
        'message not applied: it will be tried again',
      );
    count('retried');
    return false;
  }
}

async function delay({ sqs, eventsUrl, log }: BatchContext, deliveries: readonly Delivery[]): Promise<void> {
  if (deliveries.length === 0) return;
  try {
    await sqs.send(
      new ChangeMessageVisibilityBatchCommand({
        QueueUrl: eventsUrl,
        Entries: deliveries.map(({ message, receiveCount }, index) => ({
          Id: String(index),
          ReceiptHandle: message.ReceiptHandle,
          VisibilityTimeout: retryDelaySeconds(receiveCount),
        })),
      }),
    );
  } catch (error) {
    log.warn({ err: error }, 'redelivery not hastened: the visibility time-out will bring the messages back');
  }
}
