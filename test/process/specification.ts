import type { SentReport } from './reports.ts';

/**
 * What the tables must hold for a set of reports, said the plain way: put the reports in order, take the last.
 * It shares no code with the projections that it judges.
 */

const rank = { pending: 0, running: 1, completed: 2, failed: 3 } as const;

export function expectedRow(scheduler_id: string, reports: readonly SentReport[]): Record<string, unknown> {
  const inOrder = [...reports].sort(byTimeAndId);
  const ofType = (type: SentReport['type']): SentReport[] => inOrder.filter((report) => report.type === type);
  const statuses = ofType('status');
  const lastOf = (status: SentReport['status']): SentReport | undefined =>
    statuses.filter((report) => report.status === status).at(-1);
  const latest = [...statuses].sort(byTimeRankAndId).at(-1);
  const registration = ofType('register').at(-1);
  const lastAccepted = [...statuses, ...ofType('register')]
    .sort(byTimeAndId)
    .sort((a, b) => compare(a.accepted_at, b.accepted_at))
    .at(-1);
  return known({
    scheduler_id,
    version: 1,
    created: mark(ofType('register').at(0)),
    registration: registration && {
      ...mark(registration),
      service_name: registration.service_name,
      job_name: registration.job_name,
      owner_email: registration.owner_email ?? null,
      alert_user_id: null,
      heartbeat_timeout_minutes: null,
    },
    removal: mark(ofType('remove').at(-1)),
    status: latest && {
      ...mark(latest),
      status: latest.status,
      service_name: latest.service_name,
      job_name: latest.job_name,
      execution_time_ms: latest.execution_time_ms ?? null,
      error_message: latest.error_message ?? null,
      metadata: null,
    },
    pending: mark(lastOf('pending')),
    running: mark(lastOf('running')),
    completed: mark(lastOf('completed')),
    failed: mark(lastOf('failed')),
    heartbeat: mark([...statuses, ...ofType('heartbeat')].sort(byTimeAndId).at(-1)),
    updated: lastAccepted && { ...mark(lastAccepted), accepted_at: lastAccepted.accepted_at },
  });
}

export function expectedHistory(reports: readonly SentReport[]): Record<string, unknown>[] {
  return reports
    .filter(({ type }) => type === 'status')
    .map(({ scheduler_id, event_id, status, timestamp, execution_time_ms, error_message }) => ({
      scheduler_id,
      'timestamp#event_id': `${timestamp}#${event_id}`,
      version: 1,
      id: event_id,
      status,
      timestamp,
      execution_time_ms: execution_time_ms ?? null,
      error_message: error_message ?? null,
      metadata: null,
    }));
}

function mark(report: SentReport | undefined): { at: string; id: string } | undefined {
  return report && { at: report.timestamp, id: report.event_id };
}

function known(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function byTimeAndId(a: SentReport, b: SentReport): number {
  return compare(a.timestamp, b.timestamp) || compare(a.event_id, b.event_id);
}

function byTimeRankAndId(a: SentReport, b: SentReport): number {
  return (
    compare(a.timestamp, b.timestamp) ||
    rank[a.status ?? 'pending'] - rank[b.status ?? 'pending'] ||
    compare(a.event_id, b.event_id)
  );
}
