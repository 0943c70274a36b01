import { fold, type CurrentState } from '../../projections/current-state.ts';
import type { RondaEvent } from '../../src/events/event.ts';
import { boardOf, type Board, type BoardInput, type Cell } from '../../src/night/board.ts';
import { nightOn } from '../../src/night/night.ts';
import { at, idOf, recorded, registration, status } from '../support/events.ts';

/** Midnight in Jakarta is 17:00 UTC of the day before, which is the day of `at`. */
export const night = nightOn('2099-11-24', { zone: 'Asia/Jakarta', window: '00:00-06:00' });
export const now = ms('19:00:00.000');

export function ms(time: string): number {
  return Date.parse(at(time));
}

export function row(id: string, ...events: RondaEvent[]): CurrentState {
  return fold(
    id,
    events.map((event) => recorded({ ...event, scheduler_id: id })),
  );
}

export function board(rows: readonly CurrentState[], input: Partial<BoardInput> = {}): Board {
  return boardOf({ rows, night, at: now, staleIds: new Set(), services: null, ...input });
}

/** The only cell of a board, if there is one. */
export function cell(events: RondaEvent[], input: Partial<BoardInput> = {}): Cell | undefined {
  return board([row('payroll', ...events)], input).cells[0];
}

export function pending(time: string) {
  return status({ status: 'pending', occurred_at: at(time), event_id: idOf(4) });
}

export function running(time: string) {
  return status({ status: 'running', occurred_at: at(time) });
}

export function completed(time: string) {
  return status({ status: 'completed', occurred_at: at(time), event_id: idOf(2) });
}

export function failed(time: string) {
  return status({ status: 'failed', occurred_at: at(time), event_id: idOf(3), error_message: 'disk full' });
}

/** By default in the afternoon before the night. */
export function registered(fields: Partial<ReturnType<typeof registration>> = {}) {
  return registration({ occurred_at: at('10:00:00.000'), ...fields });
}
