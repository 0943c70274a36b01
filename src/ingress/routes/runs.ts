import type { RequestHandler } from 'express';
import { readCoverage } from '../../board/coverage.ts';
import { runView } from '../../board/night-report.ts';
import { readRuns, type ReadRun } from '../../board/runs.ts';
import { msOf, utc } from '../../events/time.ts';
import { keyOf } from '../context.ts';
import { notFound } from '../http-errors.ts';
import { pathId, requireReadable, stateOf } from '../one-scheduler.ts';
import { readQuery, runsQuery } from '../query.ts';
import { sendArray, type IngressService } from '../service.ts';
import { readUpstreams, upstreamsOf } from '../upstreams.ts';

/** `GET /schedulers/{id}/runs`: the runs of a job, newest first; of a removed one too, as its history. */
export function getRuns(service: IngressService): RequestHandler {
  const { store } = service;
  return async (request, response) => {
    const id = pathId(request.params['id']);
    const { limit, from, to } = readQuery(request, runsQuery);
    const state = await stateOf(store, id);
    if (state === undefined) throw notFound(id);
    requireReadable(keyOf(request), state);
    const runs = await readRuns(
      service,
      state,
      await readUpstreams(store, upstreamsOf(state)),
      {
        limit,
        from: from === undefined ? undefined : msOf(from),
        to: to === undefined ? undefined : msOf(to),
      },
      await readCoverage(store),
    );
    sendArray(response, runs.map(view));
  };
}

function view({ run, slot, flags }: ReadRun): Record<string, unknown> {
  const { run_id, ...times } = runView(run);
  return {
    ...{ run_id, business_date: run.businessDate, ...times },
    slot: slot === null ? null : utc(slot.at),
    flags,
  };
}
