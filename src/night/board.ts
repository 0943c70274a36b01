import type { Night } from './night.ts';

/** What a board says of a scheduler, in the order of what needs a person. */
export const cellStates = ['failed', 'stale', 'running', 'pending', 'completed'] as const;
export type CellState = (typeof cellStates)[number];

/** One scheduler's line of a board. Instants are ms UTC in Ronda's time, durations ms. */
export type Cell = {
  readonly scheduler_id: string;
  readonly service_name: string;
  readonly job_name: string;
  readonly state: CellState;
  /** When the state began: of a running or stale job its start, of an ended one its end. */
  readonly since: number | null;
  /** How long the run took, or has taken so far. */
  readonly duration: number | null;
  /** Of a failed one. */
  readonly error: string | null;
  /** The last sign of life of a running or stale one. */
  readonly heartbeat: number | null;
  readonly registered: boolean;
  /** Who acknowledged the failure that the cell shows. */
  readonly acknowledgedBy: string | null;
  /** Until when its alerts are snoozed, if that lies ahead, and by whom. */
  readonly snoozed: { readonly until: number; readonly by: string } | null;
};

export type Board = {
  readonly night: Night;
  /** When the picture was taken. */
  readonly at: number;
  /** Sorted by state, then service, job and id. */
  readonly cells: readonly Cell[];
  readonly counts: Readonly<Record<CellState, number>>;
};
