import { z } from 'zod';
import {
  details,
  detailsV1,
  eventTypeOf,
  jsonOf,
  knownSchema,
  schemaNeeded,
  type RecordedEvent,
  type Report,
  type ReportType,
} from '../events/event.ts';
import { anyId, timestamp } from '../events/fields.ts';
import { writeObject } from '../events/json-text.ts';
import { readBody, type Read } from '../events/members.ts';
import { reportTypes } from '../events/report-types.ts';
import { aheadIssue, eventOf, isReportType, liesAhead, readReport } from '../events/reports.ts';
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

/** As Ronda itself wrote it in schema 1: what a registration had no value for, it cleared, and left out. */
function readReportV1(type: ReportType, members: ReadonlyMap<string, string>): Read<Report> {
  const cleared = Object.keys(detailsV1).map((name): [string, string] => [name, 'null']);
  return readReport(type, type === 'register' ? new Map([...cleared, ...members]) : members);
}

/** What a stored event has under another name, or not at all, in a message. */
const internal = new Set(['v', 'type', 'occurred_at']);

/** The message body that `readMessage` turns back into this very event. */
export function writeMessage({ event, envelope }: RecordedEvent): string {
  const { report } = eventTypeOf(event.type);
  const given = Object.entries(event).filter(
    ([name, value]) => (value !== null || name in details) && !internal.has(name),
  );
  const body = writeObject({
    type: report,
    ...jsonOf(Object.fromEntries(given)),
    timestamp: event.occurred_at,
    accepted_at: envelope.accepted_at,
    sender: envelope.sender ?? undefined,
    ronda_schema: schemaNeeded(
      event.type,
      given.map(([name]) => name),
    ),
  });
  return queueSafe(body);
}

/**
 * SQS refuses U+FFFE and U+FFFF in a body, and some engines that stand in for it refuse everything past
 * U+FFFF; JSON can spell them as escapes. (Other characters that it refuses, JSON.stringify has escaped already.)
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
 */
function queueSafe(json: string): string {
  return json.replace(/[\ud800-\udfff\ufffe\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16)}`);
}
