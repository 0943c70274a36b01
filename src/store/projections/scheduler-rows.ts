import { currentStateProjection } from '../../../projections/current-state.ts';
import { DependencyError } from '../../errors.ts';
import { stateRows } from './state-rows.ts';

/** The current states, as most of Ronda reads them. */
export const schedulerRows = stateRows(currentStateProjection);
export const { readRows, readEach, readRow, swapRow, scanRows } = schedulerRows;

/** A row is there, and cannot be read: a newer version wrote it, or it was damaged. Another replica may do better. */
export function unreadableRow(schedulerId: string): DependencyError {
  return new DependencyError('projection', `the row of ${schedulerId} has another version`);
}
