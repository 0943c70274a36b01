import { BatchWriteCommand, paginateScan } from '@aws-sdk/lib-dynamodb';
import type { RondaEvent } from '../src/events/event.ts';
import { contentHash } from '../src/events/identity.ts';
import { eventKey, statuses } from '../src/events/order.ts';
import { utc } from '../src/events/time.ts';
import { inParallel } from '../src/in-parallel.ts';
import { replay } from '../src/operator/replay/replay.ts';
import { storedProjections } from '../src/store/projections/registry.ts';
import { tableOf, type Store } from '../src/store/store.ts';
import { tables } from '../src/store/tables.ts';
import { createBackend } from '../test/support/harness.ts';
import type { Row } from './results.ts';
import { stopwatch } from './statistics.ts';

/** Nine in ten events are heartbeats, as in a night of jobs that run for a while. */
const heartbeatsEach = 10;
const schedulers = 2_000;
const perWrite = 25;
const writers = 8;
/** As a replay scans: so many segments, so many of them at a time. */
const segments = 64;
const segmentsAtOnce = 4;
/** What a replay may add to the process's memory, however many events there are. */
const boundMb = 300;

/** How fast a replay reads events, beside a bare parallel scan of the same table, and in how much memory. */
export async function replayRate(events: number): Promise<Row[]> {
  const backend = await createBackend();
  const { store } = backend;
  try {
    await seed(store, events);
    const bare = await timed(() => scan(store, events));
    const from = await timed(() => all(store));
    const sound = await timed(() => all(store));
    const again = await timed(() => scan(store, events));
    const scanMs = (bare.ms + again.ms) / 2;
    const rate = (ms: number): number => (events * 1_000) / ms;
    const beside = (ms: number) => ({ 'a bare parallel scan': scanMs / ms });
    const grown = Math.max(from.grownMb, sound.grownMb);
    if (grown > boundMb) throw new Error(`a replay took ${Math.round(grown)} MB, more than ${boundMb}`);
    const note = `${events} events of ${schedulers} schedulers`;
    return [
      { name: 'replay: bare parallel scan', value: rate(scanMs), unit: 'events/s', note },
      { name: 'replay: sound rows', value: rate(sound.ms), unit: 'events/s', ratios: beside(sound.ms) },
      {
        ...{ name: 'replay: every row missing', value: rate(from.ms), unit: 'events/s' },
        ratios: beside(from.ms),
      },
      { name: 'replay: memory added', value: grown, unit: 'MB', ratios: { 'the bound': grown / boundMb } },
    ];
  } finally {
    backend.close();
  }
}

async function seed(store: Store, events: number): Promise<void> {
  const start = store.clock.now() - 86_400_000;
  const table = tableOf(store, 'events');
  await inParallel(Array(Math.ceil(events / perWrite)).keys(), writers, async (write) => {
    const puts = Array.from({ length: Math.min(perWrite, events - write * perWrite) }, (_, n) => {
      const event = eventOf(write * perWrite + n, start);
      const key = eventKey({ at: event.occurred_at, id: event.event_id });
      const envelope = { accepted_at: event.occurred_at, correlation_id: null, sender: 'bench' };
      const content_hash = contentHash(event);
      return { PutRequest: { Item: { ...event, ...envelope, [tables.events.sort]: key, content_hash } } };
    });
    await store.client.send(new BatchWriteCommand({ RequestItems: { [table]: puts } }));
  });
}

function eventOf(n: number, start: number): RondaEvent {
  const fact = {
    v: 1,
    scheduler_id: `job-${n % schedulers}`,
    occurred_at: utc(start + Math.floor(n / schedulers) * 100),
    event_id: `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`,
  } as const;
  const round = Math.floor(n / schedulers);
  if (round % heartbeatsEach !== 0) return { ...fact, type: 'heartbeat_received' };
  return {
    ...fact,
    type: 'status_reported',
    ...{ service_name: 'billing', job_name: 'Close the day' },
    status: statuses[(round / heartbeatsEach) % statuses.length] ?? 'pending',
    ...{ execution_time_ms: null, error_message: null, metadata: null, run_id: null, business_date: null },
  };
}

/** Reads every event and does nothing with them. @throws Error when there are not so many */
async function scan(store: Store, events: number): Promise<void> {
  let read = 0;
  await inParallel(Array(segments).keys(), segmentsAtOnce, async (Segment) => {
    const input = { TableName: tableOf(store, 'events'), Segment, TotalSegments: segments };
    for await (const { Count = 0 } of paginateScan({ client: store.client }, input)) read += Count;
  });
  if (read !== events) throw new Error(`${read} events were read, not ${events}`);
}

async function all(store: Store): Promise<void> {
  const { signal } = new AbortController();
  await replay(store, {
    projections: storedProjections,
    scope: { of: 'all' },
    write: true,
    prune: false,
    signal,
  });
}

const sampleEveryMs = 50;

/** How long it took, and by how many MB the process grew at most meanwhile. */
async function timed(work: () => Promise<void>): Promise<{ ms: number; grownMb: number }> {
  const before = process.memoryUsage.rss();
  let most = before;
  const sampler = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss());
  }, sampleEveryMs);
  const elapsed = stopwatch();
  await work();
  clearInterval(sampler);
  return { ms: elapsed(), grownMb: (most - before) / 1_048_576 };
}
