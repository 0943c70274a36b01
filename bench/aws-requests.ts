import { PurgeQueueCommand } from '@aws-sdk/client-sqs';
import {
  createBackend,
  startIngress,
  startTestConsumer,
  type TestBackend,
  type TestIngress,
} from '../test/support/harness.ts';
import { until } from '../test/support/until.ts';
import { countRequests, perEvent, restart, total, type Tally } from './count-requests.ts';
import { apply, eachOf, pollers, register, schedulerIds, statusBody, statusEvent } from './fixtures.ts';
import type { Row } from './results.ts';

type Scenario = {
  readonly name: string;
  readonly type: 'status' | 'heartbeat';
  /** How many schedulers the events are of; `each`: one per event. */
  readonly schedulers: 'each' | 'one';
  readonly how: 'loaded' | 'repeated' | 'one by one, ingress cold';
  /** DynamoDB requests an event, as docs/design.md bounds them. */
  readonly bound: number;
};

/** 1 event put, 1 state read, 1 state write, 1 history put. */
const statusBound = 4;
/** 1 event put, 1 state read, 1 state write. */
const heartbeatBound = 3;
/** Sends, receives and deletes in tens. */
const sqsPromise = 0.3;

const loaded = { how: 'loaded' } as const;
const status = { type: 'status', bound: statusBound } as const;
const heartbeat = { type: 'heartbeat', bound: heartbeatBound } as const;
const scenarios: readonly Scenario[] = [
  { name: 'status, distinct schedulers', ...status, ...loaded, schedulers: 'each' },
  { name: 'status, one scheduler', ...status, ...loaded, schedulers: 'one' },
  { name: 'heartbeat, distinct schedulers', ...heartbeat, ...loaded, schedulers: 'each' },
  { name: 'heartbeat, one scheduler', ...heartbeat, ...loaded, schedulers: 'one' },
  { name: 'duplicate status', ...status, how: 'repeated', schedulers: 'each' },
  { name: 'status, one by one', ...status, how: 'one by one, ingress cold', schedulers: 'each' },
];

/** AWS requests an event costs from the HTTP call to the deleted message, on the code that serves production. */
export async function awsRequests(quick: boolean): Promise<Row[]> {
  const rows: Row[] = [];
  for (const scenario of scenarios) {
    const single = scenario.how === 'one by one, ingress cold';
    const events = single ? 40 : quick ? 100 : 400;
    const { sqs, dynamodb, emptyReceives } = await measure(scenario, events);
    const { requests, items } = total(dynamodb);
    rows.push(
      {
        name: `requests: ${scenario.name}, DynamoDB`,
        value: requests / events,
        unit: 'an event',
        ratios: { [`the design's ${scenario.bound}`]: requests / events / scenario.bound },
        note: `${perEvent(dynamodb, events)}; items ${(items / events).toFixed(2)}`,
      },
      {
        name: `requests: ${scenario.name}, SQS`,
        value: total(sqs).requests / events,
        unit: 'an event',
        // The design promises nothing for single events: there is nothing to batch them with.
        ...(single
          ? {}
          : { ratios: { [`the design's ${sqsPromise}`]: total(sqs).requests / events / sqsPromise } }),
        note: `${perEvent(sqs, events)}; empty receives ${(total(emptyReceives).requests / events).toFixed(2)}`,
      },
    );
  }
  return rows;
}

async function measure(scenario: Scenario, events: number): Promise<Tally> {
  const backend = await createBackend();
  const tally = countRequests(backend);
  const ingress = await startIngress(backend);
  try {
    const ids = schedulerIds(scenario.schedulers === 'one' ? 1 : events);
    const start = backend.clock.now();
    const calls = callsOf(scenario, ids, events, start);
    await register(backend, ids);
    if (scenario.how === 'one by one, ingress cold') {
      restart(tally);
      await oneByOne(backend, ingress, calls);
      return tally;
    }
    await warmUp(backend, ingress, ids);
    if (scenario.how === 'repeated') {
      await apply(
        backend,
        ids.map((id, sequence) => statusEvent(id, start + sequence, sequence)),
      );
    }
    restart(tally);
    await inTens(backend, ingress, calls);
    return tally;
  } finally {
    await ingress.stop();
    backend.close();
  }
}

/**
 * Lets the ingress meet all schedulers, then empties the queue. A consumer must not do that: when it stops, the
 * embedded engine hands the next messages to its forgotten polls, where they stay until they are visible again.
 */
async function warmUp(
  { sqs, queues }: TestBackend,
  ingress: TestIngress,
  ids: readonly string[],
): Promise<void> {
  await eachOf(ids, 50, (id) =>
    accepted(ingress, ['POST', `/schedulers/${id}/heartbeat`, { scheduler_id: id }]),
  );
  await sqs.send.send(new PurgeQueueCommand({ QueueUrl: queues.events.url }));
}

type Call = readonly [method: string, path: string, body: object];

function callsOf({ type }: Scenario, ids: readonly string[], events: number, start: number): Call[] {
  return Array.from({ length: events }, (_, sequence) => {
    const id = ids[sequence % ids.length] ?? '';
    // Each later than the one before, so that each has something to change.
    const body = statusBody(id, start + sequence, sequence);
    return type === 'status'
      ? ['PUT', `/schedulers/${id}/status`, body]
      : ['POST', `/schedulers/${id}/heartbeat`, { scheduler_id: id, timestamp: body.timestamp }];
  });
}

/** Queues everything, then drains: all batches are full, as under load. */
async function inTens(backend: TestBackend, ingress: TestIngress, calls: readonly Call[]): Promise<void> {
  await eachOf(calls, 50, (call) => accepted(ingress, call));
  const consumer = startTestConsumer(backend, { pollers });
  await until('everything is recorded', () => consumer.counts().recorded === calls.length, {
    timeoutMs: 60_000,
  });
  await consumer.stop();
}

/** The next call only when the last one's event is applied. */
async function oneByOne(backend: TestBackend, ingress: TestIngress, calls: readonly Call[]): Promise<void> {
  const consumer = startTestConsumer(backend, { pollers });
  for (const [index, call] of calls.entries()) {
    await accepted(ingress, call);
    await until('the event is recorded', () => consumer.counts().recorded === index + 1, { everyMs: 2 });
  }
  await consumer.stop();
}

async function accepted(ingress: TestIngress, [method, path, body]: Call): Promise<void> {
  const answer = await ingress.call(method, path, body);
  if (answer.status >= 300)
    throw new Error(`${method} ${path} was answered ${answer.status}: ${answer.text}`);
}
