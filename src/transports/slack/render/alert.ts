import { durationText } from '../../../duration.ts';
import type { Progress } from '../../../alerts/lifecycle.ts';
import { causeLine } from '../../../alerts/cause-line.ts';
import type { Block, Content } from '../content.ts';
import { bytesOf, context, fields, header, parsedSection, preformatted, section, withIds } from './blocks.ts';
import { buttons, type Action } from './buttons.ts';
import { beginning, cut, inert, linkOf, mentionOf, oneLine, severalLines } from './escape.ts';
import { momentOf } from './format.ts';
import { count, emojiOf, personText } from './labels.ts';
import { enumerated } from './lists.ts';

/** One failure and what became of it. Instants are ms UTC, durations ms. */
export type Alert = {
  readonly failure: {
    readonly scheduler_id: string;
    readonly event_id: string;
    readonly service_name: string;
    readonly job_name: string;
    readonly at: number;
    readonly duration: number | null;
    readonly error: string | null;
  };
  /** What the job did, or did not: `failed`, `did not start`. */
  readonly what: string;
  readonly sign: 'failed' | 'late';
  /** How it ended, where it is not by a recovery: `began 01:47 WIB, 47 min late`. */
  readonly ending: Ending | null;
  /** The jobs that wait for it. */
  readonly dependents: readonly string[];
  readonly runbookUrl: string | null;
  /** How often its cause was seen in the 30 days before, and how long recovery took the last time, ms. */
  readonly seen: { readonly times: number; readonly recovery: number | null } | null;
  /** IANA zone. */
  readonly zone: string;
  /** When the message says this: a time of another local day is shown with its date. */
  readonly now: number;
  /** The Slack id of the user to be called. */
  readonly mention: string | null;
  readonly progress: Progress;
  /** Whether the failure was older than 24 h when it arrived. */
  readonly late: boolean;
  /** Whether the job was known to have completed when this was first told. */
  readonly arrivedOver: boolean;
};

/** How what was called ended: a run that failed in the end is nothing to be glad of. */
export type Ending = { readonly text: string; readonly sign: 'completed' | 'failed' };

/** Slack shows more, but nobody reads more; the log has it. */
const maxError = 2_500;
/** What needs several bytes a character gets fewer characters: names and buttons need room too. */
const maxErrorBytes = 5_500;
const maxErrorInText = 300;
const maxErrorInLine = 150;

/**
 * The message about one failure: what went wrong, first; then, while somebody has to look after it, whose it is and
 * all that is known. Once it is acknowledged or over it is one line; `renderAlertDetails` keeps the rest.
 */
export function renderAlert(alert: Alert): Content {
  return isFolded(alert.progress) ? foldedAlert(alert) : openAlert(alert);
}

/** Whether the message about a failure is one line, so that the rest belongs into its thread. */
export function isFolded({ acknowledged, recovered, removed }: Progress): boolean {
  return (acknowledged ?? recovered ?? removed) !== null;
}

/** Whether an alert's one line leaves something out. */
export function hasDetails({ failure: { duration, error } }: Alert): boolean {
  const line = error === null ? '' : (causeLine(error) ?? '');
  return duration !== null || (error ?? '').trim() !== line || line.length > maxErrorInLine;
}

/** What an alert said before it became one line: for its thread. */
export function renderAlertDetails({ failure, zone, now }: Alert): Content {
  const blocks = [details(failure, zone, now), ...wholeError(failure.error)];
  return { text: `${shortName(failure, inert)}: details`, blocks: withIds(blocks, 'details', now) };
}

/** The reply in the thread of an alert whose job completed after all. */
export function renderRecoveryReply({
  at,
  after,
  ending,
  zone,
  now,
  ...job
}: {
  readonly service_name: string;
  readonly job_name: string;
  readonly at: number;
  readonly after: number;
  /** How it ended, where it is not by a recovery. */
  readonly ending: Ending | null;
  readonly zone: string;
  readonly now: number;
}): Content {
  const recovery = ending?.text ?? `recovered ${momentOf(at, now, zone)} after ${durationText(after)}`;
  const sign = emojiOf(ending?.sign ?? 'completed');
  return {
    text: `${sign} ${shortName(job, inert)} ${recovery}`,
    blocks: withIds([section(`${sign} ${shortName(job, oneLine)} ${recovery}`)], 'recovery', now),
  };
}

/** The reply in an alert's thread that calls an owner who could not be found when it was posted: edits call nobody. */
export function renderOwnerCall(userId: string, now: number): Content {
  const text = `${mentionOf(userId) ?? 'Owner:'} this job is yours.`;
  return { text, blocks: withIds([parsedSection(text)], 'owner', now) };
}

/** What `ronda alerts test` posts. @param now ms UTC */
export function renderTestAlert(now: number): Content {
  const text = 'Test alert from Ronda: alerts come here. Nothing has failed.';
  return { text, blocks: withIds([section(text)], 'test', now) };
}

