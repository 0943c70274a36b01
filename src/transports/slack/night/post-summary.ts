import { utc } from '../../../events/time.ts';
import { nightKey, type BoardSpec } from '../../../night/boards.ts';
import { boardKey, summaryKey } from '../../../night/plan.ts';
import type { Summary } from '../../../night/summary.ts';
import type { SlackContext } from '../context.ts';
import { renderSummary } from '../render/summary.ts';
import { RefusedError } from '../slack-errors.ts';

/** Posts the summary of a night, once, in a message of its own with a link to the board's. */
export async function postSummary(
  { api, clock, messenger, table }: SlackContext,
  board: BoardSpec,
  summary: Summary,
  complete: boolean,
): Promise<void> {
  const { night } = summary;
  const key = nightKey(board, night.date);
  const shown = await table.read({ night: key, message_key: boardKey(board, night) });
  const boardLink =
    shown?.channel === undefined || shown.ts === undefined
      ? null
      : await linkTo(api, shown.channel, shown.ts);
  const { name, channel, zone } = board;
  await messenger.publish(
    { night: key, message_key: summaryKey(board, night) },
    'summary',
    renderSummary(summary, { zone, boardLink, complete, name }),
    { channel, contentAt: utc(clock.now()), whenDeleted: 'drop', contentHash: 'said once' },
  );
}

/** A board that somebody deleted has no link. */
async function linkTo(api: SlackContext['api'], channel: string, ts: string): Promise<string | null> {
  try {
    return await api.permalink(channel, ts);
  } catch (error) {
    if (error instanceof RefusedError && error.kind === 'message') return null;
    throw error;
  }
}
