import type { CurrentState } from '../../../../projections/current-state.ts';
import type { HistoryEntry } from '../../../../projections/history.ts';
import { msOf, utc } from '../../../events/time.ts';
import { nightKey, type BoardSpec } from '../../../night/boards.ts';
import type { Night } from '../../../night/night.ts';
import { boardKey, summaryKey } from '../../../night/plan.ts';
import { summaryOf } from '../../../night/summary.ts';
import { readHistory } from '../../../store/projections/history-rows.ts';
import { readMessage } from '../../../store/messages/messages.ts';
import type { SlackContext } from '../context.ts';
import { renderSummary } from '../render/summary.ts';
import { RefusedError } from '../slack-errors.ts';
import { staleJobsNow } from './stale-warnings.ts';

const concurrentReads = 16;

/**
 * Sums a night up in a message of its own. A night before the first registration has nothing to be summed up.
 * @returns false when there was nobody to watch
 */
export async function postSummary(
  context: SlackContext,
  board: BoardSpec,
  night: Night,
  complete: boolean,
  all: readonly CurrentState[],
): Promise<boolean> {
  const rows = all.filter((row) => isOn(board, row));
  if (!rows.some(({ created }) => created !== null && msOf(created.at) < night.end)) return false;
  const { api, clock, messenger, store } = context;
  const summary = summaryOf({
    rows,
    night,
    at: clock.now(),
    histories: await historiesOf(context, night, rows),
    services: board.services,
    staleIds: staleJobsNow(context, night, rows),
  });
  const key = nightKey(board, night.date);
  const shown = await readMessage(store, { night: key, message_key: boardKey(board, night) });
  const boardLink =
    shown?.channel === undefined || shown.ts === undefined
      ? null
      : await linkTo(api, shown.channel, shown.ts);
  const { name, channel, zone } = board;
  await messenger.publish(
    { night: key, message_key: summaryKey(board, night) },
    'summary',
    renderSummary(summary, { zone, boardLink, complete, name }),
    { channel, saidAt: utc(clock.now()), whenDeleted: 'drop', contentHash: 'said once' },
  );
  return true;
}

/** Whether a board watches a scheduler: a night's history is read of those alone. */
function isOn({ services }: BoardSpec, { registration, status }: CurrentState): boolean {
  const service = (registration ?? status)?.service_name;
  return services === null || (service !== undefined && services.includes(service));
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

/** One query of one night for each scheduler. */
async function historiesOf(
  { store }: SlackContext,
  { start }: Night,
  rows: readonly CurrentState[],
): Promise<Map<string, HistoryEntry[]>> {
  const histories = new Map<string, HistoryEntry[]>();
  const waiting = rows.map(({ scheduler_id }) => scheduler_id);
  const range = { from: utc(start) };
  const read = async (): Promise<void> => {
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      histories.set(id, await Array.fromAsync(readHistory(store, id, range)));
    }
  };
  await Promise.all(Array.from({ length: concurrentReads }, read));
  return histories;
}
