import type { Request, RequestHandler } from 'express';
import { membership, type CurrentState } from '../../../projections/current-state.ts';
import { expectation, expectationText } from '../../events/expectation.ts';
import { InvalidInputError } from '../../errors.ts';
import { JsonText } from '../../events/json-text.ts';
import { eventOf } from '../../events/reports.ts';
import { requireService } from '../authentication.ts';
import { bodyMembers, readWhole } from '../body.ts';
import { keyOf } from '../context.ts';
import { HttpError, notFound } from '../http-errors.ts';
import { apply, nextStamp, pathId, requireReadable, serviceOf, stateOf } from '../one-scheduler.ts';
import { sendJson, type IngressService } from '../service.ts';
import { requireUpstreams } from '../upstreams.ts';

/**
 * `PUT /schedulers/{id}/expectation`: 200 with the stored one once it is queued and applied; one that is there already
 * makes no event. 404 for a scheduler that is not registered.
 */
export function setExpectation(service: IngressService): RequestHandler {
  const { store } = service;
  return async (request, response) => {
    const id = pathId(request.params['id']);
    const kept = readText(request);
    const state = await stateOf(store, id);
    if (state === undefined || membership(state) !== 'registered')
      throw new HttpError(404, `Scheduler ${id} not found. Please register first.`);
    requireService(keyOf(request), serviceOf(state));
    await requireUpstreams(store, keyOf(request), id, kept);
    if (state.expectation?.value !== kept) await change(service, request, state, kept);
    sendJson(response, new JsonText(kept));
  };
}

/** `GET /schedulers/{id}/expectation`: 404 without one. */
export function getExpectation({ store }: IngressService): RequestHandler {
  return async (request, response) => {
    const id = pathId(request.params['id']);
    const state = await stateOf(store, id);
    requireReadable(keyOf(request), state);
    sendJson(response, new JsonText(expectationOf(id, state)));
  };
}

/** `DELETE /schedulers/{id}/expectation`: 204 once it is queued and applied, 404 without one. */
export function removeExpectation(service: IngressService): RequestHandler {
  return async (request, response) => {
    const id = pathId(request.params['id']);
    const state = await stateOf(service.store, id);
    if (state !== undefined) requireService(keyOf(request), serviceOf(state));
    expectationOf(id, state);
    if (state !== undefined) await change(service, request, state, null);
    response.status(204).end();
  };
}

/** @throws InvalidInputError that names each bad field */
function readText(request: Request): string {
  const text = expectationText.safeParse(readWhole(bodyMembers(request), expectation));
  if (text.success) return text.data;
  throw new InvalidInputError(text.error.issues.map(({ message }) => `expectation: ${message}`));
}

/** The text of the expectation of a scheduler. @throws HttpError 404 when there is none */
function expectationOf(id: string, state: CurrentState | undefined): string {
  if (state === undefined || membership(state) === 'removed') throw notFound(id);
  const kept = state.expectation?.value ?? null;
  if (kept === null) throw new HttpError(404, `Scheduler ${id} has no expectation`);
  return kept;
}

async function change(
  service: IngressService,
  request: Request,
  state: CurrentState,
  expectation: string | null,
): Promise<void> {
  const { scheduler_id } = state;
  const stamp = nextStamp(service.clock.now(), state);
  const event = eventOf({ type: 'expect', scheduler_id, expectation }, { timestamp: stamp });
  await apply(service, request, event, stamp);
}
