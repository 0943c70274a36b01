import type { CurrentState } from '../../../projections/current-state.ts';
import { msOf, utc } from '../../events/time.ts';
import { changeMessage, type MessageRow } from '../../store/messages.ts';
import { alertRow } from '../../store/notices.ts';
import { groupDetails, staleDetails, type GroupDetails, type StaleDetails } from '../alerts/facts.ts';
import { alertContent, detailsOf, failureOf, saysStory } from '../alerts/tell-alert.ts';
import { storyOf, storyPrint } from '../alerts/story.ts';
import { boardOfNight, type SlackContext } from '../context.ts';
import { fingerprintOf } from '../fingerprint.ts';
import { renderRecoveryReply } from '../render/alert.ts';
import { renderGroup, renderGroupMention } from '../render/group.ts';
import { renderStale } from '../render/stale.ts';

/** Rows of schedulers by id, as read for this round. */
export type Rows = ReadonlyMap<string, CurrentState>;

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
  const state = rows.get(alert.scheduler_id);
  const story = storyOf(alert, state);
  const print = storyPrint(story);
  const { channel, zone } = boardOfNight(context, row.night);
  if (!saysStory(row, print)) {
    const failure = await failureOf(context, alert);
    if (failure === undefined) return;
    const content = alertContent(context, alert, detailsOf(row), failure, state);
    const options = {
      channel,
      saidAt: utc(context.clock.now()),
      whenDeleted: 'drop',
      fingerprint: print,
    } as const;
    const said = await context.messenger.say(row, 'alert', content, options);
    if (said.state === 'busy' || said.state === 'deleted') return;
  }
  if (story.recovered === null || row.ts === undefined) return;
  // An alert that came as already over says so itself.
  if (detailsOf(row).newer === null) {
    const { service_name, job_name } = state?.registration ??
      state?.status ?? { service_name: '', job_name: '' };
    const reply = renderRecoveryReply({ service_name, job_name, ...story.recovered, zone });
    const key = { night: row.night, message_key: `reply/${row.message_key}` };
    const options = { channel, threadTs: row.ts, whenDeleted: 'drop' } as const;
    const said = await context.messenger.say(key, 'reply', reply, options);
    if (said.state === 'busy') return;
  }
  await close(context, row);
}

/** A group's message is edited at most this often, and followed this long after it closed. Real ms. */
const editEveryMs = 2_000;
const closesMs = 60_000;

async function followGroup(context: SlackContext, row: MessageRow, rows: Rows): Promise<void> {
  const details = groupDetails.safeParse(row.details).data;
  if (details === undefined) return;
  const { channel } = boardOfNight(context, row.night);
  const now = context.clock.real();
  if (row.said_real !== undefined && now - row.said_real < editEveryMs) return;
  const mentioned = details.mentioned ?? (await mentionFirst(context, row, details));
  const content = groupContent(context, row, details, mentioned, rows);
  let ts = row.ts;
  if (fingerprintOf(content) !== row.said || ts === undefined) {
    const said = await context.messenger.say(row, 'group', content, {
      channel,
      saidAt: utc(context.clock.now()),
      whenDeleted: 'drop',
      minEditIntervalMs: editEveryMs,
    });
    ({ ts } = said);
    if (ts === undefined || said.state === 'busy') return;
  }
  await mentionLater(
    context,
    row,
    ts,
    ownersOf(details).filter((owner) => !mentioned.includes(owner)),
  );
  const over = details.members.every(
    (member) => storyOf(member, rows.get(member.scheduler_id)).recovered !== null,
  );
  if (over && now - details.joined_at > closesMs) await close(context, row);
}

function groupContent(
  context: SlackContext,
  row: MessageRow,
  { members }: GroupDetails,
  mentions: readonly string[],
  rows: Rows,
) {
  return renderGroup({
    members: members.map((member) => {
      const { acknowledged, recovered } = storyOf(member, rows.get(member.scheduler_id));
      return {
        ...member,
        at: msOf(member.occurred_at),
        acknowledgedBy: acknowledged?.by ?? null,
        recoveredAt: recovered?.at ?? null,
      };
    }),
    mentions,
    zone: boardOfNight(context, row.night).zone,
    now: context.clock.now(),
  });
}

function ownersOf({ members }: GroupDetails): string[] {
  return [...new Set(members.flatMap(({ mention }) => (mention === null ? [] : [mention])))];
}

/** Settles whom the group's message mentions before it is posted: an edit notifies nobody. */
async function mentionFirst(
  { table }: SlackContext,
  row: MessageRow,
  details: GroupDetails,
): Promise<string[]> {
  let owners = ownersOf(details);
  await changeMessage(table, row, (now) => {
    const current = groupDetails.parse(now.details);
    if (current.mentioned !== null) {
      owners = current.mentioned;
      return undefined;
    }
    return { ...now, details: { ...current, mentioned: owners } };
  });
  return owners;
}

/** Owners who joined since are mentioned in the thread, each once, and named in the message from then on. */
async function mentionLater(
  { messenger, table, boards, clock }: SlackContext,
  row: MessageRow,
  ts: string,
  owners: readonly string[],
): Promise<void> {
  const { channel } = boardOfNight({ boards }, row.night);
  for (const owner of owners) {
    const key = { night: row.night, message_key: `mention/${row.message_key}/${owner}` };
    const content = renderGroupMention([owner], clock.now());
    const said = await messenger.say(key, 'mention', content, { channel, threadTs: ts, whenDeleted: 'drop' });
    if (said.state === 'busy') continue;
    await changeMessage(table, row, (now) => {
      const current = groupDetails.parse(now.details);
      return {
        ...now,
        details: { ...current, mentioned: [...new Set([...(current.mentioned ?? []), owner])] },
      };
    });
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
