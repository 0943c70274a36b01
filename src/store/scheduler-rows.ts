import { currentStateProjection } from '../../projections/current-state.ts';
import { stateRows } from './state-rows.ts';

/** The current states, as most of Ronda reads them. */
export const schedulerRows = stateRows(currentStateProjection);
export const { readRows, readEach, readRow, swapRow, scanRows } = schedulerRows;
