import {
  hasCompletedAfter,
  progressOf,
  type Failure,
  type KnownProgress,
  type Progress,
} from '../../../alerts/lifecycle.ts';
import type { CurrentState } from '../../../../projections/current-state.ts';
import { firstCompletionAfter } from '../../../store/projections/history-rows.ts';
import type { SlackContext } from '../context.ts';

/** Rows of schedulers by id, as read for one round of the watch. */
export type Rows = ReadonlyMap<string, CurrentState>;

/**
 * How a failure went on, as far as is known now. The history is asked only when the job's row tells of a completion
 * that nothing is written down of yet.
 */
export async function readProgress(
  { store, clock }: Pick<SlackContext, 'store' | 'clock'>,
  failure: Failure,
  row: CurrentState | undefined,
  known: KnownProgress,
): Promise<Progress> {
  const { scheduler_id, event_id, occurred_at } = failure;
  const isNews = known.recovered == null && hasCompletedAfter(failure, row);
  const first = isNews
    ? ((await firstCompletionAfter(store, scheduler_id, occurred_at)) ?? row?.completed?.at ?? null)
    : null;
  return progressOf(event_id, row, first, known, clock.now());
}

/** What stands for a progress in a comparison: an alert is edited when it changes. */
export function progressHash(progress: Progress, mention: string | null): string {
  return JSON.stringify([progress, mention]);
}
