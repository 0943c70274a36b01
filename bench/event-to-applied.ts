import { z } from 'zod';
import { pause } from '../src/clock.ts';
import { eventKey } from '../src/events/order.ts';
import { hasEntry } from '../src/store/projections/history-rows.ts';
import { createBackend, startIngress, startTestConsumer, type TestIngress } from '../test/support/harness.ts';
import { until } from '../test/support/until.ts';
import { pollers, register, schedulerIds, statusBody } from './fixtures.ts';
import type { Row } from './results.ts';
import { quantile, stopwatch } from './statistics.ts';

const everyMs = 50;
const answered = z.object({ event_id: z.string(), timestamp: z.string() });

/** From the answer to a status until its history entry can be read, 20 a second, with nothing else to do. */
export async function eventToApplied(quick: boolean): Promise<Row[]> {
  const events = quick ? 40 : 300;
  const backend = await createBackend();
  const { store, clock } = backend;
  const ids = schedulerIds(20);
  await register(backend, ids);
  const ingress = await startIngress(backend);
  const consumer = startTestConsumer(backend, { pollers });
  const reads: number[] = [];
  const applied: number[] = [];

  const follow = async (id: string, sequence: number): Promise<void> => {
    const read = stopwatch();
    await hasEntry(store, id, 'none');
    reads.push(read());
    const key = await report(ingress, id, clock.now(), sequence);
    const sinceAnswer = stopwatch();
    await until('the event is applied', () => hasEntry(store, id, key), { everyMs: 2 });
    applied.push(sinceAnswer());
  };
  try {
    // The first events warm the code up and are not counted.
    for (const id of ids) await follow(id, 0);
    reads.length = 0;
    applied.length = 0;
    await Promise.all(
      Array.from({ length: events }, async (_, index) => {
        await pause(index * everyMs);
        await follow(ids[index % ids.length] ?? '', index + 1);
      }),
    );
  } finally {
    await consumer.stop();
    await ingress.stop();
    backend.close();
  }
  return [0.5, 0.99].map((q) => ({
    name: `applied: answer to readable entry, p${100 * q}`,
    value: quantile(applied, q),
    unit: 'ms',
    ratios: { 'one DynamoDB read': quantile(applied, q) / quantile(reads, q) },
    note: `one read ${quantile(reads, q).toFixed(2)} ms; ${events} events`,
  }));
}

/** @returns the key of the history entry that this status will have */
async function report(ingress: TestIngress, id: string, at: number, sequence: number): Promise<string> {
  const answer = await ingress.call('PUT', `/schedulers/${id}/status`, statusBody(id, at, sequence));
  const { event_id, timestamp } = answered.parse(answer.json);
  return eventKey({ at: timestamp, id: event_id });
}
