import type { StaleAlert } from '../../../alerts/alert.ts';
import { isOver } from '../../../alerts/lifecycle.ts';
import type { DeliveryOutcome } from '../../../alerts/transport.ts';
import { utc } from '../../../events/time.ts';
import type { SlackContext } from '../context.ts';
import { renderStale, type StaleWarning } from '../render/stale.ts';
import { staleDetails } from './details.ts';
import { callLateOwner, type Spot } from './replies.ts';
import type { Owner } from './owners.ts';

/** Posts the warning of a stale job, or brings it up to date: acknowledged, snoozed, over. */
export async function showStale(
  context: SlackContext,
  { key, channel }: Spot,
  alert: StaleAlert,
): Promise<DeliveryOutcome> {
  const { clock, messenger, owners, table } = context;
  const { progress } = alert;
  const row = await table.read(key);
  // What an earlier try decided stands: the message may be in Slack with it.
  const before = row?.details === undefined ? undefined : staleDetails.parse(row.details);
  const calls = !isOver(progress) && progress.acknowledged === null;
  let owner = before ?? (await owners.of(alert));
  if (calls && owner.owner_unknown && row?.ts !== undefined)
    owner = await callLateOwner(context, { key, channel, ts: row.ts }, owner, alert);
  const content = renderStale(warningOf(alert, owner, clock.now()));
  const { state } = await messenger.publish(key, 'stale', content, {
    channel,
    contentAt: utc(clock.now()),
    whenDeleted: 'drop',
    details: { ...owner },
  });
  if (state === 'busy' || state === 'void') return 'again';
  return calls && owner.owner_unknown ? 'follow-up' : 'delivered';
}

function warningOf(alert: StaleAlert, { mention }: Owner, now: number): StaleWarning {
  const { scheduler_id, service_name, job_name, progress } = alert;
  const { acknowledged, snoozed, removed, outcome } = progress;
  return {
    scheduler_id,
    service_name,
    job_name,
    warning_id: alert.event_id,
    lastHeartbeat: alert.lastSignAt,
    timeoutMinutes: alert.timeoutMs / 60_000,
    runningSince: alert.runningSince,
    mention,
    acknowledged,
    snoozed,
    outcome: removed === null ? staleOutcome(outcome) : { kind: 'removed', at: removed.at },
    explains: alert.explains,
    runbookUrl: alert.runbookUrl,
    zone: alert.board.zone,
    now,
  };
}

/** What ends a stale job: whatever else there is ends slots. */
function staleOutcome(outcome: StaleAlert['progress']['outcome']): StaleWarning['outcome'] {
  if (outcome === null) return null;
  const { kind, at } = outcome;
  return kind === 'began' || kind === 'recovered' || kind === 'excused'
    ? { kind: 'heard', at }
    : { kind, at };
}
