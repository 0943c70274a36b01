import { currentStateProjection, type CurrentState } from '../../../projections/current-state.ts';
import type { RecordedEvent } from '../../events/event.ts';
import { append } from '../events/event-store.ts';
import { storedProjections } from './registry.ts';
import { projectAll } from './project.ts';
import { schedulerRows } from './scheduler-rows.ts';
import { resultOf, type Result } from '../result.ts';
import type { Store } from '../store.ts';

/** What became of one event: stored and projected, or why not (then nothing behind the failing step was done). */
export type Outcome =
  | { readonly ok: true; readonly recorded: RecordedEvent; readonly state: CurrentState }
  | { readonly ok: false; readonly error: unknown };

/**
 * Makes events true: appended, then in the current state, then in every other projection, in this order, each
 * step idempotent, so that a crash anywhere is repaired by recording them again. One outcome per event, in order;
 * the failure of one scheduler is not its neighbours'.
 *
 * Requests for n events of s schedulers, k of them statuses: n puts, 1 batch read, at most s writes,
 * 1 batch write per 25 of k.
 */
export async function record(
  store: Store,
  batch: readonly RecordedEvent[],
  projections = storedProjections,
): Promise<Outcome[]> {
  const appended = await Promise.all(batch.map((recorded) => resultOf(append(store, recorded))));
  const stored = appended.flatMap((step) => (step.ok ? [step.value] : []));
  const states = await projectAll(store, currentStateProjection, schedulerRows, stored);

  const projected = stored.filter(({ event }) => states.get(event.scheduler_id)?.ok === true);
  const failures = new Map<RecordedEvent, unknown>();
  for (const { name, apply } of projections) {
    if (name === currentStateProjection.name) continue;
    const steps = await apply(store, projected);
    for (const [n, recorded] of projected.entries()) {
      const step = steps[n];
      if (step?.ok === false) failures.set(recorded, step.error);
    }
  }

  return appended.map((step): Outcome => {
    if (!step.ok) return step;
    const recorded = step.value;
    const state: Result<CurrentState> | undefined = states.get(recorded.event.scheduler_id);
    if (state === undefined) throw new Error('every appended event has been projected or has failed');
    if (!state.ok) return state;
    if (failures.has(recorded)) return { ok: false, error: failures.get(recorded) };
    return { ok: true, recorded, state: state.value };
  });
}
