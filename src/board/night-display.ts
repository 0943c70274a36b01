import type { Board } from '../night/board.ts';
import type { Gap } from '../night/coverage.ts';
import type { Summary } from '../night/summary.ts';
import type { MessageRow } from '../store/messages/messages.ts';

/** What a reader must know of a board that is incomplete. Instants are Ronda's time, ms UTC. */
export type BoardCaveats = {
  /** Up to when events have been read, where that is too long ago; null: nobody reads. */
  readonly lag: { readonly readUpTo: number | null; readonly queued: number | null } | undefined;
  /** When there was no coverage. */
  readonly gaps: readonly Gap[];
  /** Schedulers that may be missing, since their rows cannot be read. */
  readonly unreadable: readonly string[];
  /** What the transports of its alerts do not take, a line each. */
  readonly deliveries: readonly string[];
};

/** What a board is shown from. */
export type BoardInputs = {
  readonly board: Board;
  readonly slot: number;
  /** Whether it shows all that happened but for the last moments. */
  readonly whole: boolean;
  /** Ronda's time, ms UTC, of the round that shows it. */
  readonly now: number;
  readonly caveats: BoardCaveats;
  /** The messages of the night as the plan found them. */
  readonly messages: readonly MessageRow[];
};

/** Where a board's nights are shown. */
export type NightDisplay = {
  /**
   * Does something under the display's back-off: not at all while the last try of `what` failed, or the display is
   * away; and what fails by its fault is logged.
   * @throws what is not the display's fault
   */
  readonly attempt: (what: string, work: () => Promise<void>) => Promise<void>;
  /**
   * Shows a night's board as it is now. Shown again for the same `slot` nothing is sent unless a reader would see a
   * difference, nor when somebody else has shown something since the plan was made.
   */
  readonly showBoard: (inputs: BoardInputs, signal: AbortSignal) => Promise<void>;
  /** Goes on with a board of many parts that this process had to interrupt, with the content that it began with. */
  readonly continueBoard: (signal: AbortSignal) => Promise<void>;
  /** Shows the summary of a night, once. @param complete whether all that happened in it has been read */
  readonly showSummary: (summary: Summary, complete: boolean) => Promise<void>;
  /** Brings the message of a group of alerts up to date. */
  readonly updateGroup: (message: MessageRow) => Promise<void>;
  /** Looks for messages of a row that came late. */
  readonly recheck: (message: MessageRow) => Promise<void>;
};
