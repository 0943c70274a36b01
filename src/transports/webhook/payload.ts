import { z } from 'zod';
import { causeLine } from '../../alerts/cause-line.ts';
import { explanationOf } from '../../alerts/explain.ts';
import type { Notification } from '../../alerts/transport.ts';
import { utc } from '../../events/time.ts';
import { alertKinds, severities, transition } from '../../store/alerts/alert-rows.ts';

/** Longer errors are cut: whoever wants the rest finds the job's history. */
const maxErrorLength = 10_000;

const time = z.iso.datetime().describe('UTC');
const alert = z.object({
  key: z.string().describe('names the alert, in every delivery about it'),
  kind: z.enum(alertKinds),
  severity: z.enum(severities),
  board: z.string(),
  scheduler_id: z.string(),
  service_name: z.string(),
  job_name: z.string(),
  owner: z.object({ email: z.string().nullable(), slack_user_id: z.string().nullable() }),
  opened_at: time,
  failed_at: time.nullable().describe('of a failure'),
  cause: z.string().nullable().describe('the line of the error that tells the cause'),
  error: z.string().nullable().describe(`at most its first ${maxErrorLength} characters`),
  duration_ms: z.int().nullable().describe('how long the failed run took'),
  last_sign_at: time.nullable().describe('of a stale job: its last sign of life'),
  timeout_minutes: z.number().nullable(),
  running_since: time.nullable(),
  slot: time
    .nullable()
    .describe('of a run that is late, overdue, too short, too long or without its result: when it was due'),
  due_by: time.nullable().describe('until when it was to begin, or to end'),
  began_at: time.nullable(),
  explanation: z.string().nullable().describe('what went wrong with that run, in one line'),
  dependents: z.array(z.string()).describe('the jobs that wait for this one'),
  runbook_url: z.string().nullable(),
});

/** What is posted: one transition of an alert. The source of docs/webhook.schema.json. */
export const webhookPayload = z
  .object({
    type: z.enum([
      'alert.opened',
      'alert.updated',
      'alert.acknowledged',
      'alert.snoozed',
      'alert.unsnoozed',
      'alert.resolved',
    ]),
    timestamp: time.describe('when that happened'),
    data: z.object({
      test: z.literal(true).optional().describe('only in what `ronda alerts test` sends'),
      number: z.int().min(1).describe('of the transition, from 1 for each alert; they come in order'),
      by: transition.shape.by.unwrap().describe('who acknowledged or snoozed'),
      until: time.nullable().describe('of a snooze'),
      outcome: transition.shape.outcome.unwrap().describe('what resolved it'),
      alert,
    }),
  })
  .describe('A transition of an alert');
export type WebhookPayload = z.infer<typeof webhookPayload>;

/** What is posted of a transition. Pure. */
export function payloadOf({ alert: about, transition: step, number }: Notification): WebhookPayload {
  const { key, kind, board, severity, scheduler_id, service_name, job_name, owner } = about;
  const failure = about.kind === 'failure' ? about : undefined;
  const stale = about.kind === 'stale' ? about : undefined;
  const slot = about.kind === 'failure' || about.kind === 'stale' ? undefined : about;
  const timeOf = (at: number | null | undefined): string | null => (at == null ? null : utc(at));
  const error = failure?.error ?? null;
  return {
    type: `alert.${step.type}`,
    timestamp: step.at,
    data: {
      number,
      ...{ by: step.by, until: step.until, outcome: step.outcome },
      alert: {
        key: `${key.night}/${key.alert_key}`,
        ...{ kind, severity, board: board.name, scheduler_id, service_name, job_name },
        owner: { email: owner.email, slack_user_id: owner.slack_user_id },
        opened_at: utc(about.openedAt),
        failed_at: failure === undefined ? null : utc(failure.failedAt),
        cause: error === null ? null : (causeLine(error) ?? null),
        error: error === null ? null : error.slice(0, maxErrorLength).toWellFormed(),
        duration_ms: failure?.duration ?? null,
        last_sign_at: stale === undefined ? null : utc(stale.lastSignAt),
        timeout_minutes: stale === undefined ? null : stale.timeoutMs / 60_000,
        running_since: timeOf(stale?.runningSince),
        slot: timeOf(slot?.slot),
        due_by: timeOf(slot?.situation.due_by),
        began_at: timeOf(slot?.situation.began_at),
        explanation: slot === undefined ? null : explanationOf(slot, utc),
        dependents: [...about.dependents],
        runbook_url: about.runbookUrl,
      },
    },
  };
}

/** What `ronda alerts test` posts. @param now Ronda's time, ms UTC */
export function testPayload(now: number): WebhookPayload {
  const at = utc(now);
  return {
    type: 'alert.opened',
    timestamp: at,
    data: {
      ...{ test: true, number: 1, by: null, until: null, outcome: null },
      alert: {
        ...{ key: 'test', kind: 'failure', severity: 'error', board: 'test', scheduler_id: 'test' },
        ...{ service_name: 'ronda', job_name: 'test alert', owner: { email: null, slack_user_id: null } },
        ...{ opened_at: at, failed_at: at, cause: 'This is a test.', error: 'This is a test.' },
        ...{ duration_ms: null, last_sign_at: null, timeout_minutes: null, running_since: null },
        ...{ slot: null, due_by: null, began_at: null, explanation: null, dependents: [], runbook_url: null },
      },
    },
  };
}
