import type { RecordedEvent } from '../src/events/event.ts';
import { eventOf } from '../src/events/reports.ts';
import { utc } from '../src/events/time.ts';
import { record } from '../src/store/projections/record.ts';
import type { TestBackend } from '../test/support/harness.ts';

/** As many as a process keeps open by default (`RONDA_POLLERS`). */
export const pollers = 4;

export function schedulerIds(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `bench:payments-eod-${index}`);
}

/** A status as a service sends it. `sequence` makes it an event of its own, even at the same time. */
export function statusBody(scheduler_id: string, at: number, sequence: number) {
  return {
    ...names(scheduler_id),
    status: sequence % 2 === 0 ? 'running' : 'completed',
    timestamp: utc(at),
    execution_time_ms: sequence,
    metadata: { batch: 'eod', rows: 125_000, steps: ['extract', 'settle', 'report'] },
  } as const;
}

/** The event that the body of a status becomes. */
export function statusEvent(scheduler_id: string, at: number, sequence: number): RecordedEvent {
  const { metadata, ...body } = statusBody(scheduler_id, at, sequence);
  const report = { ...body, type: 'status', metadata: JSON.stringify(metadata) } as const;
  return recorded(eventOf(report, { timestamp: body.timestamp }));
}

function names(scheduler_id: string) {
  return { scheduler_id, service_name: 'payments', job_name: 'Settle the day' };
}

/** Registers schedulers behind the back of ingress and queue. */
export async function register(backend: TestBackend, ids: readonly string[]): Promise<void> {
  const timestamp = utc(backend.clock.now());
  await apply(
    backend,
    ids.map((id) => recorded(eventOf({ type: 'register', ...names(id) }, { timestamp }))),
  );
}

/** Makes events true behind the back of ingress and queue. @throws what kept one of them from that */
export async function apply({ store }: TestBackend, events: readonly RecordedEvent[]): Promise<void> {
  for (const outcome of await record(store, events)) if (!outcome.ok) throw outcome.error;
}

function recorded(event: RecordedEvent['event']): RecordedEvent {
  return { event, envelope: { accepted_at: event.occurred_at, correlation_id: null, sender: 'bench' } };
}

/** Calls for each item, at most `width` at a time. */
export async function eachOf<T>(
  items: readonly T[],
  width: number,
  call: (item: T) => Promise<unknown>,
): Promise<void> {
  const rest = items.values();
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (const item of rest) await call(item);
    }),
  );
}
