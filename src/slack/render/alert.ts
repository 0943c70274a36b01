import type { Status } from '../../events/order.ts';
import type { Block, Content } from '../content.ts';
import { bytesOf, context, facts, header, parsedSection, preformatted, section, withIds } from './blocks.ts';
import { buttons, type Action } from './buttons.ts';
import { beginning, firstLine, inert, mentionOf, oneLine, severalLines } from './escape.ts';
import { durationText, momentOf, timeOf } from './format.ts';
import { count, emojiOf } from './words.ts';

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
  /** IANA zone. */
  readonly zone: string;
  /** When the message says this: a time of another local day is shown with its date. */
  readonly now: number;
  /** The Slack id of the user to be told. */
  readonly mention: string | null;
  readonly snoozed: { readonly until: number; readonly by: string } | null;
  readonly acknowledged: { readonly by: string; readonly at: number } | null;
  /** The job completed: when, and how long after the failure. */
  readonly recovered: { readonly at: number; readonly after: number } | null;
  /** The status that was known already when the failure arrived, if it is newer. */
  readonly newer: { readonly status: Status; readonly at: number } | null;
  /** Whether the failure was older than 24 h when it arrived. */
  readonly late: boolean;
  /** Of the message, for its buttons. */
  readonly key?: string;
};

/** Slack shows more, but nobody reads more; the log has it. */
const maxError = 2_500;
/** What needs several bytes a character gets fewer characters: names and buttons need room too. */
const maxErrorBytes = 5_500;
const maxErrorInText = 300;
const maxPerson = 60;

/**
 * The message about one failure, in all its states: new, acknowledged, recovered, already over when it arrived. Its
 * owner is mentioned unless it is over or late: then there is nothing to get up for. Once somebody has acknowledged
 * it, its owner is named but no longer called.
 */
export function renderAlert(alert: Alert): Content {
  const { failure, now } = alert;
  const isOver = alert.newer !== null || alert.recovered !== null;
  const mention = isOver || alert.late ? undefined : mentionOf(alert.mention);
  const blocks = [
    header(headline(alert)),
    ...(mention === undefined ? [] : [parsedSection(ownerText(mention, alert))]),
    details(alert),
    ...errorBlocks(failure.error),
    ...context(remarks(alert)),
    buttons(offered(alert), {
      scheduler_id: failure.scheduler_id,
      event_id: failure.event_id,
      at: failure.at,
      ...(alert.key === undefined ? {} : { key: alert.key }),
    }),
  ];
  return { text: textOf(alert, mention), blocks: withIds(blocks, 'alert', now) };
}

/** The reply in the thread of an alert whose job completed after all. */
export function renderRecoveryReply({
  service_name,
  job_name,
  at,
  after,
  zone,
}: {
  readonly service_name: string;
  readonly job_name: string;
  readonly at: number;
  readonly after: number;
  readonly zone: string;
}): Content {
  const recovery = `recovered ${timeOf(at, zone)} after ${durationText(after)}`;
  const name = `${oneLine(service_name, 255)} / ${oneLine(job_name, 255)}`;
  return {
    text: `${emojiOf('completed')} ${inert(service_name, 255)} / ${inert(job_name, 255)} ${recovery}`,
    blocks: withIds([section(`${emojiOf('completed')} ${name} ${recovery}`)], 'recovery', at),
  };
}

function headline({ failure, recovered, newer }: Alert): string {
  const name = `${oneLine(failure.service_name, 50)} / ${oneLine(failure.job_name, 70)}`;
  if (recovered !== null) return `${emojiOf('completed')} ${name} recovered`;
  if (newer !== null) return `☑ ${name} had failed`;
  return `${emojiOf('failed')} ${name} failed`;
}

function ownerText(mention: string, { acknowledged }: Alert): string {
  return acknowledged === null ? `${mention} this job is yours.` : `Owner: ${mention}`;
}

function details({ failure, zone, now }: Alert): Block {
  return facts([
    ['Service', oneLine(failure.service_name, 255)],
    ['Job', oneLine(failure.job_name, 255)],
    ['Time', momentOf(failure.at, now, zone)],
    ['Duration', failure.duration === null ? 'not reported' : durationText(failure.duration)],
  ]);
}

function errorBlocks(error: string | null): Block[] {
  if (error === null) return [section('No error message came with it.')];
  const whole = severalLines(error);
  let shown = beginning(whole, maxError);
  while (bytesOf(shown) > maxErrorBytes) shown = beginning(shown, Math.floor(shown.length * 0.9));
  const left = whole.length - shown.length;
  const cut = left === 0 ? [] : context([`error cut: ${count(left, 'more character')} not shown`]);
  return [preformatted(shown), ...cut];
}

/** Everything known of the failure besides, a line each: at most five. */
function remarks({ acknowledged, snoozed, recovered, newer, late, zone, now }: Alert): string[] {
  const moment = (at: number): string => momentOf(at, now, zone);
  return [
    ...(recovered === null ? [] : [recoveryText(recovered, zone)]),
    ...(newer === null ? [] : [`already over when it arrived: ${newer.status} since ${moment(newer.at)}`]),
    ...(late ? ['arrived more than 24 h after it happened'] : []),
    ...(acknowledged === null
      ? []
      : [`acknowledged by ${oneLine(acknowledged.by, maxPerson)}, ${moment(acknowledged.at)}`]),
    ...(snoozed === null
      ? []
      : [`snoozed until ${moment(snoozed.until)} by ${oneLine(snoozed.by, maxPerson)}`]),
  ];
}

function offered({ acknowledged, recovered, newer }: Alert): readonly Action[] {
  if (recovered !== null || newer !== null) return ['history'];
  return acknowledged === null ? ['acknowledge', 'snooze', 'history'] : ['snooze', 'history'];
}

function textOf(alert: Alert, mention: string | undefined): string {
  const { failure, zone, now, acknowledged, recovered, newer } = alert;
  const name = `${inert(failure.service_name, 60)} / ${inert(failure.job_name, 80)}`;
  const line = failure.error === null ? undefined : firstLine(failure.error);
  const error = line === undefined ? '' : `: ${inert(line, maxErrorInText)}`;
  return [
    ...(mention === undefined ? [] : [mention]),
    `${name} failed ${momentOf(failure.at, now, zone)}${error}`,
    ...(newer === null ? [] : ['(already over)']),
    ...(recovered === null ? [] : [`(${recoveryText(recovered, zone)})`]),
    ...(acknowledged === null ? [] : [`(acknowledged by ${inert(acknowledged.by, maxPerson)})`]),
  ].join(' ');
}

/** `recovered 02:40 after 35 min` */
function recoveryText({ at, after }: { readonly at: number; readonly after: number }, zone: string): string {
  return `recovered ${timeOf(at, zone)} after ${durationText(after)}`;
}
