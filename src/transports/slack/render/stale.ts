import { durationText } from '../../../duration.ts';
import type { Content } from '../content.ts';
import { context, fields, header, parsedSection, section, withIds } from './blocks.ts';
import { runbook } from './alert.ts';
import { buttons, type Action } from './buttons.ts';
import { inert, mentionOf, oneLine } from './escape.ts';
import { momentOf } from './format.ts';
import { count, emojiOf, personText } from './labels.ts';

/** A running job that gave no sign of life for too long. Instants are ms UTC. */
export type StaleWarning = {
  readonly scheduler_id: string;
  readonly service_name: string;
  readonly job_name: string;
  /** What an acknowledgement of this warning names. */
  readonly warning_id: string;
  /** The last sign of life. */
  readonly lastHeartbeat: number;
  readonly timeoutMinutes: number;
  readonly runningSince: number | null;
  /** The Slack id of the user to be called. */
  readonly mention: string | null;
  readonly acknowledged: { readonly by: string; readonly at: number } | null;
  readonly snoozed: { readonly until: number; readonly by: string } | null;
  /** What ended it. */
  readonly outcome: {
    readonly kind: 'heard' | 'completed' | 'failed' | 'pending' | 'removed';
    readonly at: number;
  } | null;
  /** Whether to say how the time-out is set: once for each job. */
  readonly explains: boolean;
  readonly runbookUrl: string | null;
  /** IANA zone. */
  readonly zone: string;
  /** When the message says this: a time of another local day is shown with its date. */
  readonly now: number;
};

/**
 * The warning about a stale job, and what ended it. It says nothing that changes by itself as time goes by, so that
 * it is edited only when there is something new. Its owner is called for as long as it is stale and nobody has
 * acknowledged it. Once it is over it is one line.
 */
export function renderStale(warning: StaleWarning): Content {
  return warning.outcome === null ? openWarning(warning) : closedWarning(warning, warning.outcome);
}

function openWarning(warning: StaleWarning): Content {
  const { zone, now, lastHeartbeat, runningSince, acknowledged, snoozed } = warning;
  const moment = (at: number): string => momentOf(at, now, zone);
  const mention = mentionOf(warning.mention);
  const calls = acknowledged === null && snoozed === null;
  const title = `${oneLine(warning.service_name, 50)} / ${oneLine(warning.job_name, 70)}`;
  const state =
    acknowledged !== null ? 'is silent, acknowledged' : snoozed !== null ? 'is silent, snoozed' : 'is silent';
  const warnings = [
    ...(acknowledged === null
      ? []
      : [`acknowledged by ${personText(acknowledged.by)} ${moment(acknowledged.at)}`]),
    ...(snoozed === null ? [] : [`snoozed until ${moment(snoozed.until)} by ${personText(snoozed.by)}`]),
    ...(warning.explains
      ? [
          'If this job sends no heartbeats, register it with "heartbeat_timeout_minutes": 0; another number sets its time-out.',
        ]
      : []),
  ];
  const blocks = [
    header(`${calls ? emojiOf('stale') : acknowledged === null ? '🔕' : '👀'} ${title} ${state}`),
    section(`It reports that it runs, but gave ${staleText(warning)}.`),
    ...(mention === undefined
      ? []
      : [parsedSection(calls ? `${mention} this job is yours.` : `Owner: ${mention}`)]),
    fields([
      ['Last heartbeat', moment(lastHeartbeat)],
      ...(runningSince === null ? [] : [['Running since', moment(runningSince)] as const]),
    ]),
    ...runbook(warning.runbookUrl),
    ...context(warnings),
    buttons(offered(warning), {
      scheduler_id: warning.scheduler_id,
      event_id: warning.warning_id,
      at: lastHeartbeat,
    }),
  ];
  const text = [
    ...(mention === undefined || !calls ? [] : [mention]),
    `${shortName(warning, inert)}: ${staleText(warning)}, last heartbeat ${moment(lastHeartbeat)}`,
    ...(acknowledged === null ? [] : [`(acknowledged by ${inert(personText(acknowledged.by), 60)})`]),
    ...(snoozed === null ? [] : [`(snoozed until ${moment(snoozed.until)})`]),
  ];
  return { text: text.join(' '), blocks: withIds(blocks, 'stale', now) };
}

function closedWarning(warning: StaleWarning, outcome: NonNullable<StaleWarning['outcome']>): Content {
  const line = (write: (text: string, max: number) => string): string =>
    `${outcomeEmoji[outcome.kind]} ${shortName(warning, write)} was silent, ${outcomeText(warning, outcome)}`;
  return { text: line(inert), blocks: withIds([section(line(oneLine))], 'stale', warning.now) };
}

const outcomeEmoji = {
  heard: emojiOf('running'),
  completed: emojiOf('completed'),
  failed: emojiOf('failed'),
  pending: emojiOf('pending'),
  removed: '➖',
} as const;

/** `heard again at 03:12 WIB after 1 h 32 min`, `completed at 03:40 WIB`, `removed at 03:40 WIB` */
function outcomeText(
  { lastHeartbeat, zone, now }: StaleWarning,
  { kind, at }: NonNullable<StaleWarning['outcome']>,
): string {
  const when = momentOf(at, now, zone);
  if (kind === 'heard') return `heard again at ${when} after ${durationText(at - lastHeartbeat)}`;
  return kind === 'pending' ? `put back to pending at ${when}` : `${kind} at ${when}`;
}

function staleText({ timeoutMinutes }: StaleWarning): string {
  return `no sign of life for more than ${count(timeoutMinutes, 'minute')}`;
}

function shortName(
  { service_name, job_name }: StaleWarning,
  write: (text: string, max: number) => string,
): string {
  return `${write(service_name, 60)} / ${write(job_name, 80)}`;
}

function offered({ acknowledged, snoozed }: StaleWarning): readonly Action[] {
  return [
    ...(acknowledged === null ? (['acknowledge'] as const) : []),
    ...(snoozed === null ? (['snooze'] as const) : []),
    'history',
  ];
}
