import { lift } from '../../projections/history.ts';
import type { CurrentState } from '../../projections/current-state.ts';
import type { RecordedEvent } from '../events/event.ts';
import { append } from './event-store.ts';
import { putEntries } from './history-rows.ts';
import { project } from './project.ts';
import { readRows } from './scheduler-rows.ts';
import type { Store } from './store.ts';

/** What became of one event: stored and projected, or why not (then nothing behind the failing step was done). */
export type Outcome =
  | { readonly ok: true; readonly recorded: RecordedEvent; readonly state: CurrentState }
  | { readonly ok: false; readonly error: unknown };

/**
 * Makes events true: appended, then in the current state, then in the history, in this order, each step
 * idempotent, so that a crash anywhere is repaired by recording them again. One outcome per event, in order;
 * the failure of one scheduler is not its neighbours'.
 *
 * Requests for n events of s schedulers, k of them statuses: n puts, 1 batch read, at most s writes,
 * 1 batch write per 25 of k.
 */
export async function record(store: Store, batch: readonly RecordedEvent[]): Promise<Outcome[]> {
  const appended = await Promise.all(batch.map((recorded) => settle(append(store, recorded))));

  const bySchedulers = new Map<string, RecordedEvent[]>();
  for (const step of appended) {
    if (!step.ok) continue;
    const { scheduler_id } = step.value.event;
    const events = bySchedulers.get(scheduler_id);
    if (events === undefined) bySchedulers.set(scheduler_id, [step.value]);
    else events.push(step.value);
  }
  const states = await projectAll(store, bySchedulers);

  const projected = appended.flatMap((step) =>
    step.ok && states.get(step.value.event.scheduler_id)?.ok === true ? [step.value] : [],
  );
  const written = await settle(putEntries(store, projected.map(lift)));

  return appended.map((step): Outcome => {
    if (!step.ok) return step;
    const state = states.get(step.value.event.scheduler_id);
    if (state === undefined) throw new Error('every appended event has been projected or has failed');
    if (!state.ok) return state;
    if (!written.ok && step.value.event.type === 'status_reported') return written;
    return { ok: true, recorded: step.value, state: state.value };
  });
}

async function projectAll(
  store: Store,
  bySchedulers: ReadonlyMap<string, readonly RecordedEvent[]>,
): Promise<Map<string, Step<CurrentState>>> {
  const rows = await settle(readRows(store, [...bySchedulers.keys()]));
  const steps = [...bySchedulers].map(async ([id, events]): Promise<[string, Step<CurrentState>]> => {
    return [id, rows.ok ? await settle(project(store, id, events, rows.value.get(id))) : rows];
  });
  return new Map(await Promise.all(steps));
}

type Step<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown };

async function settle<T>(promise: Promise<T>): Promise<Step<T>> {
  try {
    return { ok: true, value: await promise };
  } catch (error) {
    return { ok: false, error };
  }
}
