import { writeMessage } from '../src/queue/message.ts';
import { createPublisher } from '../src/queue/publisher.ts';
import { createBackend, startTestConsumer, type TestBackend } from '../test/support/harness.ts';
import { until } from '../test/support/until.ts';
import { countRequests, total } from './count-requests.ts';
import { register, schedulerIds, statusEvent } from './fixtures.ts';
import type { Row } from './results.ts';
import { median, medianRatio, stopwatch } from './statistics.ts';

const schedulers = 200;
const widths = [1, 4, 8] as const;

type Drain = { readonly perSecond: number; readonly requests: number };

/** How fast one consumer drains a full queue, by the number of its pollers. */
export async function consumerThroughput(quick: boolean): Promise<Row[]> {
  // 5,000 events a width in all, in rounds, so that no width has a quiet minute to itself.
  const [rounds, events] = quick ? [2, 200] : [5, 1_000];
  const drains: Record<(typeof widths)[number], Drain[]> = { 1: [], 4: [], 8: [] };
  for (let round = 0; round < rounds; round += 1) {
    for (const width of widths) drains[width].push(await drain(width, events));
  }
  const rates = (width: (typeof widths)[number]): number[] => drains[width].map(({ perSecond }) => perSecond);
  return widths.map((width) => ({
    name: `consumer: ${width === 1 ? '1 poller' : `${width} pollers`}`,
    value: median(rates(width)),
    unit: 'events/s',
    ratios: { '1 poller': medianRatio(rates(width), rates(1)) },
    note: `${median(drains[width].map(({ requests }) => requests)).toFixed(2)} DynamoDB requests an event; ${rounds} x ${events} events of ${schedulers} schedulers`,
  }));
}

/** On tables and queues of its own, so that no drain inherits rows or messages of another. */
async function drain(pollers: number, events: number): Promise<Drain> {
  const backend = await createBackend();
  try {
    const ids = schedulerIds(schedulers);
    await register(backend, ids);
    await fill(backend, ids, events);
    const tally = countRequests(backend);
    const elapsed = stopwatch();
    const consumer = startTestConsumer(backend, { pollers });
    await until('the queue is drained', () => consumer.counts().recorded >= events, {
      timeoutMs: 60_000,
      everyMs: 5,
    });
    const perSecond = (events / elapsed()) * 1_000;
    await consumer.stop();
    return { perSecond, requests: total(tally.dynamodb).requests / events };
  } finally {
    backend.close();
  }
}

async function fill(
  { sqs, queues, clock }: TestBackend,
  ids: readonly string[],
  events: number,
): Promise<void> {
  const publisher = createPublisher(sqs.send, queues.events.url);
  const start = clock.now();
  const scattered = generator(events);
  await Promise.all(
    Array.from({ length: events }, (_, sequence) => {
      const id = ids[Math.floor(scattered() * ids.length)] ?? '';
      return publisher.send({ body: writeMessage(statusEvent(id, start + sequence, sequence)) });
    }),
  );
  await publisher.close();
}

/** Random numbers from 0 to 1, the same in every run: a standard queue keeps no order, nor do services. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
