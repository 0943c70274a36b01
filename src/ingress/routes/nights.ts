import type { Request, RequestHandler } from 'express';
import { readCoverage } from '../../board/coverage.ts';
import { nightCsv, nightIssue, nightView, partOfNight, readNight } from '../../board/night-report.ts';
import { InvalidInputError } from '../../errors.ts';
import { businessDate } from '../../events/fields.ts';
import type { BoardSpec } from '../../night/boards.ts';
import { keyOf } from '../context.ts';
import { HttpError } from '../http-errors.ts';
import { nightQuery, readQuery } from '../query.ts';
import { sendObject, type IngressService } from '../service.ts';

/** `GET /nights/{date}`: what was due in a night and what became of it, as JSON, or as a table for spreadsheets. */
export function getNight(service: IngressService): RequestHandler {
  const { store } = service;
  return async (request, response) => {
    const { board } = readQuery(request, nightQuery);
    const spec = specOf(service, board);
    const date = pathDate(request, spec, service);
    const whole = await readNight(service, spec, date, await readCoverage(store));
    const { services } = keyOf(request);
    const document = nightView(services === null ? whole : partOfNight(whole, services));
    response.vary('Accept');
    if (request.accepts(['json', 'text/csv']) === 'text/csv')
      response.type('text/csv; charset=utf-8').send(nightCsv(document.slots));
    else sendObject(response, 200, document);
  };
}

/** @throws HttpError 404 when there is no such board; without a name it is the first */
function specOf({ boards }: IngressService, name: string | undefined): BoardSpec {
  const spec = name === undefined ? boards[0] : boards.find((board) => board.name === name);
  if (spec === undefined) throw new HttpError(404, `Board ${String(name)} not found`);
  return spec;
}

/** @throws InvalidInputError when it is no date, or none of which something true can be said */
function pathDate(request: Request, spec: BoardSpec, { store }: IngressService): string {
  const { data, error } = businessDate.safeParse(request.params['date']);
  if (data === undefined) throw new InvalidInputError(error.issues.map(({ message }) => `date: ${message}`));
  const issue = nightIssue(data, spec, store);
  if (issue !== undefined) throw new InvalidInputError([`date: ${issue}`]);
  return data;
}
