import { membership, type CurrentState } from '../../projections/current-state.ts';
import type { AlertContext } from '../alerts/context.ts';
import { snoozeAt } from '../alerts/lifecycle.ts';
import { eventKey } from '../events/order.ts';
import { msOf, utc } from '../events/time.ts';
import { isBoardFor, nightKey, type BoardSpec } from '../night/boards.ts';
import { nightOf, previousNight, type Night } from '../night/night.ts';
import { staleJobsOf, type StaleJob } from '../night/stale.ts';
import type { AlertRow } from '../store/alerts/alert-rows.ts';
import { pinnedNight } from '../store/alerts/pinned-night.ts';
import type { WatchContext } from './context.ts';

/** The stale jobs that the board of a night shows now. */
export function staleJobsNow(
  { coverageMonitor, defaultTimeoutMs }: Pick<WatchContext, 'coverageMonitor' | 'defaultTimeoutMs'>,
  night: Night,
  rows: Iterable<CurrentState>,
): Map<string, StaleJob> {
  return staleJobsOf(rows, { ...coverageMonitor.current(), defaultTimeoutMs, night });
}

/**
 * Opens an alert of every registered job that went stale, once for each time; not of one that went stale while its
 * alerts were snoozed. One whose last sign of life is older than the night before was alerted of then, or is no news.
 * @param known alerts that are there already
 * @returns those that were opened here
 */
export async function openStaleAlerts(
  context: WatchContext,
  board: BoardSpec,
  night: Night,
  rows: readonly CurrentState[],
  known: readonly AlertRow[],
): Promise<AlertRow[]> {
  const { boards, clock } = context;
  const oldest = previousNight(night).start;
  const keys = new Set(known.map(({ alert_key }) => alert_key));
  const byId = new Map(rows.map((row) => [row.scheduler_id, row]));
  const opened: AlertRow[] = [];
  for (const [id, job] of staleJobsNow(context, night, rows)) {
    const row = byId.get(id);
    const service = (row?.registration ?? row?.status)?.service_name;
    if (row === undefined || service === undefined || !isBoardFor(boards, board, service)) continue;
    if (membership(row) !== 'registered' || snoozeAt(row, job.since) !== null) continue;
    if (msOf(job.lastSign.at) < oldest || keys.has(keyOf(id, job))) continue;
    const alert = await openStaleAlert(context, board, row, service, job, utc(clock.now()));
    if (alert !== undefined) opened.push(alert);
  }
  return opened;
}

function keyOf(schedulerId: string, { lastSign }: StaleJob): string {
  return `stale/${schedulerId}/${eventKey(lastSign)}`;
}

/** @returns undefined when it is there already */
async function openStaleAlert(
  { store, alerts }: AlertContext,
  board: BoardSpec,
  row: CurrentState,
  service_name: string,
  job: StaleJob,
  now: string,
): Promise<AlertRow | undefined> {
  const { scheduler_id } = row;
  const wanted = nightKey(board, nightOf(msOf(job.lastSign.at), board));
  const key = await pinnedNight(store, { alert_key: keyOf(scheduler_id, job), night: wanted }, now);
  const isNew = await alerts.create({
    ...key,
    kind: 'stale',
    state: 'open',
    severity: 'warning',
    ...{ scheduler_id, service_name },
    created_at: now,
    last_sign: job.lastSign,
    timeout_ms: job.timeoutMs,
    running_since: row.running?.at ?? null,
    explains: row.heartbeat_timeout_minutes?.value == null,
    transitions: [{ type: 'opened', at: now }],
  });
  return isNew ? await alerts.read(key) : undefined;
}
