import type { BatchContext, BatchOutcome } from '../../src/consumer/batch.ts';
import { createUnapplied } from '../../src/consumer/unapplied.ts';
import { silent } from '../../src/log.ts';
import { createPublisher } from '../../src/queue/publisher.ts';
import type { TestBackend } from '../support/harness.ts';
import { eod } from '../support/boards.ts';

export type TestContext = BatchContext & {
  /** What became of the messages, in order. */
  readonly outcomes: BatchOutcome[];
  /** Why the circuit breaker was opened. */
  readonly opened: unknown[];
};

/** What `handleBatch` works on, over a backend, so that a test can hand it a batch of its own making. */
export function batchContext(backend: TestBackend, changes: Partial<BatchContext> = {}): TestContext {
  const { store, sqs, queues, clock } = backend;
  const outcomes: BatchOutcome[] = [];
  const opened: unknown[] = [];
  return {
    store,
    sqs: sqs.send,
    eventsUrl: queues.events.url,
    deadLetters: createPublisher(sqs.send, queues.events.deadLetterUrl),
    notices: {
      store,
      publisher: createPublisher(sqs.send, queues.notices.url),
      boards: [eod],
    },
    breaker: { closed: () => Promise.resolve(), open: (cause) => opened.push(cause) },
    clock,
    log: silent,
    received: () => undefined,
    unapplied: createUnapplied(clock),
    count: (outcome) => outcomes.push(outcome),
    ...changes,
    outcomes,
    opened,
  };
}
