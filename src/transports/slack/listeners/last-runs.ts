import type { HistoryEntry } from '../../../../projections/history.ts';
import { runsOf } from '../../../night/runs.ts';
import type { Run } from '../render/scheduler-answer.ts';

/**
 * What a scheduler did last, newest first: each end, and the start of a run that has not ended. Pure.
 * @param entries in any order
 * @param max how many at most
 */
export function lastRuns(entries: readonly HistoryEntry[], max: number): Run[] {
  const { ends, underway } = runsOf(entries, null);
  const begun: Run[] =
    underway === null ? [] : [{ status: 'running', at: underway, duration: null, error: null }];
  return [...begun, ...ends.toReversed()].slice(0, max);
}
