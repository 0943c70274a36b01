import { describe, expect, test } from '@jest/globals';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import fc from 'fast-check';
import { fold } from '../../projections/current-state.ts';
import { EventConflictError, NewerRowError } from '../../src/errors.ts';
import type { RecordedEvent } from '../../src/events/event.ts';
import { record, type Outcome } from '../../src/store/projections/record.ts';
import { readRow } from '../../src/store/projections/scheduler-rows.ts';
import { tableOf } from '../../src/store/store.ts';
import { deliveries } from '../support/arbitraries.ts';
import {
  acknowledgement,
  at,
  heartbeat,
  idOf,
  recorded,
  registration,
  removal,
  snooze,
  status,
} from '../support/events.ts';
import { shipped } from '../support/shipped.ts';
import { createStore, listHistory, listStream, newId } from './fixtures.ts';
import { watchRequests } from './requests.ts';

const store = await createStore();

async function requestsOf(batch: readonly RecordedEvent[]): Promise<Record<string, number>> {
  const { requests, stop } = watchRequests(store);
  const outcomes = await record(store, batch, shipped);
  stop();
  expect(outcomes.filter(({ ok }) => !ok)).toEqual([]);
  const counts: Record<string, number> = {};
  for (const request of requests) counts[request] = (counts[request] ?? 0) + 1;
  return counts;
}

const errorsIn = (outcomes: readonly Outcome[]): unknown[] =>
  outcomes.map((outcome) => (outcome.ok ? undefined : outcome.error));

/** A few events of one night, of one scheduler. */
function nightOf(scheduler_id: string): RecordedEvent[] {
  return [
    registration({ scheduler_id, occurred_at: at('16:00:00.000') }),
    status({ scheduler_id, occurred_at: at('17:00:00.000'), status: 'running' }),
    heartbeat({ scheduler_id, occurred_at: at('17:01:00.000') }),
    status({ scheduler_id, occurred_at: at('17:02:00.000'), status: 'failed', error_message: 'disk full' }),
    acknowledgement({ scheduler_id, occurred_at: at('17:03:00.000'), failure_event_id: idOf(1) }),
    snooze({ scheduler_id, occurred_at: at('17:04:00.000') }),
    status({ scheduler_id, occurred_at: at('17:05:00.000'), status: 'completed' }),
  ].map((event) => recorded(event));
}

describe('recording', () => {
  test('appends, projects and leaves a history, and says what came of each event in order', async () => {
    const scheduler_id = newId();
    const events = nightOf(scheduler_id);
    const outcomes = await record(store, events);
    expect(outcomes.map((outcome) => (outcome.ok ? outcome.recorded : undefined))).toEqual(events);
    expect(await listStream(store, scheduler_id)).toEqual(events);
    expect((await readRow(store, scheduler_id))?.state).toEqual(fold(scheduler_id, events));
    expect((await listHistory(store, scheduler_id)).map((entry) => entry.status)).toEqual([
      'completed',
      'failed',
      'running',
    ]);
  });

  test('nothing costs nothing', async () => {
    expect(await requestsOf([])).toEqual({});
  });
});

