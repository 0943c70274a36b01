import { z } from 'zod';
import { assertNever } from '../events/assert-never.ts';
import { clearable, type RecordedEvent, type RondaEvent } from '../events/event.ts';
import { anyId, timestamp } from '../events/fields.ts';
import { JsonText, writeObject } from '../events/json-text.ts';
import { readBody, type Read } from '../events/members.ts';
import {
  aheadIssue,
  bodies,
  eventOf,
  isReportType,
  liesAhead,
  reportTypes,
  type Report,
  type ReportType,
} from '../events/reports.ts';
import { msOf } from '../events/time.ts';
import { unwrap } from './envelopes.ts';

export const attribute = {
  correlationId: 'x-correlation-id',
  messageId: 'ronda-message-id',
  sentAt: 'ronda-sent-at',
  reason: 'ronda-reason',
  receivedAt: 'ronda-received-at',
} as const;

/** A message as the queue delivered it; whoever copies one carries `messageId` and the time it was sent along. */
export type Delivered = {
  readonly body: string;
  /** Of the first of its copies. */
  readonly messageId: string;
  /** When the first of its copies reached the queue, as far as that is believed. UTC, Ronda's time. */
  readonly sentAt: string;
  /**
   * What a message claims for its acceptance is believed between these: no later than the queue got it, and no
   * earlier than queues keep messages. UTC, Ronda's time.
   */
  readonly vouched: { readonly from: string; readonly to: string };
  readonly correlationId?: string | undefined;
};

/** What the ingress adds to a report. The acceptance time stands in the body since a dead-letter keeps no other. */
const accepted = z.object({ accepted_at: timestamp.optional(), sender: anyId.optional() });

/**
 * The schema version that a consumer must know to understand a message of each type. A new type, or a field that
 * an older consumer must not pass over, raises its type's: then older consumers leave the message to newer ones.
 */
const neededSchema = {
  status: 1,
  heartbeat: 1,
  register: 2,
  remove: 1,
  acknowledge: 1,
  snooze: 1,
} as const satisfies Record<ReportType, number>;
const knownSchema = Math.max(...Object.values(neededSchema));

/** A message that says that it needs a newer consumer than this one. */
export type NewerMessage = { readonly ok: false; readonly issues: string[]; readonly needs: number };

/** The event that a message carries, or why it carries none. Pure: redelivery gives the same event. */
export function readMessage(delivered: Delivered): Read<RecordedEvent> | NewerMessage {
  const unwrapped = unwrap(delivered.body);
  if (!unwrapped.ok) return unwrapped;
  const { members, time, id } = unwrapped.value;
  const needs: unknown = JSON.parse(members.get('ronda_schema') ?? 'null');
  if (typeof needs === 'number' && needs > knownSchema)
    return { ok: false, issues: [`ronda_schema: needs ${needs}, this program knows ${knownSchema}`], needs };
  const type: unknown = JSON.parse(members.get('type') ?? 'null');
  if (!isReportType(type)) return { ok: false, issues: [`type: must be one of ${reportTypes.join(', ')}`] };
  const report = needs === 1 ? readReportV1(type, members) : readReport(type, members);
  if (!report.ok) return report;
  const stamped = readBody(members, accepted);
  if (!stamped.ok) return stamped;

  const acceptedAt = acceptanceOf(delivered, stamped.value.accepted_at);
  const event = eventOf(report.value, { timestamp: time ?? acceptedAt, id: id ?? delivered.messageId });
  if (liesAhead(event.occurred_at, acceptedAt)) return { ok: false, issues: [aheadIssue] };
  return {
    ok: true,
    value: {
      event,
      envelope: {
        accepted_at: acceptedAt,
        correlation_id: delivered.correlationId ?? null,
        sender: stamped.value.sender ?? null,
      },
    },
  };
}

function acceptanceOf({ sentAt, vouched: { from, to } }: Delivered, claimed: string | undefined): string {
  if (claimed === undefined) return sentAt;
  return msOf(claimed) >= msOf(from) && msOf(claimed) <= msOf(to) ? claimed : to;
}

/** A report of a known type, out of the members of its body. */
export function readReport(type: Report['type'], members: ReadonlyMap<string, string>): Read<Report> {
  switch (type) {
    case 'status':
      return typed(type, readBody(members, bodies.status));
    case 'heartbeat':
      return typed(type, readBody(members, bodies.heartbeat));
    case 'register':
      return typed(type, readBody(members, bodies.register));
    case 'remove':
      return typed(type, readBody(members, bodies.remove));
    case 'acknowledge':
      return typed(type, readBody(members, bodies.acknowledge));
    case 'snooze':
      return typed(type, readBody(members, bodies.snooze));
    default:
      return assertNever(type);
  }
}

/** As Ronda itself wrote it in schema 1: what a registration had no value for, it cleared, and left out. */
function readReportV1(type: ReportType, members: ReadonlyMap<string, string>): Read<Report> {
  const cleared = clearable.map((name): [string, string] => [name, 'null']);
  return readReport(type, type === 'register' ? new Map([...cleared, ...members]) : members);
}

function typed<T extends string, V extends object>(type: T, read: Read<V>): Read<{ type: T } & V> {
  return read.ok ? { ok: true, value: { type, ...read.value } } : read;
}

/** What a stored event has under another name, or not at all, in a message. */
const internal = new Set(['v', 'type', 'occurred_at']);

/** The message body that `readMessage` turns back into this very event. */
export function writeMessage({ event, envelope }: RecordedEvent): string {
  const type = reportTypeOf(event.type);
  const given = Object.entries(event).filter(
    ([name, value]) => (value !== null || type === 'register') && !internal.has(name),
  );
  const body = writeObject({
    type,
    ...Object.fromEntries(given),
    ...('metadata' in event && event.metadata !== null ? { metadata: new JsonText(event.metadata) } : {}),
    timestamp: event.occurred_at,
    accepted_at: envelope.accepted_at,
    sender: envelope.sender ?? undefined,
    ronda_schema: neededSchema[type],
  });
  return queueSafe(body);
}

function reportTypeOf(type: RondaEvent['type']): Report['type'] {
  switch (type) {
    case 'status_reported':
      return 'status';
    case 'heartbeat_received':
      return 'heartbeat';
    case 'scheduler_registered':
      return 'register';
    case 'scheduler_removed':
      return 'remove';
    case 'failure_acknowledged':
      return 'acknowledge';
    case 'alerts_snoozed':
      return 'snooze';
    default:
      return assertNever(type);
  }
}

/**
 * SQS refuses U+FFFE and U+FFFF in a body, and some engines that stand in for it refuse everything past
 * U+FFFF; JSON can spell them as escapes. (Other characters that it refuses, JSON.stringify has escaped already.)
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
 */
function queueSafe(json: string): string {
  return json.replace(/[\ud800-\udfff\ufffe\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16)}`);
}
