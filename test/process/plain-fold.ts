import { statuses, type Happening } from './night-of-events.ts';

/**
 * What the tables must hold, as plainly as it can be said: put a scheduler's events in order and let each one
 * overwrite what the ones before it left. Shares nothing with the program.
 */

type Row = Record<string, unknown>;

/** The current state of one scheduler. `acceptedAt` says when an event was accepted, by its id. */
export function stateAfter(events: readonly Happening[], acceptedAt: (id: string) => string): Row {
  const state: Row = { scheduler_id: events[0]?.scheduler, version: 4 };
  let lastEnd: Row | undefined;
  for (const event of inOrder(events, ({ at, id }) => `${at} ${id}`)) {
    const { at, id } = event;
    switch (event.type) {
      case 'status':
        state[event.status] = { at, id };
        state['heartbeat'] = { at, id, accepted_at: acceptedAt(id) };
        if (event.status === 'completed' || event.status === 'failed') {
          if (lastEnd !== undefined) state['ended_before'] = lastEnd;
          lastEnd = { at, id };
        }
        break;
      case 'heartbeat':
        state['heartbeat'] = { at, id, accepted_at: acceptedAt(id) };
        break;
      case 'register':
        state['created'] ??= { at, id };
        state['registration'] = { at, id, service_name: event.service, job_name: 'Job' };
        if (event.owner !== null) state['owner_email'] = { at, id, value: event.owner };
        break;
      case 'remove':
        state['removal'] = { at, id };
        break;
      case 'acknowledge':
        state['acknowledgement'] = { at, id, failure_event_id: event.failure, by: 'rina' };
        break;
      case 'snooze':
        state['snooze'] = { at, id, until: event.until, by: 'rina' };
    }
  }
  const rank = (event: Happening): number => (event.type === 'status' ? statuses.indexOf(event.status) : 0);
  for (const event of inOrder(events, (event) => `${event.at} ${rank(event)} ${event.id}`)) {
    if (event.type !== 'status') continue;
    const { at, id, status, durationMs, error } = event;
    state['status'] = {
      at,
      id,
      status,
      service_name: 'service',
      job_name: 'Job',
      execution_time_ms: durationMs,
      error_message: error,
      metadata: null,
      run_id: null,
      business_date: null,
    };
  }
  for (const { type, at, id } of inOrder(events, ({ at, id }) => `${acceptedAt(id)} ${at} ${id}`)) {
    if (type === 'status' || type === 'register') state['updated'] = { at, id, accepted_at: acceptedAt(id) };
  }
  return state;
}

/** The history entries of all events, by scheduler and key. */
export function historyOf(events: readonly Happening[]): Row[] {
  return events.flatMap((event) => {
    if (event.type !== 'status') return [];
    return [
      {
        scheduler_id: event.scheduler,
        'timestamp#event_id': `${event.at}#${event.id}`,
        id: event.id,
        status: event.status,
        timestamp: event.at,
        execution_time_ms: event.durationMs,
        error_message: event.error,
        metadata: null,
        run_id: null,
        business_date: null,
        version: 2,
      },
    ];
  });
}

function inOrder<T>(items: readonly T[], key: (item: T) => string): T[] {
  return items
    .map((item) => ({ item, key: key(item) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ item }) => item);
}
