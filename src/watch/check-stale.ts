import { membership, type CurrentState } from '../../projections/current-state.ts';
import { serviceOf, type Snapshot } from '../board/read-board.ts';
import type { AlertContext } from '../alerts/context.ts';
import { snoozeAt } from '../alerts/lifecycle.ts';
import { readExpectation } from '../events/expectation.ts';
import { eventKey } from '../events/order.ts';
import { msOf, utc } from '../events/time.ts';
import { isBoardFor, nightKey, type BoardSpec } from '../night/boards.ts';
import { nightOf, previousNight, type Night } from '../night/night.ts';
import { staleJobsOf, type StaleJob } from '../night/stale.ts';
import type { AlertRow } from '../store/alerts/alert-rows.ts';
import { pinnedNight } from '../store/alerts/pinned-night.ts';

/**
 * Opens an alert of every registered job that went stale, once for each time; not of one that went stale while its
 * alerts were snoozed. One whose last sign of life is older than the night before was alerted of then, or is no news.
 * @param known alerts that are there already
 * @returns those that were opened here
 */
export async function openStaleAlerts(
  context: AlertContext,
  board: BoardSpec,
  night: Night,
  { rows, limits }: Pick<Snapshot, 'rows' | 'limits'>,
  known: readonly AlertRow[],
): Promise<AlertRow[]> {
  const { boards, clock } = context;
  const oldest = previousNight(night).start;
  const keys = new Set(known.map(({ alert_key }) => alert_key));
  const opened: AlertRow[] = [];
  for (const [id, job] of staleJobsOf(rows.values(), { ...limits, night })) {
    const row = rows.get(id);
    if (row === undefined || !isBoardFor(boards, board, serviceOf(row))) continue;
    if (membership(row) !== 'registered' || snoozeAt(row, job.since) !== null) continue;
    if (msOf(job.lastSign.at) < oldest || keys.has(keyOf(id, job))) continue;
    const alert = await openStaleAlert(context, board, row, job, utc(clock.now()));
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
  job: StaleJob,
  now: string,
): Promise<AlertRow | undefined> {
  const { scheduler_id } = row;
  const wanted = nightKey(board, nightOf(msOf(job.lastSign.at), board));
  const key = await pinnedNight(store, { alert_key: keyOf(scheduler_id, job), night: wanted }, now);
  const kept = row.expectation?.value ?? null;
  const isNew = await alerts.create({
    ...key,
    kind: 'stale',
    state: 'open',
    severity: 'warning',
    runbook_url: (kept === null ? undefined : readExpectation(kept))?.runbook_url ?? null,
    ...{ scheduler_id, service_name: serviceOf(row) },
    created_at: now,
    last_sign: job.lastSign,
    timeout_ms: job.timeoutMs,
    running_since: row.running?.at ?? null,
    explains: row.heartbeat_timeout_minutes?.value == null,
    transitions: [{ type: 'opened', at: now }],
  });
  return isNew ? await alerts.read(key) : undefined;
}
