import type { CurrentState } from '../../../projections/current-state.ts';
import { eventKey } from '../../events/order.ts';
import { msOf, utc } from '../../events/time.ts';
import { isBoardFor, nightKey, type BoardSpec } from '../../night/boards.ts';
import { nightAt, nightOf, previousNight, type Night } from '../../night/night.ts';
import { silencesOf, type Silence } from '../../night/silence.ts';
import { readMessage } from '../../store/messages.ts';
import { staleDetails, type StaleDetails } from '../alerts/facts.ts';
import type { SlackContext } from '../context.ts';
import { staleContent } from './follow.ts';

/** The silences that the picture of a night shows now. */
export function silencesNow(
  { ears, defaultTimeoutMs }: Pick<SlackContext, 'ears' | 'defaultTimeoutMs'>,
  night: Night,
  rows: Iterable<CurrentState>,
): Map<string, Silence> {
  const { judgedAt, heardSince } = ears.heard();
  return silencesOf(rows, { judgedAt, heardSince, defaultTimeoutMs, night });
}

/**
 * Warns of every job that fell silent, once for each silence. A snoozed scheduler's silence waits until the
 * snooze is over; one whose last sign of life is older than the night before was warned of then, or is no news.
 * @param warned the keys of warnings that are known to be in Slack
 */
export async function warnOfSilences(
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
  for (const [id, { lastSign, timeoutMs }] of silencesNow(context, night, rows)) {
    const row = byId.get(id);
    const service = row?.registration?.service_name ?? row?.status?.service_name;
    if (row === undefined || service === undefined || !isBoardFor(boards, board, service)) continue;
    if (msOf(lastSign.at) < oldest || (row.snooze !== null && msOf(row.snooze.until) > now)) continue;
    const key = {
      night: nightKey(board, nightOf(msOf(lastSign.at), board)),
      message_key: `stale/${id}/${eventKey(lastSign)}`,
    };
    if (warned.has(`${key.night}/${key.message_key}`)) continue;
    // What an earlier try decided stands: the message may be in Slack with it.
    const before = staleDetails.safeParse((await readMessage(store, key))?.details).data;
    const details: StaleDetails = before ?? {
      scheduler_id: id,
      last_sign: { at: lastSign.at, id: lastSign.id },
      timeout_ms: timeoutMs,
      running_since: row.running?.at ?? null,
      mention: await owners.of(row),
      closed: false,
    };
    await messenger.say(key, 'stale', staleContent(context, key.night, details, row), {
      channel: board.channel,
      saidAt: utc(now),
      whenDeleted: 'drop',
      details,
    });
  }
}
