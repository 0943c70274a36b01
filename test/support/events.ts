import type { Envelope, RecordedEvent, RondaEvent } from '../../src/events/event.ts';

/**
 * Events to test with: each builder gives one that says as little as it may, and a test names what it is about.
 * They lie in 2099, since an engine's purge of what is past its time to live runs by the machine's clock.
 */
type Fields<T extends RondaEvent['type']> = Partial<Omit<Extract<RondaEvent, { type: T }>, 'type' | 'v'>>;

/** An instant of the night of 23 November 2099 in UTC, like `at('17:30:00.000')`. */
export function at(time: string): string {
  return `2099-11-23T${time}Z`;
}

/** Of a delivery: whatever the message claims for its acceptance is believed. */
export const allVouched = { from: '0000-01-01T00:00:00.000Z', to: '9999-12-31T23:59:59.999Z' } as const;

export function idOf(n: number): string {
  return `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
}

const fact = { v: 1, scheduler_id: 'payroll', occurred_at: at('17:30:00.000'), event_id: idOf(1) } as const;
const job = { service_name: 'billing', job_name: 'close-day' };

export function status(fields: Fields<'status_reported'> = {}) {
  return {
    ...fact,
    type: 'status_reported',
    ...job,
    status: 'completed',
    execution_time_ms: null,
    error_message: null,
    metadata: null,
    run_id: null,
    business_date: null,
    ...fields,
  } satisfies RondaEvent;
}

export function heartbeat(fields: Fields<'heartbeat_received'> = {}) {
  return { ...fact, type: 'heartbeat_received', ...fields } satisfies RondaEvent;
}

export function registration(fields: Fields<'scheduler_registered'> = {}) {
  return {
    ...fact,
    v: 2,
    type: 'scheduler_registered',
    ...job,
    ...fields,
  } satisfies RondaEvent;
}

export function expectationSet(fields: Fields<'expectation_set'> = {}) {
  return {
    ...fact,
    type: 'expectation_set',
    expectation: '{"schedule":"0 1 * * *"}',
    ...fields,
  } satisfies RondaEvent;
}

export function removal(fields: Fields<'scheduler_removed'> = {}) {
  return { ...fact, type: 'scheduler_removed', ...fields } satisfies RondaEvent;
}

export function acknowledgement(fields: Fields<'failure_acknowledged'> = {}) {
  return {
    ...fact,
    type: 'failure_acknowledged',
    failure_event_id: idOf(99),
    by: 'sari',
    ...fields,
  } satisfies RondaEvent;
}

export function snooze(fields: Fields<'alerts_snoozed'> = {}) {
  return {
    ...fact,
    type: 'alerts_snoozed',
    until: at('20:00:00.000'),
    by: 'sari',
    ...fields,
  } satisfies RondaEvent;
}

/** An event as it is stored; unless told otherwise it was accepted when it happened, from nobody in particular. */
export function recorded(event: RondaEvent, envelope: Partial<Envelope> = {}): RecordedEvent {
  return {
    event,
    envelope: { accepted_at: event.occurred_at, correlation_id: null, sender: null, ...envelope },
  };
}
