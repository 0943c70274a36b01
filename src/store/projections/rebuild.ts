/** Where a row says something else than its events. */
export type Difference = {
  /** Which of a scheduler's rows, by its sort key; null where there is only one. */
  readonly row: string | null;
  /** `row` when all of it is missing or has no event behind it, `version` when another version wrote it. */
  readonly field: string;
  /** Undefined: not there. */
  readonly live: unknown;
  readonly rebuilt: unknown;
  /** The key of the event that decides it, `time#id`; null when there is none. */
  readonly decidedBy: string | null;
};

/** What was found, and done, about one scheduler's rows in one projection. Counts are of rows, but for `events`. */
export type Examination = {
  readonly events: number;
  readonly unchanged: number;
  /** Differed from what the events tell, and were made anew if that was asked for. */
  readonly changed: number;
  /** Have no event behind them, and were left. */
  readonly orphaned: number;
  readonly pruned: number;
  /** The fields that come from events past their retention: they are kept, since nothing can tell any more. */
  readonly carried: readonly string[];
  /** How often a consumer wrote meanwhile, so that all was read again. */
  readonly conflicts: number;
  /** The first of them, at most `maxDifferences`. */
  readonly differences: readonly Difference[];
};

export type RebuildOptions = {
  /** Whether rows are made anew, or only looked at. */
  readonly write: boolean;
  /** Whether rows with no event behind them are removed, if rows are written at all. */
  readonly prune?: boolean;
};

export const maxDifferences = 100;
