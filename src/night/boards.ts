import { nightOf, type NightWindow } from './night.ts';

/** Where alerts of a board go: to `to`, if they are of what it names; what it does not name is any. */
export type Route = {
  readonly severity?: readonly ('critical' | 'error' | 'warning')[] | undefined;
  readonly kinds?:
    readonly ('failure' | 'stale' | 'late' | 'overdue' | 'too_short' | 'too_long' | 'unmet')[] | undefined;
  readonly services?: readonly string[] | undefined;
  /** A transport: `slack`, `slack:C0123ABCD`, `webhook:ops`. */
  readonly to: string;
  /** Only what is neither acknowledged nor over so long after it was opened. Ronda's minutes. */
  readonly after_minutes?: number | undefined;
};

/** One board: what it watches, when, and where it is shown. */
export type BoardSpec = NightWindow & {
  /** Names its nights: `eod/2026-11-23`. */
  readonly name: string;
  /** Slack's id of the channel. */
  readonly channel: string;
  readonly updateMinutes: number;
  /** Only schedulers of these services; null: all. */
  readonly services: readonly string[] | null;
  /** Where its alerts go; absent: to its channel in Slack. */
  readonly routes?: readonly Route[] | undefined;
};

/** The key of a night of a board, under which everything that is said of it is kept. */
export function nightKey(board: Pick<BoardSpec, 'name'>, date: string): string {
  return `${board.name}/${date}`;
}

/**
 * Where an instant's news of a service belong. The first board that watches the service has it, so that a
 * failure is told once; what no board watches goes to the first, so that it is told at all.
 * @param at ms UTC
 */
export function nightKeyFor(boards: readonly BoardSpec[], service: string, at: number): string {
  const board = boardFor(boards, service);
  return nightKey(board, nightOf(at, board));
}

/**
 * The board that has a service's alerts: the first that watches it, else the first of all. @throws Error without
 * boards
 */
export function boardFor(boards: readonly BoardSpec[], service: string): BoardSpec {
  const board = boards.find(({ services }) => services?.includes(service) ?? true) ?? boards[0];
  if (board === undefined) throw new Error('there is always a board');
  return board;
}

/** Whether a board has a service's alerts. */
export function isBoardFor(boards: readonly BoardSpec[], board: BoardSpec, service: string): boolean {
  return boardFor(boards, service).name === board.name;
}
