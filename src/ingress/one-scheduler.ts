import type { Request } from 'express';
import type { CurrentState } from '../../projections/current-state.ts';
import { InvalidInputError } from '../errors.ts';
import type { RondaEvent } from '../events/event.ts';
import { schedulerId } from '../events/fields.ts';
import { lastInstant, msOf, utc } from '../events/time.ts';
import type { ApiKey } from '../store/keys/api-keys.ts';
import { record } from '../store/projections/record.ts';
import { readRow, unreadableRow } from '../store/projections/scheduler-rows.ts';
import type { Store } from '../store/store.ts';
import { requireService } from './authentication.ts';
import { enqueue, recordedBy, type IngressService } from './service.ts';

/** What the routes of one scheduler have in common: its state, who may have it, and how it is changed at once. */

/** The id in a path. @throws InvalidInputError when no scheduler can have it */
export function pathId(id: unknown): string {
  const parsed = schedulerId.safeParse(id);
  if (parsed.success) return parsed.data;
  throw new InvalidInputError(parsed.error.issues.map(({ message }) => `scheduler_id: ${message}`));
}

/** The state of a scheduler, read consistently; undefined when nothing is known of it. */
export async function stateOf(store: Store, id: string): Promise<CurrentState | undefined> {
  const row = await readRow(store, id);
  if (row === undefined) return undefined;
  if (row.state === undefined) throw unreadableRow(id);
  return row.state;
}

/** The service that a scheduler belongs to; null where nothing says it. */
export function serviceOf(state: CurrentState | undefined): string | null {
  return (state?.registration ?? state?.status)?.service_name ?? null;
}

/** A key that is limited to services reads their schedulers alone; one that is of no service yet is not theirs. */
export function mayRead({ services }: ApiKey, state: CurrentState): boolean {
  return services === null || services.includes(serviceOf(state) ?? '');
}

/** @throws HttpError 403 when the scheduler is there and is none that the key may read */
export function requireReadable(key: ApiKey, state: CurrentState | undefined): void {
  if (state === undefined || mayRead(key, state)) return;
  requireService(key, serviceOf(state) ?? 'of this scheduler');
}

/** Later than every registration, removal and expectation known, so that it takes effect whatever clocks did before. */
export function nextStamp(now: number, state: CurrentState | undefined): string {
  const known = [state?.registration, state?.removal, state?.expectation].map((cell) =>
    cell ? msOf(cell.at) + 1 : 0,
  );
  return utc(Math.min(Math.max(now, ...known), lastInstant));
}

/**
 * Queues an event as any other, then applies it here as well, so that the answer already shows it; the
 * consumer's second application changes nothing. Its acceptance is its own time, which may lie a little ahead.
 */
export async function apply(
  service: IngressService,
  request: Request,
  event: RondaEvent,
  stamp: string,
): Promise<CurrentState> {
  const recorded = recordedBy(request, event, stamp);
  await enqueue(service, request, recorded);
  const [outcome] = await record(service.store, [recorded]);
  if (outcome === undefined) throw new Error('record answers for every event');
  if (!outcome.ok) throw outcome.error;
  return outcome.state;
}
