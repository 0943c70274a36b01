import type { RequestHandler } from 'express';
import { detailsOf, membership, type CurrentState } from '../../../projections/current-state.ts';
import { schedulerView } from '../../../projections/scheduler-view.ts';
import { InvalidInputError } from '../../errors.ts';
import { eventTypes, saysNothingNew } from '../../events/event.ts';
import type { IdConvention } from '../../events/id-convention.ts';
import { readBody } from '../../events/members.ts';
import { eventOf } from '../../events/reports.ts';
import { stateAsOf } from '../../store/projections/as-of.ts';
import type { ApiKey } from '../../store/keys/api-keys.ts';
import { claimId } from '../../store/keys/id-claims.ts';
import { scanRows } from '../../store/projections/scheduler-rows.ts';
import type { Store } from '../../store/store.ts';
import { requireService } from '../authentication.ts';
import { bodyMembers } from '../body.ts';
import { keyOf } from '../context.ts';
import { notFound } from '../http-errors.ts';
import { perThousand, type Charge } from '../rate-limit/limiter.ts';
import { listQuery, nextLink, readQuery, requireRemembered, schedulerQuery } from '../query.ts';
import { apply, mayRead, nextStamp, pathId, requireReadable, serviceOf, stateOf } from '../one-scheduler.ts';
import { sendArray, sendObject, type IngressService } from '../service.ts';
import { requireUpstreams } from '../upstreams.ts';
import { registeredView } from '../views.ts';

/** A registration takes effect when it is made, whatever it says of its time. */
const registerBody = eventTypes.register.body.omit({ timestamp: true, event_id: true });

/**
 * `POST /schedulers/register`: 201 for a new scheduler, 200 for one that is known; what says nothing new makes no
 * event.
 */
export function registerScheduler(service: IngressService): RequestHandler {
  const { store, clock, directory, idConvention } = service;
  return async (request, response) => {
    const read = readBody(bodyMembers(request), registerBody, { type: 'register' });
    if (!read.ok) throw new InvalidInputError(read.issues);
    const { scheduler_id, service_name } = read.value;
    const state = await stateToRegister(store, keyOf(request), read.value);

    if (typeof read.value.expectation === 'string')
      await requireUpstreams(
        store,
        keyOf(request),
        read.value.scheduler_id,
        read.value.expectation,
        'expectation.',
      );

    const stamp = nextStamp(clock.now(), state);
    const event = eventOf(read.value, { timestamp: stamp });
    const isNew = state === undefined || membership(state) !== 'registered';
    if (isNew) requireForm(scheduler_id, idConvention);
    if (!isNew && saysNothingNew({ ...state.registration, ...detailsOf(state) }, event)) {
      sendObject(response, 200, registeredView(state));
      return;
    }
    const after = await apply(service, request, event, stamp);
    directory.add(scheduler_id, service_name);
    sendObject(response, isNew ? 201 : 200, registeredView(after));
  };
}

/** @throws InvalidInputError when an id keeps not to the convention */
function requireForm(id: string, convention: IdConvention | undefined): void {
  if (convention === undefined || convention.matches(id)) return;
  throw new InvalidInputError([`scheduler_id: must match ${convention.text}, like ${convention.example}`]);
}

/**
 * The state of a scheduler that a key is about to register, by when no other service can do so at the same moment.
 * @throws HttpError 403 when it is another service's than the key's, or is becoming one's
 */
async function stateToRegister(
  store: Store,
  key: ApiKey,
  { scheduler_id, service_name }: { readonly scheduler_id: string; readonly service_name: string },
): Promise<CurrentState | undefined> {
  requireService(key, service_name);
  const state = await stateOf(store, scheduler_id);
  requireService(key, serviceOf(state));
  if (serviceOf(state) !== null) return state;
  requireService(key, await claimId(store, scheduler_id, service_name));
  const claimed = await stateOf(store, scheduler_id);
  requireService(key, serviceOf(claimed));
  return claimed;
}

/** `DELETE /schedulers/{id}`: 204 once the removal is queued and applied, 404 where there is nothing to remove. */
export function removeScheduler(service: IngressService): RequestHandler {
  const { store, clock, directory } = service;
  return async (request, response) => {
    const id = pathId(request.params['id']);
    const state = await stateOf(store, id);
    if (state === undefined || membership(state) === 'removed') throw notFound(id);
    requireService(keyOf(request), serviceOf(state));
    const stamp = nextStamp(clock.now(), state);
    await apply(service, request, eventOf({ type: 'remove', scheduler_id: id }, { timestamp: stamp }), stamp);
    directory.remove(id);
    response.status(204).end();
  };
}

/** A look at the past reads a stream: every thousand events of it count as a further request. */
export function getScheduler({ store }: IngressService, charge: Charge): RequestHandler {
  return async (request, response) => {
    const id = pathId(request.params['id']);
    const { as_of } = readQuery(request, schedulerQuery);
    requireRemembered(store, 'as_of', as_of);
    const key = keyOf(request);
    const now = as_of === undefined || key.services !== null ? await stateOf(store, id) : undefined;
    requireReadable(key, now);
    const state =
      as_of === undefined
        ? now
        : await stateAsOf(store, id, as_of, { onEvent: perThousand(() => charge(request)) });
    if (state === undefined || membership(state) === 'removed') throw notFound(id);
    sendObject(response, 200, schedulerView(state));
  };
}

/**
 * `GET /schedulers`: those that the key may read and that were not removed, filtered; paged if a limit is given.
 */
export function listSchedulers({ store }: IngressService): RequestHandler {
  return async (request, response) => {
    const { status, service, limit, cursor } = readQuery(request, listQuery);
    const found: CurrentState[] = [];
    let more = false;
    for await (const row of scanRows(store, cursor)) {
      if (membership(row) === 'removed' || !mayRead(keyOf(request), row)) continue;
      if (status !== undefined && (row.status?.status ?? 'pending') !== status) continue;
      if (service !== undefined && serviceOf(row) !== service) continue;
      more = found.length === limit;
      if (more) break;
      found.push(row);
    }
    const last = found.at(-1);
    if (more && last !== undefined) response.setHeader('Link', nextLink(request, last.scheduler_id));
    // Pages follow the table, whose order means nothing; the whole list can be put in one that does.
    if (limit === undefined) found.sort((a, b) => (a.scheduler_id < b.scheduler_id ? -1 : 1));
    sendArray(response, found.map(schedulerView));
  };
}
