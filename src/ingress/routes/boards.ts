import type { Request, RequestHandler } from 'express';
import { readCoverage } from '../../board/coverage.ts';
import { boardIn, readSnapshot, serviceOf, type Snapshot } from '../../board/read-board.ts';
import { msOf, utc } from '../../events/time.ts';
import { partOf } from '../../night/board.ts';
import type { BoardSpec } from '../../night/boards.ts';
import { keyOf } from '../context.ts';
import { HttpError } from '../http-errors.ts';
import { boardQuery, readQuery, requireRemembered } from '../query.ts';
import { perThousand, type Charge } from '../rate-limit/limiter.ts';
import { sendArray, sendObject, type IngressService } from '../service.ts';
import { boardView } from '../views.ts';

/** All boards of this Ronda, each as `getBoard` answers it. */
export function listBoards(service: IngressService, charge: Charge): RequestHandler {
  return async (request, response) => {
    const view = await viewer(service, request, charge);
    sendArray(response, service.boards.map(view));
  };
}

/** A board as Slack shows it, now or as it stood. */
export function getBoard(service: IngressService, charge: Charge): RequestHandler {
  return async (request, response) => {
    const { name } = request.params;
    const spec = service.boards.find((board) => board.name === name);
    if (spec === undefined) throw new HttpError(404, `Board ${String(name)} not found`);
    const view = await viewer(service, request, charge);
    sendObject(response, 200, view(spec));
  };
}

/**
 * What shows boards to the bearer of a request. A look at the past reads the streams of all schedulers: every
 * thousand of schedulers and events count as a further request.
 */
async function viewer(
  service: IngressService,
  request: Request,
  charge: Charge,
): Promise<(spec: BoardSpec) => Record<string, unknown>> {
  const { store } = service;
  const { at } = readQuery(request, boardQuery);
  requireRemembered(store, 'at', at);
  const reads = at === undefined ? {} : priced(() => charge(request));
  const snapshot = await readSnapshot(service, {
    ...reads,
    coverage: await readCoverage(store),
    at: at === undefined ? undefined : msOf(at),
  });
  const readAt = utc(store.clock.now());
  const { services } = keyOf(request);
  return (spec) => {
    const { board, unreadable } = boardIn(snapshot, spec);
    // Of what cannot be read nobody knows whose it is, so a key of some services is not told of it.
    const own = (one: Snapshot['unreadable'][number]): boolean =>
      services === null || (one.row !== null && services.includes(serviceOf(one.row)));
    const part =
      services === null ? board : partOf(board, ({ service_name }) => services.includes(service_name));
    return boardView(spec, part, unreadable.filter(own), readAt);
  };
}

function priced(charge: () => Promise<void>) {
  const read = perThousand(charge);
  return { onScheduler: read, onEvent: read };
}
