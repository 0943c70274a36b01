import { z } from 'zod';
import { assertNever } from './assert-never.ts';
import type { RondaEvent } from './event.ts';
import * as field from './fields.ts';
import { defaultEventId, eventIdFrom, type EventContent } from './identity.ts';
import { statuses } from './order.ts';
import { msOf } from './time.ts';

/** What a sender may say, by the `type` of `docs/sqs.md`: each kind of report becomes one kind of event. */

const registerShape = {
  scheduler_id: field.schedulerId,
  service_name: field.serviceName,
  job_name: field.jobName,
  owner_email: field.ownerEmail.nullable().optional(),
  alert_user_id: field.alertUserId.nullable().optional(),
  heartbeat_timeout_minutes: field.heartbeatTimeoutMinutes.nullable().optional(),
};
const when = { timestamp: field.timestamp.optional(), event_id: field.anyId.optional() };

const failedNeedsReason = (body: { status: string; error_message?: string | null | undefined }): boolean =>
  body.status !== 'failed' || (body.error_message ?? '') !== '';
/** Asked whatever else is wrong, so that a sender gets to know everything at once. */
const always = (): boolean => true;

export const registerBody = z.object(registerShape);
export const statusBody = z
  .object({
    scheduler_id: field.schedulerId,
    service_name: field.serviceName,
    job_name: field.jobName,
    status: z.enum(statuses, {
      error: (issue) => (issue.input === undefined ? 'is required' : `must be one of ${statuses.join(', ')}`),
    }),
    timestamp: field.timestamp,
    execution_time_ms: field.executionTimeMs.optional(),
    error_message: field.errorMessage.optional(),
    metadata: field.metadata.optional(),
    event_id: field.anyId.optional(),
  })
  .refine(failedNeedsReason, {
    path: ['error_message'],
    error: 'is required when status is failed',
    when: always,
  });
const heartbeatBody = z.object({ scheduler_id: field.schedulerId, ...when });

export const bodies = {
  status: statusBody,
  heartbeat: heartbeatBody,
  register: z.object({ ...registerShape, ...when }),
  remove: z.object({ scheduler_id: field.schedulerId, ...when }),
  acknowledge: z.object({
    scheduler_id: field.schedulerId,
    failure_event_id: field.uuid,
    by: field.person,
    ...when,
  }),
  snooze: z.object({ scheduler_id: field.schedulerId, until: field.timestamp, by: field.person, ...when }),
} as const;

export type ReportType = keyof typeof bodies;
export const reportTypes: readonly string[] = Object.keys(bodies);

export function isReportType(type: unknown): type is ReportType {
  return typeof type === 'string' && reportTypes.includes(type);
}

export type Report =
  | ({ type: 'status' } & z.infer<typeof bodies.status>)
  | ({ type: 'heartbeat' } & z.infer<typeof bodies.heartbeat>)
  | ({ type: 'register' } & z.infer<typeof bodies.register>)
  | ({ type: 'remove' } & z.infer<typeof bodies.remove>)
  | ({ type: 'acknowledge' } & z.infer<typeof bodies.acknowledge>)
  | ({ type: 'snooze' } & z.infer<typeof bodies.snooze>);

/** What stands in for a time or an id that a report does not bring. */
export type Defaults = {
  /** Its time, when it brings none: the envelope's, else the acceptance time. */
  readonly timestamp: string;
  /** Its id, when it brings neither an id nor a time of its own. */
  readonly id?: string | undefined;
};

/** The event that a report is. Pure: the same report and defaults give the same event, id included. */
export function eventOf(report: Report, defaults: Defaults): RondaEvent {
  const content = contentOf(report, report.timestamp ?? defaults.timestamp);
  const { scheduler_id } = report;
  if (report.event_id !== undefined)
    return { ...content, event_id: eventIdFrom(scheduler_id, report.event_id) };
  if (report.timestamp === undefined && defaults.id !== undefined) {
    return { ...content, event_id: eventIdFrom(scheduler_id, defaults.id) };
  }
  return { ...content, event_id: defaultEventId(content) };
}

function contentOf(report: Report, occurred_at: string): EventContent {
  const common = { v: 1, scheduler_id: report.scheduler_id, occurred_at } as const;
  switch (report.type) {
    case 'status':
      return {
        ...common,
        type: 'status_reported',
        service_name: report.service_name,
        job_name: report.job_name,
        status: report.status,
        execution_time_ms: report.execution_time_ms ?? null,
        error_message: report.error_message ?? null,
        metadata: report.metadata ?? null,
      };
    case 'heartbeat':
      return { ...common, type: 'heartbeat_received' };
    case 'register':
      return {
        ...common,
        v: 2,
        type: 'scheduler_registered',
        service_name: report.service_name,
        job_name: report.job_name,
        ...namedBy(report),
      };
    case 'remove':
      return { ...common, type: 'scheduler_removed' };
    case 'acknowledge':
      return {
        ...common,
        type: 'failure_acknowledged',
        failure_event_id: report.failure_event_id,
        by: report.by,
      };
    case 'snooze':
      return { ...common, type: 'alerts_snoozed', until: report.until, by: report.by };
    default:
      return assertNever(report);
  }
}

/** The optional fields that a registration names, null among them. */
function namedBy(report: Extract<Report, { type: 'register' }>) {
  const { owner_email, alert_user_id, heartbeat_timeout_minutes } = report;
  return {
    ...(owner_email === undefined ? {} : { owner_email }),
    ...(alert_user_id === undefined ? {} : { alert_user_id }),
    ...(heartbeat_timeout_minutes === undefined ? {} : { heartbeat_timeout_minutes }),
  };
}

/** A clock that runs ahead would pin the scheduler to a time nothing can follow. */
const maxAheadMs = 5 * 60_000;

/** Whether a time lies too far ahead of the instant at which its report was accepted. */
export function liesAhead(time: string, acceptedAt: string): boolean {
  return msOf(time) > msOf(acceptedAt) + maxAheadMs;
}

export const aheadIssue = 'timestamp: must not lie more than 5 minutes ahead';