describe('the requests', () => {
  test('for a status: one put, one read, one write, one history write', async () => {
    expect(await requestsOf([recorded(status({ scheduler_id: newId() }))])).toEqual({
      'Put events': 1,
      'BatchGet schedulers': 1,
      'Put schedulers': 1,
      'BatchWrite scheduler-status-history': 1,
    });
  });

  test('for a heartbeat: one put, one read, one write', async () => {
    expect(await requestsOf([recorded(heartbeat({ scheduler_id: newId() }))])).toEqual({
      'Put events': 1,
      'BatchGet schedulers': 1,
      'Put schedulers': 1,
    });
  });

  test('for thirty statuses of three schedulers: thirty puts, one read, three writes, two history writes', async () => {
    const ids = [newId(), newId(), newId()];
    const batch = ids.flatMap((scheduler_id) =>
      Array.from({ length: 10 }, (_, n) => recorded(status({ scheduler_id, event_id: idOf(n) }))),
    );
    expect(await requestsOf(batch)).toEqual({
      'Put events': 30,
      'BatchGet schedulers': 1,
      'Put schedulers': 3,
      'BatchWrite scheduler-status-history': 2,
    });
  });

  test('for what is recorded already: no write of the row', async () => {
    const event = recorded(status({ scheduler_id: newId() }));
    await record(store, [event]);
    expect(await requestsOf([event])).toEqual({
      'Put events': 1,
      'Get events': 1,
      'BatchGet schedulers': 1,
      'BatchWrite scheduler-status-history': 1,
    });
  });

  test('for a late status that all is known past: a write still, since it is the first of its kind', async () => {
    const scheduler_id = newId();
    await record(store, [recorded(status({ scheduler_id, status: 'completed' }))]);
    const late = status({ scheduler_id, occurred_at: at('17:00:00.000'), status: 'running' });
    expect(await requestsOf([recorded(late)])).toMatchObject({ 'Put schedulers': 1 });
    const later = status({ scheduler_id, occurred_at: at('16:59:00.000'), status: 'running' });
    expect(await requestsOf([recorded(later)])).not.toHaveProperty(['Put schedulers']);
  });

  test('come in this order: event, state, history', async () => {
    const { requests, stop } = watchRequests(store);
    await record(store, [recorded(status({ scheduler_id: newId() }))], shipped);
    stop();
    expect(requests).toEqual([
      'Put events',
      'BatchGet schedulers',
      'Put schedulers',
      'BatchWrite scheduler-status-history',
    ]);
  });

  test('read the row consistently, and only after the event is stored', async () => {
    const scheduler_id = newId();
    const first = recorded(heartbeat({ scheduler_id }));
    const other = recorded(status({ scheduler_id, event_id: idOf(2) }));
    let done = false;
    // Another writer comes between: what it leaves in the row must be seen by the read that follows.
    const { stop } = watchRequests(store, async (request, soFar) => {
      if (request !== 'BatchGet schedulers' || done) return;
      expect(soFar).toEqual(['Put events']);
      done = true;
      await record(store, [other]);
    });
    await record(store, [first]);
    stop();
    expect((await readRow(store, scheduler_id))?.state).toEqual(fold(scheduler_id, [first, other]));
  });
});

describe('duplicates', () => {
  test('in one batch are one event, and all say so', async () => {
    const scheduler_id = newId();
    const copies = ['a', 'b', 'c'].map((correlation_id) =>
      recorded(status({ scheduler_id }), { correlation_id }),
    );
    const outcomes = await record(store, copies);
    const [stored] = await listStream(store, scheduler_id);
    expect(copies).toContainEqual(stored);
    for (const outcome of outcomes) expect(outcome).toMatchObject({ ok: true, recorded: stored });
    expect(await listHistory(store, scheduler_id)).toHaveLength(1);
  });

  test('with another acceptance: the stored one counts in the row', async () => {
    const scheduler_id = newId();
    await record(store, [recorded(status({ scheduler_id }), { accepted_at: at('17:40:00.000') })]);
    await record(store, [recorded(status({ scheduler_id }), { accepted_at: at('18:40:00.000') })]);
    expect((await readRow(store, scheduler_id))?.state).toMatchObject({
      updated: { accepted_at: at('17:40:00.000') },
    });
  });

  test('in any number, order and split of batches leave the same row, stream and history', async () => {
    await fc.assert(
      fc.asyncProperty(deliveries, async ({ events, batches }) => {
        const scheduler_id = newId();
        const own = ({ event, envelope }: RecordedEvent) => ({ event: { ...event, scheduler_id }, envelope });
        for (const batch of batches) await record(store, batch.map(own));
        expect((await readRow(store, scheduler_id))?.state ?? fold(scheduler_id, [])).toEqual(
          fold(scheduler_id, events.map(own)),
        );
        expect(await listStream(store, scheduler_id)).toHaveLength(events.length);
        expect(await listHistory(store, scheduler_id)).toHaveLength(
          events.filter(({ event }) => event.type === 'status_reported').length,
        );
      }),
      { numRuns: 15 },
    );
  });
});

describe('many at once', () => {
  test('recorders on one scheduler end in the fold of all their events', async () => {
    const scheduler_id = newId();
    const events = Array.from({ length: 24 }, (_, n) => {
      const key = { scheduler_id, occurred_at: at(`17:00:00.00${n % 3}`), event_id: idOf(n) };
      const kinds = [
        status({ ...key, status: 'running' }),
        status({ ...key, status: 'completed' }),
        heartbeat(key),
        registration({ ...key, job_name: `job-${n}` }),
        removal(key),
        snooze(key),
      ];
      return recorded(kinds[n % 6] ?? heartbeat(key));
    });
    const outcomes = await Promise.all(
      [0, 1, 2, 3, 4, 5].map((writer) => record(store, events.slice(writer * 4, writer * 4 + 4))),
    );
    expect(errorsIn(outcomes.flat())).toEqual(events.map(() => undefined));
    const row = await readRow(store, scheduler_id);
    expect(row?.state).toEqual(fold(scheduler_id, events));
    expect(row?.rev).toBeGreaterThan(0);
  });

  test('schedulers whose events share time and id keep their own, histories too', async () => {
    const ids = [newId(), newId(), newId()];
    await record(
      store,
      ids.map((scheduler_id) => recorded(status({ scheduler_id, job_name: `of-${scheduler_id}` }))),
    );
    for (const id of ids) {
      expect(await listHistory(store, id)).toMatchObject([{ scheduler_id: id, id: idOf(1) }]);
      expect((await readRow(store, id))?.state).toMatchObject({ status: { job_name: `of-${id}` } });
    }
  });
});

