import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';
import type { BoardSpec } from '../night/boards.ts';
import { createPublisher } from '../queue/publisher.ts';
import type { QueueUrls } from '../queue/topology.ts';
import { readRow } from '../store/projections/scheduler-rows.ts';
import type { RoleReport } from '../store/roles.ts';
import type { Store } from '../store/store.ts';
import { handleBatch, type BatchContext, type BatchOutcome } from './batch.ts';
import { startPoller } from '../queue/poller.ts';
import { createCircuitBreaker } from '../queue/circuit-breaker.ts';
import { createUnapplied } from './unapplied.ts';
import { lagMs, readUpTo, recent, type Receipt } from './watermark.ts';

export type ConsumerRole = {
  /** What this consumer reports of itself, for `ronda-roles`. */
  readonly report: () => RoleReport;
  /** How many messages met which end since the start. */
  readonly counts: () => Readonly<Record<BatchOutcome, number>>;
  /** Receives nothing more and finishes what is in hand; whoever waits for it decides how long. */
  readonly stop: () => Promise<void>;
};

export type ConsumerOptions = {
  readonly store: Store;
  readonly sqs: { readonly send: SQSClient; readonly receive: SQSClient };
  readonly queues: QueueUrls;
  readonly boards: readonly BoardSpec[];
  readonly pollers: number;
  readonly visibilitySeconds: number;
  readonly clock: Clock;
  readonly log: Logger;
};

/** Starts consuming the events queue. */
export function startConsumer(options: ConsumerOptions): ConsumerRole {
  const { store, sqs, queues, boards, clock, log } = options;
  const stopped = new AbortController();
  const probe = (): Promise<unknown> =>
    Promise.all([
      readRow(store, 'probe'),
      ...[queues.events.url, queues.notices.url].map((QueueUrl) =>
        sqs.send.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] })),
      ),
    ]);
  const breaker = createCircuitBreaker(probe, log, stopped.signal);
  const counts = { recorded: 0, 'dead-lettered': 0, retried: 0 };
  const unapplied = createUnapplied(clock);
  let receipts: Receipt[] = [];

  const note = (messages: Receipt['messages']): void => {
    const at = clock.monotonic();
    receipts = [...recent(receipts, at), { at, messages }];
  };
  const context: BatchContext = {
    store,
    sqs: sqs.send,
    eventsUrl: queues.events.url,
    deadLetters: createPublisher(sqs.send, queues.events.deadLetterUrl),
    notices: { store, publisher: createPublisher(sqs.send, queues.notices.url), boards },
    breaker,
    clock,
    log,
    received: note,
    unapplied,
    count: (outcome) => {
      counts[outcome] += 1;
    },
  };
  const pollers = Array.from({ length: options.pollers }, () =>
    startPoller({
      sqs: sqs.receive,
      queueUrl: queues.events.url,
      visibilitySeconds: options.visibilitySeconds,
      breaker,
      log,
      handle: (messages) => handleBatch(context, messages),
      foundEmpty: () => {
        note([]);
      },
    }),
  );

  return {
    report: () => {
      const now = clock.monotonic();
      const { named, rest } = unapplied.report();
      return { read_up_to: readUpTo(receipts, now, rest), lag_ms: lagMs(receipts, now), unapplied: named };
    },
    counts: () => ({ ...counts }),
    stop: async () => {
      stopped.abort();
      await Promise.all(pollers.map((poller) => poller.stop()));
    },
  };
}
