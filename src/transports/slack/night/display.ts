import type { BoardSpec } from '../../../night/boards.ts';
import type { NightDisplay } from '../../../board/night-display.ts';
import { updateGroup } from '../alerts/update-group.ts';
import type { SlackContext } from '../context.ts';
import { createBoardDisplay } from './post-board.ts';
import { postSummary } from './post-summary.ts';
import { createAttempt } from './slack-backoff.ts';

/** A channel of Slack as the place where a board's nights are shown. */
export function createNightDisplay(context: SlackContext, board: BoardSpec): NightDisplay {
  return {
    ...createBoardDisplay(context, board),
    attempt: createAttempt(context, board.channel),
    showSummary: (summary, complete) => postSummary(context, board, summary, complete),
    updateGroup: (row) => updateGroup(context, row),
    recheck: async (row) => {
      await context.messenger.recheck(row);
    },
  };
}
