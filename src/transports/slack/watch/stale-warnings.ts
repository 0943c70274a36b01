import { membership, type CurrentState } from '../../../../projections/current-state.ts';
import { eventKey } from '../../../events/order.ts';
import { msOf, utc } from '../../../events/time.ts';
import { isBoardFor, nightKey, type BoardSpec } from '../../../night/boards.ts';
import { nightAt, nightOf, previousNight, type Night } from '../../../night/night.ts';
import { staleJobsOf, type StaleJob } from '../../../night/stale.ts';
import { snoozeAt } from '../../../alerts/lifecycle.ts';
import { readMessage } from '../../../store/messages/messages.ts';
import { pinnedNight } from '../../../store/messages/alert-rows.ts';
import { staleDetails, type StaleDetails } from '../alerts/details.ts';
import type { SlackContext } from '../context.ts';
import { warningOf } from '../alerts/update-stale-warning.ts';
import { renderStale } from '../render/stale.ts';

/** The stale jobs that the board of a night shows now. */
export function staleJobsNow(
  { coverageMonitor, defaultTimeoutMs }: Pick<SlackContext, 'coverageMonitor' | 'defaultTimeoutMs'>,
  night: Night,
  rows: Iterable<CurrentState>,
): Map<string, StaleJob> {
  return staleJobsOf(rows, { ...coverageMonitor.current(), defaultTimeoutMs, night });
}

/**
 * Warns of every registered job that went stale, once for each time; not of one that went stale while its
 * alerts were snoozed. One whose last sign of life is older than the night before was warned of then, or is no news.
 * @param warned the keys of warnings that are known to be in Slack
 */
export async function postStaleWarnings(
  context: SlackContext,
  board: BoardSpec,
  rows: readonly CurrentState[],
  warned: ReadonlySet<string>,
): Promise<void> {
  const { boards, clock, messenger, owners, store } = context;
  const now = clock.now();
  const night = nightAt(now, board);
  if (now >= night.end) return;
  const oldest = previousNight(night).start;
  const byId = new Map(rows.map((row) => [row.scheduler_id, row]));
  for (const [id, { lastSign, timeoutMs, since }] of staleJobsNow(context, night, rows)) {
    const row = byId.get(id);
    const service = row?.registration?.service_name ?? row?.status?.service_name;
    if (row === undefined || service === undefined || !isBoardFor(boards, board, service)) continue;
    if (membership(row) !== 'registered' || snoozeAt(row, since) !== null) continue;
    if (msOf(lastSign.at) < oldest) continue;
    const message_key = `stale/${id}/${eventKey(lastSign)}`;
    if (warned.has(message_key)) continue;
    const wanted = nightKey(board, nightOf(msOf(lastSign.at), board));
    const key = { message_key, night: await pinnedNight(store, message_key, wanted, utc(now)) };
    // What an earlier try decided stands: the message may be in Slack with it.
    const before = staleDetails.safeParse((await readMessage(store, key))?.details).data;
    const details: StaleDetails = before ?? {
      scheduler_id: id,
      last_sign: lastSign,
      timeout_ms: timeoutMs,
      running_since: row.running?.at ?? null,
      ...(await owners.of(row, null)),
      sender: null,
      acknowledged: null,
      explains: row.heartbeat_timeout_minutes?.value == null,
      closed: false,
    };
    await messenger.publish(key, 'stale', renderStale(warningOf(context, key, details, row, null)), {
      channel: board.channel,
      saidAt: utc(now),
      whenDeleted: 'drop',
      details,
    });
  }
}
