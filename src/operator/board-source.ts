import type { BoardSource } from '../board/read-board.ts';
import { createVerdictReader } from '../board/read-verdicts.ts';
import type { Settings } from '../config.ts';
import { boardsOf } from '../settings/boards-file.ts';
import type { Store } from '../store/store.ts';

/** What boards and nights are read from, by the settings. @throws UsageError for a file of boards with mistakes */
export function boardSourceOf(store: Store, settings: Settings): BoardSource {
  const boards = boardsOf(settings);
  return {
    ...{ store, boards, verdicts: createVerdictReader(store, boards) },
    stale: { defaultTimeoutMs: settings.STALE_AFTER_MINUTES * 60_000 },
  };
}
