import type { RecordedEvent, RondaEvent } from '../../src/events/event.ts';

/** What GET shows after these events, as plainly as it can be said; undefined where it finds nothing. */
export function plainView(events: readonly RecordedEvent[]): Record<string, unknown> | undefined {
  const rank = ['pending', 'running', 'completed', 'failed'];
  const last = <T>(items: readonly T[], key: (item: T) => string): T | undefined =>
    [...items].sort((a, b) => (key(a) < key(b) ? -1 : 1)).at(-1);
  const of = <T extends RondaEvent['type']>(type: T) =>
    events
      .map(({ event }) => event)
      .filter((event): event is Extract<RondaEvent, { type: T }> => event.type === type);
  const key = ({ occurred_at, event_id }: RondaEvent): string => `${occurred_at} ${event_id}`;
  const registered = last(of('scheduler_registered'), key);
  const named = (name: 'owner_email' | 'alert_user_id' | 'heartbeat_timeout_minutes'): unknown =>
    last(
      of('scheduler_registered').filter((event) => event[name] !== undefined),
      key,
    )?.[name] ?? null;
  const expected = last(
    [
      ...of('expectation_set'),
      ...of('scheduler_registered').filter(({ expectation }) => expectation !== undefined),
    ],
    key,
  );
  const removed = last(of('scheduler_removed'), key);
  const latest = last(
    of('status_reported'),
    (event) => `${event.occurred_at} ${rank.indexOf(event.status)} ${event.event_id}`,
  );
  const beat = last([...of('status_reported'), ...of('heartbeat_received')], key);
  const acknowledged = last(of('failure_acknowledged'), key);
  const snoozed = last(of('alerts_snoozed'), key);
  const [created] = of('scheduler_registered')
    .map(({ occurred_at }) => occurred_at)
    .sort();
  const updated = events
    .filter(({ event }) => event.type === 'status_reported' || event.type === 'scheduler_registered')
    .map(({ envelope }) => envelope.accepted_at)
    .sort()
    .at(-1);
  const isRemoved =
    removed !== undefined && (registered === undefined || registered.occurred_at < removed.occurred_at);
  const [first] = events;
  if (first === undefined || isRemoved) return undefined;
  return {
    scheduler_id: first.event.scheduler_id,
    service_name: (registered ?? latest)?.service_name ?? null,
    job_name: (registered ?? latest)?.job_name ?? null,
    status: latest?.status ?? 'pending',
    timestamp: latest?.occurred_at ?? created ?? null,
    created_at: created ?? null,
    updated_at: updated ?? null,
    registered: registered !== undefined,
    last_heartbeat: beat?.occurred_at ?? null,
    execution_time_ms: latest?.execution_time_ms ?? null,
    error_message: latest?.error_message ?? null,
    metadata: JSON.parse(latest?.metadata ?? '{}'),
    owner_email: named('owner_email'),
    alert_user_id: named('alert_user_id'),
    heartbeat_timeout_minutes: named('heartbeat_timeout_minutes'),
    expectation: expected?.expectation == null ? null : JSON.parse(expected.expectation),
    acknowledged_by:
      latest?.status === 'failed' && acknowledged?.failure_event_id === latest.event_id
        ? acknowledged.by
        : null,
    snoozed_until: snoozed?.until ?? null,
  };
}
