import type { RequestHandler } from 'express';
import { InvalidInputError } from '../../errors.ts';
import { ruleTypes } from '../../events/event.ts';
import { ruleName } from '../../events/expectation.ts';
import { JsonText } from '../../events/json-text.ts';
import { calendar, calendarStream } from '../../events/rules.ts';
import { stampAfter } from '../../store/projections/record-rule.ts';
import { readLatest, readStreams } from '../../store/projections/rule-rows.ts';
import { bodyMembers, readWhole } from '../body.ts';
import { keyOf } from '../context.ts';
import { HttpError } from '../http-errors.ts';
import { applyRule, requireEveryService } from '../rules.ts';
import { sendArray, sendJson, type IngressService } from '../service.ts';

const whose = 'a calendar is everybody’s';

/** `GET /calendars`: all that there are, by name. */
export function listCalendars({ store }: IngressService): RequestHandler {
  return async (_request, response) => {
    const { calendars } = await readStreams(store, calendarStream(''));
    const found = [...calendars].flatMap(([name, versions]) => {
      const value = versions.at(-1)?.value ?? null;
      return value === null ? [] : [{ name, ...value }];
    });
    sendArray(
      response,
      found.sort((a, b) => (a.name < b.name ? -1 : 1)),
    );
  };
}

/** `GET /calendars/{name}`: in the form in which it is put; 404 where there is none. */
export function getCalendar({ store }: IngressService): RequestHandler {
  return async (request, response) => {
    const name = pathName(request.params['name']);
    const kept = (await readLatest(store, calendarStream(name)))?.value ?? null;
    if (kept === null) throw notThere(name);
    sendJson(response, new JsonText(kept));
  };
}

/** `PUT /calendars/{name}`: 200 with the stored one, applied; one that is there already makes no event. */
export function setCalendar(service: IngressService): RequestHandler {
  return async (request, response) => {
    const { name: by } = keyOf(request);
    requireEveryService(keyOf(request), whose);
    const name = pathName(request.params['name']);
    const stream = calendarStream(name);
    const kept = JSON.stringify(readWhole(bodyMembers(request), calendar));
    const latest = await readLatest(service.store, stream);
    if (latest?.value !== kept) {
      const stamp = stampAfter(service.clock.now(), latest);
      const said = { scheduler_id: stream, calendar: kept, by };
      await applyRule(service, request, ruleTypes.calendar.contentOf(said, stamp));
    }
    sendJson(response, new JsonText(kept));
  };
}

/** `DELETE /calendars/{name}`: 204, applied; 404 where there is none. */
export function removeCalendar(service: IngressService): RequestHandler {
  return async (request, response) => {
    const { name: by } = keyOf(request);
    requireEveryService(keyOf(request), whose);
    const name = pathName(request.params['name']);
    const stream = calendarStream(name);
    const latest = await readLatest(service.store, stream);
    if (latest === undefined || latest.value === null) throw notThere(name);
    const stamp = stampAfter(service.clock.now(), latest);
    const said = { scheduler_id: stream, calendar: null, by };
    await applyRule(service, request, ruleTypes.calendar.contentOf(said, stamp));
    response.status(204).end();
  };
}

/** @throws InvalidInputError when no calendar can have this name */
function pathName(given: unknown): string {
  const parsed = ruleName.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new InvalidInputError(parsed.error.issues.map(({ message }) => `name: ${message}`));
}

function notThere(name: string): HttpError {
  return new HttpError(404, `Calendar ${name} not found`);
}