describe('a failure', () => {
  async function putRow(item: Record<string, unknown>): Promise<void> {
    await store.client.send(new PutCommand({ TableName: tableOf(store, 'schedulers'), Item: item }));
  }

  test('of one scheduler, whose row is of a newer version, leaves its neighbours recorded', async () => {
    const [good, newer, fine] = [newId(), newId(), newId()];
    const row = { scheduler_id: newer, version: 99, rev: 7, shape: 'unknown' };
    await putRow(row);
    const batch = [good, newer, fine].map((scheduler_id) => recorded(status({ scheduler_id })));
    const outcomes = await record(store, batch);
    expect(errorsIn(outcomes)).toEqual([undefined, expect.any(NewerRowError), undefined]);
    for (const id of [good, fine]) {
      expect((await readRow(store, id))?.state).toMatchObject({ status: { status: 'completed' } });
      expect(await listHistory(store, id)).toHaveLength(1);
    }
    // The event is kept, the row untouched, and no history written past the step that failed.
    expect(await listStream(store, newer)).toEqual([batch[1]]);
    expect(await readRow(store, newer)).toEqual({ rev: 7, version: 99, state: expect.anything() });
    expect(await listHistory(store, newer)).toEqual([]);
  });

  test('of one event, whose content conflicts, leaves the others of its scheduler recorded', async () => {
    const scheduler_id = newId();
    const first = recorded(status({ scheduler_id, status: 'running' }));
    await record(store, [first]);
    const outcomes = await record(store, [
      recorded(status({ scheduler_id, status: 'completed' })),
      recorded(status({ scheduler_id, event_id: idOf(2), status: 'completed' })),
    ]);
    expect(errorsIn(outcomes)).toEqual([expect.any(EventConflictError), undefined]);
    expect((await readRow(store, scheduler_id))?.state).toMatchObject({
      status: { id: idOf(2), status: 'completed' },
      running: { id: idOf(1) },
    });
  });

  test('of every event of a batch costs no read', async () => {
    const scheduler_id = newId();
    await record(store, [recorded(status({ scheduler_id }))]);
    const { requests, stop } = watchRequests(store);
    const outcomes = await record(store, [recorded(status({ scheduler_id, status: 'failed' }))]);
    stop();
    expect(errorsIn(outcomes)).toEqual([expect.any(EventConflictError)]);
    expect(requests).toEqual(['Put events', 'Get events']);
  });

  test('between the steps is repaired by recording again', async () => {
    const scheduler_id = newId();
    const event = recorded(status({ scheduler_id, status: 'failed', error_message: 'disk full' }));
    for (const failing of ['BatchGet schedulers', 'Put schedulers', 'BatchWrite scheduler-status-history']) {
      const { stop } = watchRequests(store, (request) => {
        if (request === failing) throw new Error(`cut off at ${failing}`);
      });
      const outcomes = await record(store, [event]);
      stop();
      expect(errorsIn(outcomes)).toEqual([new Error(`cut off at ${failing}`)]);
    }
    const [outcome] = await record(store, [event]);
    expect(outcome).toMatchObject({ ok: true, state: fold(scheduler_id, [event]) });
    expect(await listHistory(store, scheduler_id)).toHaveLength(1);
  });

  test('of the history fails the statuses of the batch, not its heartbeats', async () => {
    const [beating, reporting] = [newId(), newId()];
    const { stop } = watchRequests(store, (request) => {
      if (request.startsWith('BatchWrite')) throw new Error('throttled');
    });
    const outcomes = await record(store, [
      recorded(heartbeat({ scheduler_id: beating })),
      recorded(status({ scheduler_id: reporting })),
    ]);
    stop();
    expect(errorsIn(outcomes)).toEqual([undefined, new Error('throttled')]);
  });
});
