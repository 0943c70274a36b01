import { randomUUID } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import { z } from 'zod';
import { rulesIn, type PlannedMaintenance } from '../../../projections/rules.ts';
import { ruleTypes } from '../../events/event.ts';
import { isUuid, person } from '../../events/fields.ts';
import { readBody } from '../../events/members.ts';
import { InvalidInputError } from '../../errors.ts';
import { maintenance, maintenanceStream, type Maintenance } from '../../events/rules.ts';
import { msOf, utc } from '../../events/time.ts';
import { readRows, unreadableRow } from '../../store/projections/scheduler-rows.ts';
import { stampAfter } from '../../store/projections/record-rule.ts';
import { readStream, readStreams } from '../../store/projections/rule-rows.ts';
import type { ApiKey } from '../../store/keys/api-keys.ts';
import type { Store } from '../../store/store.ts';
import { requireService } from '../authentication.ts';
import { bodyMembers, readWhole } from '../body.ts';
import { keyOf } from '../context.ts';
import { HttpError } from '../http-errors.ts';
import { requireReadable } from '../one-scheduler.ts';
import { applyRule } from '../rules.ts';
import { sendArray, sendObject, type IngressService } from '../service.ts';

const byWhom = z.object({ by: person.optional() });

/** `POST /maintenance`: 201 with what is planned and its id, applied. */
export function planMaintenance(service: IngressService): RequestHandler {
  const { store, clock } = service;
  return async (request, response) => {
    const key = keyOf(request);
    const { value, by } = readPlan(request);
    await requireOwn(store, key, value);
    const id = randomUUID();
    const said = {
      scheduler_id: maintenanceStream(id),
      maintenance: JSON.stringify(value),
      by: by ?? key.name,
    };
    const planned = ruleTypes.maintenance.contentOf(said, utc(clock.now()));
    const { event_id, occurred_at } = await applyRule(service, request, planned);
    const plan = { id, event_id, plannedAt: msOf(occurred_at), endedAt: null, by: said.by, value };
    sendObject(response, 201, maintenanceView(plan));
  };
}

/** `GET /maintenance`: all that was ever planned, and that the key may plan, what begins last first. */
export function listMaintenance({ store }: IngressService): RequestHandler {
  return async (request, response) => {
    const { maintenances } = await readStreams(store, maintenanceStream(''));
    const own: PlannedMaintenance[] = [];
    for (const one of maintenances) if (await isOwn(store, keyOf(request), one.value)) own.push(one);
    own.sort((a, b) => msOf(b.value.from) - msOf(a.value.from));
    sendArray(response, own.map(maintenanceView));
  };
}

/** `DELETE /maintenance/{id}`: 204 once it is ended; 404 where there is none, or it was ended before. */
export function endMaintenance(service: IngressService): RequestHandler {
  const { store, clock } = service;
  return async (request, response) => {
    const id = pathUuid(request.params['id']);
    const stream = maintenanceStream(id);
    const rows = await readStream(store, stream);
    const [plan] = rulesIn(rows).maintenances;
    if (plan === undefined || plan.endedAt !== null) throw new HttpError(404, `Maintenance ${id} not found`);
    await requireOwn(store, keyOf(request), plan.value);
    const said = { scheduler_id: stream, by: keyOf(request).name };
    const stamp = stampAfter(clock.now(), rows.at(-1));
    await applyRule(service, request, ruleTypes.end_maintenance.contentOf(said, stamp));
    response.status(204).end();
  };
}

/** @throws InvalidInputError that names each bad field */
function readPlan(request: Request): { value: Maintenance; by: string | undefined } {
  const members = bodyMembers(request);
  const given = readBody(members, byWhom);
  members.delete('by');
  try {
    const value = readWhole(members, maintenance);
    if (given.ok) return { value, by: given.value.by };
  } catch (error) {
    if (!(error instanceof InvalidInputError) || given.ok) throw error;
    throw new InvalidInputError([...error.issues, ...given.issues]);
  }
  throw new InvalidInputError(given.issues);
}

/** @throws HttpError 403 when it concerns another service's schedulers than the key's */
async function requireOwn(
  store: Store,
  key: ApiKey,
  { services = [], scheduler_ids = [] }: Maintenance,
): Promise<void> {
  if (key.services === null) return;
  requireService(key, ...services);
  const rows = await readRows(store, scheduler_ids);
  for (const [id, { state }] of rows) {
    if (state === undefined) throw unreadableRow(id);
    requireReadable(key, state);
  }
}

async function isOwn(store: Store, key: ApiKey, value: Maintenance): Promise<boolean> {
  try {
    await requireOwn(store, key, value);
    return true;
  } catch (error) {
    if (error instanceof HttpError) return false;
    throw error;
  }
}

/** @throws InvalidInputError when no maintenance can have this id */
function pathUuid(given: unknown): string {
  if (typeof given === 'string' && isUuid(given)) return given.toLowerCase();
  throw new InvalidInputError(['id: must be a UUID']);
}

function maintenanceView({ id, value, by, plannedAt, endedAt }: PlannedMaintenance): Record<string, unknown> {
  return {
    id,
    scheduler_ids: value.scheduler_ids,
    services: value.services,
    ...{ from: value.from, until: value.until, reason: value.reason, by },
    planned_at: utc(plannedAt),
    ended_at: endedAt === null ? null : utc(endedAt),
  };
}
