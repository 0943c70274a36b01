import { setImmediate } from 'node:timers/promises';
import type { Request, RequestHandler } from 'express';
import { InvalidInputError, isDependencyError } from '../../errors.ts';
import { splitArray } from '../../events/json-text.ts';
import { readMembers } from '../../events/members.ts';
import type { Report } from '../../events/event.ts';
import { utc } from '../../events/time.ts';
import { bodyText, requireArray } from '../body.ts';
import { contextOf } from '../context.ts';
import type { Found } from '../directory.ts';
import { HttpError } from '../http-errors.ts';
import type { IngressService } from '../service.ts';
import { accept, readHttpReport, requireRegistered } from './reports.ts';

const maxEvents = 100;
const batchTypes = ['status', 'heartbeat'] as const;

type Result = {
  status: number;
  event_id?: string;
  scheduler_id?: string;
  message?: string | readonly string[];
};

/** Many reports in one request, each with an answer of its own, in order. */
export function receiveBatch(service: IngressService): RequestHandler {
  return async (request, response) => {
    if (request.get('idempotency-key') !== undefined) {
      throw new InvalidInputError(['Idempotency-Key: is not for batches, give each event an event_id']);
    }
    const text = bodyText(request);
    requireArray(text);
    const elements = splitArray(text);
    if (elements.length === 0 || elements.length > maxEvents) {
      throw new InvalidInputError([`body: must be an array of 1 to ${maxEvents} events`]);
    }
    const acceptedAt = utc(service.clock.now());
    const reports: (Report | InvalidInputError)[] = [];
    for (const element of elements) {
      reports.push(readElement(element, acceptedAt));
      // A megabyte of them takes a while; nobody else's request, health least of all, has to wait for the last.
      await setImmediate();
    }
    const ids = reports.flatMap((report) => ('issues' in report ? [] : [report.scheduler_id]));
    const found = await service.directory.find(ids);
    const results = reports.map(async (report) =>
      'issues' in report ? refusal(report) : await acceptOne(service, request, found, report, acceptedAt),
    );
    response.status(207).json(await Promise.all(results));
  };
}

function readElement(element: string, acceptedAt: string): Report | InvalidInputError {
  const members = readMembers(element);
  const type: unknown = JSON.parse(members?.get('type') ?? 'null');
  const known = batchTypes.find((name) => name === type);
  if (members === undefined) return new InvalidInputError(['event: must be a JSON object']);
  if (known === undefined) return new InvalidInputError([`type: must be one of ${batchTypes.join(', ')}`]);
  try {
    return readHttpReport(members, known, acceptedAt);
  } catch (error) {
    if (error instanceof InvalidInputError) return error;
    throw error;
  }
}

async function acceptOne(
  service: IngressService,
  request: Request,
  found: Found,
  report: Report,
  acceptedAt: string,
): Promise<Result> {
  const { scheduler_id } = report;
  try {
    requireRegistered(request, found, report);
    const { event_id } = await accept(service, request, report, acceptedAt);
    return { status: 200, event_id, scheduler_id };
  } catch (error) {
    if (error instanceof HttpError) return { status: error.status, scheduler_id, message: error.message };
    const { log } = contextOf(request);
    if (isDependencyError(error))
      log.warn({ err: error, scheduler_id }, 'event refused: a dependency is away');
    else log.error({ err: error, scheduler_id }, 'event failed');
    return { status: 503, scheduler_id, message: 'This event could not be taken, please try again' };
  }
}

function refusal({ issues }: InvalidInputError): Result {
  return { status: 400, message: issues };
}