function openAlert(alert: Alert): Content {
  const { failure, zone, now, late, progress, what, sign } = alert;
  const { snoozed } = progress;
  const mention = mentionOf(alert.mention);
  const line = failure.error === null ? undefined : causeLine(failure.error);
  const until = snoozed === null ? undefined : momentOf(snoozed.until, now, zone);
  const warnings = [
    ...dependentsText(alert.dependents, oneLine),
    ...seenText(alert.seen),
    ...(late ? ['arrived more than 24 h after it happened'] : []),
    ...(snoozed === null ? [] : [`snoozed until ${until} by ${personText(snoozed.by)}`]),
  ];
  const name = `${oneLine(failure.service_name, 50)} / ${oneLine(failure.job_name, 70)}`;
  const blocks = [
    header(snoozed === null ? `${emojiOf(sign)} ${name} ${what}` : `🔕 ${name} ${what}, snoozed`),
    section(line === undefined ? 'No error message came with it.' : oneLine(line, maxErrorInText)),
    ...(mention === undefined
      ? []
      : [parsedSection(snoozed === null ? `${mention} this job is yours.` : `Owner: ${mention}`)]),
    details(failure, zone, now),
    ...runbook(alert.runbookUrl),
    ...(failure.error?.trim() === line?.trim() ? [] : wholeError(failure.error)),
    ...context(warnings),
    buttons(offered(progress), subjectOf(alert)),
  ];
  const text = [
    ...(mention === undefined || snoozed !== null ? [] : [mention]),
    `${shortName(failure, inert)} ${happened(alert)}${errorText(line, inert, maxErrorInText)}`,
    ...(snoozed === null ? [] : [`(snoozed until ${until} by ${inert(personText(snoozed.by))})`]),
  ];
  return { text: text.join(' '), blocks: withIds(blocks, 'alert', now) };
}

function foldedAlert(alert: Alert): Content {
  const { progress, now } = alert;
  const offer = offered(progress);
  const blocks = [
    section(foldedText(alert, oneLine)),
    ...(offer.length === 0 ? [] : [buttons(offer, subjectOf(alert))]),
  ];
  return { text: foldedText(alert, inert), blocks: withIds(blocks, 'alert', now) };
}

type Write = (text: string, max: number) => string;

/** `✅ billing / close-day failed 01:40 WIB, recovered 02:15 WIB after 35 min: disk full` */
function foldedText(alert: Alert, write: Write): string {
  const { failure, progress, arrivedOver, zone, now, ending } = alert;
  const { acknowledged, recovered, removed, snoozed } = progress;
  const moment = (at: number): string => momentOf(at, now, zone);
  const line = failure.error === null ? undefined : causeLine(failure.error);
  const name = `${shortName(failure, write)} ${happened(alert)}`;
  const error = errorText(line, write, maxErrorInLine);
  if (recovered !== null) {
    const when = moment(recovered.at);
    if (ending !== null) return `${emojiOf(ending.sign)} ${name}, ${ending.text}`;
    return arrivedOver
      ? `${emojiOf('completed')} ${name}, completed ${when} before this could be posted${error}`
      : `${emojiOf('completed')} ${name}, recovered ${when} after ${durationText(recovered.at - failure.at)}${error}`;
  }
  const warnings = [
    ...(removed === null ? [] : [`removed ${moment(removed.at)}`]),
    ...dependentsText(alert.dependents, write),
    ...(acknowledged === null
      ? []
      : [`acknowledged by ${write(personText(acknowledged.by), 60)} ${moment(acknowledged.at)}`]),
    ...(snoozed === null
      ? []
      : [`snoozed until ${moment(snoozed.until)} by ${write(personText(snoozed.by), 60)}`]),
  ];
  return `${removed === null ? '👀' : '➖'} ${[`${name}${error}`, ...warnings].join(' · ')}`;
}

/** `failed 01:40 WIB`; of a slot `did not start`, since its explanation says when it was due. */
function happened({ what, sign, failure, now, zone }: Alert): string {
  return sign === 'failed' ? `${what} ${momentOf(failure.at, now, zone)}` : what;
}

/** `30 jobs wait for it: a, b and 28 more` */
function dependentsText(ids: readonly string[], write: Write): string[] {
  if (ids.length === 0) return [];
  const names = ids.map((id) => write(id, 60));
  return [
    `${count(ids.length, 'job')} wait${ids.length === 1 ? 's' : ''} for it: ${enumerated(names, ids.length, 300)}`,
  ];
}

function seenText(seen: Alert['seen']): string[] {
  if (seen === null) return [];
  const times = seen.times === 1 ? 'once' : `${seen.times} times`;
  const recovery =
    seen.recovery === null ? '' : `, recovered after ${durationText(seen.recovery)} the last time`;
  return [`this cause was seen ${times} before in 30 days${recovery}`];
}

/** The link to a job's run book, where its expectation has one. */
export function runbook(address: string | null): Block[] {
  const link = address === null ? undefined : linkOf(address, 'Run book');
  return link === undefined ? [] : [parsedSection(link)];
}

function errorText(line: string | undefined, write: Write, max: number): string {
  return line === undefined ? '' : `: ${write(line, max)}`;
}

function shortName(job: Pick<Alert['failure'], 'service_name' | 'job_name'>, write: Write): string {
  return `${write(job.service_name, 60)} / ${write(job.job_name, 80)}`;
}

function details({ at, duration }: Alert['failure'], zone: string, now: number): Block {
  return fields([
    ['Time', momentOf(at, now, zone)],
    ...(duration === null ? [] : [['Duration', durationText(duration)] as const]),
  ]);
}

function wholeError(error: string | null): Block[] {
  if (error === null) return [];
  const whole = severalLines(error);
  let shown = beginning(whole, maxError);
  while (bytesOf(shown) > maxErrorBytes) shown = beginning(shown, Math.floor(shown.length * 0.9));
  const left = whole.length - shown.length;
  const warning = left === 0 ? [] : context([`error cut: ${count(left, 'more character')} not shown`]);
  return [preformatted(shown), ...warning];
}

function offered({ acknowledged, recovered, removed, snoozed }: Progress): readonly Action[] {
  if (recovered !== null || removed !== null) return [];
  return [
    ...(acknowledged === null ? (['acknowledge'] as const) : []),
    ...(snoozed === null ? (['snooze'] as const) : []),
    'history',
  ];
}

function subjectOf({ failure }: Alert) {
  const { scheduler_id, event_id, at } = failure;
  return { scheduler_id, event_id: cut(event_id, 255), at };
}
