import type { Request, RequestHandler, Response } from 'express';
import { z } from 'zod';
import { schedulerView } from '../../../projections/scheduler-view.ts';
import { backoffMs } from '../../backoff.ts';
import { pause } from '../../clock.ts';
import { InvalidInputError } from '../../errors.ts';
import type { Report, RondaEvent, StatusReported } from '../../events/event.ts';
import { anyId, isUuid, schedulerId, timestamp } from '../../events/fields.ts';
import { readBody } from '../../events/members.ts';
import { eventKey } from '../../events/order.ts';
import { aheadIssue, eventOf, liesAhead, readReport } from '../../events/reports.ts';
import { utc } from '../../events/time.ts';
import { isTaken } from '../../store/events/event-store.ts';
import { hasEntry } from '../../store/projections/history-rows.ts';
import { requireService } from '../authentication.ts';
import { bodyMembers } from '../body.ts';
import { keyOf } from '../context.ts';
import type { Found } from '../directory.ts';
import { HttpError } from '../http-errors.ts';
import { readPreferences } from '../preferences.ts';
import { enqueue, recordedBy, sendObject, type IngressService } from '../service.ts';
import { acceptedView } from '../views.ts';
import { pathId, stateOf } from '../one-scheduler.ts';

const base = '/api/v1/schedulers';

/**
 * `PUT /schedulers/{id}/status`: 200 once the status is durably queued; with `Prefer: wait` once it is applied.
 */
export function reportStatus(service: IngressService): RequestHandler {
  return async (request, response) => {
    const { event, acceptedAt } = await acceptReport(service, request, 'status');
    if (event.type !== 'status_reported') throw new Error('a status report is a status');
    const { wait, respondAsync } = readPreferences(request.get('prefer'));
    const accepted = acceptedView(event, acceptedAt);
    if (wait !== undefined) {
      await answerWhenApplied(service, response, event, wait, accepted);
    } else if (respondAsync) {
      response.setHeader('Preference-Applied', 'respond-async');
      sendAccepted(response, event, accepted);
    } else {
      sendObject(response, 200, accepted);
    }
  };
}

/** `POST /schedulers/{id}/heartbeat`: 200 once the heartbeat is durably queued. */
export function recordHeartbeat(service: IngressService): RequestHandler {
  return async (request, response) => {
    const { event } = await acceptReport(service, request, 'heartbeat');
    sendObject(response, 200, {
      message: 'Heartbeat recorded',
      scheduler_id: event.scheduler_id,
      timestamp: event.occurred_at,
      event_id: event.event_id,
    });
  };
}

/** Reads, checks and queues the report of a request for the scheduler in its path. */
async function acceptReport(service: IngressService, request: Request, type: 'status' | 'heartbeat') {
  const id = pathId(request.params['id']);
  const acceptedAt = utc(service.clock.now());
  const report = readHttpReport(bodyMembers(request), type, acceptedAt, id);
  const event_id = report.event_id ?? idempotencyKey(request);
  requireRegistered(request, await service.directory.find([id]), report);
  const event = await accept(service, request, { ...report, event_id }, acceptedAt);
  return { event, acceptedAt };
}

const conflict = 'An event with this id and timestamp is there already, and says something else';

/**
 * Queues the event that a report is.
 * @throws HttpError 409 where this process knows that its id and time stand for something else already
 */
export async function accept(
  service: IngressService,
  request: Request,
  report: Report,
  acceptedAt: string,
): Promise<RondaEvent> {
  const { recentIds } = service;
  const event = eventOf(report, { timestamp: acceptedAt });
  // Ids that we make are hashes of what an event says, and times that we give are new.
  const mayConflict = report.event_id !== undefined && report.timestamp !== undefined;
  if (mayConflict && !recentIds.claim(event)) throw new HttpError(409, conflict);
  try {
    await enqueue(service, request, recordedBy(request, event, acceptedAt));
  } catch (error) {
    if (mayConflict) recentIds.release(event);
    throw error;
  }
  return event;
}

/** What HTTP asks more of than a message does; each field is looked at if it can be read, whatever the others are. */
const checked = z.object({
  scheduler_id: schedulerId.optional().catch(undefined),
  event_id: anyId.optional().catch(undefined),
  timestamp: timestamp.optional().catch(undefined),
});

/** @throws InvalidInputError that names each bad field */
export function readHttpReport(
  members: ReadonlyMap<string, string>,
  type: 'status' | 'heartbeat',
  acceptedAt: string,
  idInPath?: string,
): Report {
  const read = readReport(type, members);
  const issues = read.ok ? [] : [...read.issues];
  const given = read.ok ? read : readBody(members, checked);
  if (given.ok) {
    const { scheduler_id = idInPath, event_id, timestamp } = given.value;
    if (idInPath !== undefined && scheduler_id !== idInPath)
      issues.push('scheduler_id: must equal the id in the path');
    if (event_id !== undefined && !isUuid(event_id)) issues.push('event_id: must be a UUID');
    if (timestamp !== undefined && liesAhead(timestamp, acceptedAt)) issues.push(aheadIssue);
  }
  if (read.ok && issues.length === 0) return read.value;
  throw new InvalidInputError(issues);
}

/**
 * @throws HttpError 404 when the scheduler is not registered, 403 when it is another service's than the key's;
 *   what kept it from being looked up
 */
export function requireRegistered(request: Request, { registered, unread }: Found, report: Report): void {
  if (unread.has(report.scheduler_id)) throw unread.get(report.scheduler_id);
  const service = registered.get(report.scheduler_id);
  if (service === undefined) {
    throw new HttpError(404, `Scheduler ${report.scheduler_id} not found. Please register first.`);
  }
  requireService(keyOf(request), service, report.type === 'status' ? report.service_name : null);
}

/** https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/ (a quoted string, often sent bare) */
function idempotencyKey(request: Request): string | undefined {
  const header = request
    .get('idempotency-key')
    ?.trim()
    .replace(/^"(.*)"$/, '$1');
  if (header === undefined) return undefined;
  if (/^[\x20-\x7e]{1,255}$/.test(header)) return header;
  throw new InvalidInputError(['Idempotency-Key: must be 1 to 255 visible ASCII characters']);
}

const lookBackoff = { firstMs: 20, maxMs: 250 };

async function answerWhenApplied(
  { store, clock }: IngressService,
  response: Response,
  event: StatusReported,
  seconds: number,
  accepted: Readonly<Record<string, unknown>>,
): Promise<void> {
  const key = eventKey({ at: event.occurred_at, id: event.event_id });
  const end = clock.monotonic() + seconds * 1_000;
  for (let attempt = 1; clock.monotonic() < end; attempt += 1) {
    await pause(Math.min(backoffMs(lookBackoff, attempt), Math.max(0, end - clock.monotonic())));
    if (await hasEntry(store, event.scheduler_id, key)) {
      // The entry is there for an event of this key: whether it is this one, what it says tells.
      if (await isTaken(store, event)) throw new HttpError(409, conflict);
      const state = await stateOf(store, event.scheduler_id);
      if (state === undefined) break;
      response.setHeader('Preference-Applied', 'wait');
      sendObject(response, 200, schedulerView(state));
      return;
    }
  }
  sendAccepted(response, event, accepted);
}

function sendAccepted(
  response: Response,
  { scheduler_id }: StatusReported,
  accepted: Readonly<Record<string, unknown>>,
) {
  response.location(`${base}/${encodeURIComponent(scheduler_id)}`);
  sendObject(response, 202, accepted);
}
