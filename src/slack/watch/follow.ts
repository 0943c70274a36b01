import type { CurrentState } from '../../../projections/current-state.ts';
import { msOf, utc } from '../../events/time.ts';
import { changeMessage, type MessageRow } from '../../store/messages.ts';
import { alertRow } from '../../store/notices.ts';
import { groupDetails, staleDetails, type StaleDetails } from '../alerts/facts.ts';
import { followGroup } from '../alerts/follow-group.ts';
import { alertContent, detailsOf, failureOf, saysStory } from '../alerts/tell-alert.ts';
import { storyOf, storyPrint, type Rows, type Story } from '../alerts/story.ts';
import { boardOfNight, type SlackContext } from '../context.ts';
import { renderRecoveryReply } from '../render/alert.ts';
import { renderStale } from '../render/stale.ts';
import { RefusedError } from '../slack-errors.ts';

export type { Rows };

/** Which schedulers a message tells of. */
export function subjectsOf(row: MessageRow): string[] {
  if (row.kind === 'group') {
    return groupDetails.safeParse(row.details).data?.members.map(({ scheduler_id }) => scheduler_id) ?? [];
  }
  const id = row.kind === 'stale' ? row.details?.['scheduler_id'] : row['scheduler_id'];
  return typeof id === 'string' ? [id] : [];
}

/**
 * Brings a message whose story went on up to date: an alert that was acknowledged or whose job recovered, a
 * group that grew, a warning whose job was heard again. Does nothing when it says so already.
 */
export async function follow(context: SlackContext, row: MessageRow, rows: Rows): Promise<void> {
  if (row.kind === 'alert') await followAlert(context, row, rows);
  else if (row.kind === 'group') await followGroup(context, row, rows);
  else await followStale(context, row, rows);
}

async function followAlert(context: SlackContext, row: MessageRow, rows: Rows): Promise<void> {
  const alert = alertRow.parse(row);
  const details = detailsOf(row);
  const state = rows.get(alert.scheduler_id);
  const known = storyOf(alert, state);
  const story = { ...known, acknowledged: known.acknowledged ?? details.acknowledged };
  const print = storyPrint(story);
  const { channel } = boardOfNight(context, row.night);
  let { ts } = row;
  if (!saysStory(row, print)) {
    const failure = await failureOf(context, alert);
    if (failure === undefined) return;
    const content = alertContent(context, alert, details, failure, state, story);
    const said = await context.messenger.say(row, 'alert', content, {
      channel,
      saidAt: utc(context.clock.now()),
      whenDeleted: 'drop',
      fingerprint: print,
      details: { acknowledged: story.acknowledged },
    });
    if (said.state === 'busy' || said.state === 'deleted') return;
    ({ ts } = said);
  }
  if (story.recovered === null || ts === undefined) return;
  // An alert that came as already over says so itself.
  if (details.newer === null && !(await replyRecovered(context, row, ts, state, story.recovered))) return;
  await close(context, row);
}

/** @returns false when somebody else is at work on the reply */
async function replyRecovered(
  { messenger, boards }: SlackContext,
  { night, message_key }: MessageRow,
  ts: string,
  state: CurrentState | undefined,
  recovered: NonNullable<Story['recovered']>,
): Promise<boolean> {
  const { channel, zone } = boardOfNight({ boards }, night);
  const { service_name, job_name } = state?.registration ??
    state?.status ?? { service_name: '', job_name: '' };
  const reply = renderRecoveryReply({ service_name, job_name, ...recovered, zone });
  const key = { night, message_key: `reply/${message_key}` };
  const options = { channel, threadTs: ts, whenDeleted: 'drop' } as const;
  try {
    return (await messenger.say(key, 'reply', reply, options)).state !== 'busy';
  } catch (error) {
    // Somebody has just deleted the alert: there is no thread to reply in, now or later.
    if (error instanceof RefusedError && error.kind === 'message') return true;
    throw error;
  }
}

async function followStale(context: SlackContext, row: MessageRow, rows: Rows): Promise<void> {
  const details = staleDetails.parse(row.details);
  const state = subjectsOf(row).map((id) => rows.get(id))[0];
  if (state === undefined || !isHeardAgain(details, state)) return;
  const said = await context.messenger.say(row, 'stale', staleContent(context, row.night, details, state), {
    channel: boardOfNight(context, row.night).channel,
    saidAt: utc(context.clock.now()),
    whenDeleted: 'drop',
  });
  if (said.state !== 'busy') await close(context, row);
}

function isHeardAgain({ last_sign }: StaleDetails, { heartbeat }: CurrentState): boolean {
  return heartbeat !== null && heartbeat.at > last_sign.at;
}

/** The words of a warning, from what was known when it was given and what is known now. */
export function staleContent(
  context: SlackContext,
  night: string,
  details: StaleDetails,
  state: CurrentState,
) {
  const { service_name, job_name } = state.registration ?? state.status ?? { service_name: '', job_name: '' };
  const { status, heartbeat } = state;
  const ended = status?.status === 'completed' || status?.status === 'failed' ? status : null;
  return renderStale({
    scheduler_id: state.scheduler_id,
    service_name,
    job_name,
    lastHeartbeat: msOf(details.last_sign.at),
    timeoutMinutes: details.timeout_ms / 60_000,
    runningSince: details.running_since === null ? null : msOf(details.running_since),
    mention: details.mention,
    heardAgainAt: heartbeat !== null && isHeardAgain(details, state) ? msOf(heartbeat.at) : null,
    ended:
      ended === null
        ? null
        : { status: ended.status === 'failed' ? 'failed' : 'completed', at: msOf(ended.at) },
    zone: boardOfNight(context, night).zone,
    now: context.clock.now(),
  });
}

async function close({ table }: SlackContext, row: MessageRow): Promise<void> {
  await changeMessage(table, row, (now) => ({ ...now, details: { ...now.details, closed: true } }));
}
