import type { Content } from '../content.ts';
import { context, facts, header, parsedSection, section, withIds } from './blocks.ts';
import { inert, mentionOf, oneLine } from './escape.ts';
import { durationText, momentOf, timeOf } from './format.ts';
import { count, emojiOf } from './words.ts';

/** A running job that fell silent. Instants are ms UTC. */
export type StaleWarning = {
  readonly scheduler_id: string;
  readonly service_name: string;
  readonly job_name: string;
  /** The last sign of life before the silence. */
  readonly lastHeartbeat: number;
  readonly timeoutMinutes: number;
  readonly runningSince: number | null;
  /** The Slack id of the user to be told. */
  readonly mention: string | null;
  /** When the silence was broken. */
  readonly heardAgainAt: number | null;
  /** How the job ended, if it did. */
  readonly ended?: { readonly status: 'completed' | 'failed'; readonly at: number } | null;
  /** IANA zone. */
  readonly zone: string;
  /** When the message says this: a time of another local day is shown with its date. */
  readonly now: number;
};

/**
 * The warning about one silence, and what ended it. It says nothing that changes by itself as time goes by, so that
 * it is edited only when there is something new. Its owner is called for as long as the silence lasts.
 */
export function renderStale(warning: StaleWarning): Content {
  const { zone, now, lastHeartbeat, timeoutMinutes, runningSince } = warning;
  const outcome = outcomeText(warning);
  const mention = outcome === undefined ? mentionOf(warning.mention) : undefined;
  const last = momentOf(lastHeartbeat, now, zone);
  const silence = `no sign of life for more than ${count(timeoutMinutes, 'minute')}`;
  const title = `${oneLine(warning.service_name, 50)} / ${oneLine(warning.job_name, 70)}`;
  const blocks = [
    header(`${outcome?.emoji ?? emojiOf('stale')} ${title} ${outcome === undefined ? 'is' : 'was'} silent`),
    ...(mention === undefined ? [] : [parsedSection(`${mention} this job is yours.`)]),
    facts([
      ['Service', oneLine(warning.service_name, 255)],
      ['Job', oneLine(warning.job_name, 255)],
      ['Last heartbeat', last],
      ...(runningSince === null ? [] : [['Running since', momentOf(runningSince, now, zone)] as const]),
    ]),
    section(
      outcome === undefined ? `It reports that it runs, but gave ${silence}.` : `There was ${silence}.`,
    ),
    ...context(outcome === undefined ? [] : [outcome.text]),
  ];
  const name = `${inert(warning.service_name, 60)} / ${inert(warning.job_name, 80)}`;
  const text = [
    ...(mention === undefined ? [] : [mention]),
    `${name}: ${silence}, last heartbeat ${last}`,
    ...(outcome === undefined ? [] : [`(${outcome.text})`]),
  ];
  return { text: text.join(' '), blocks: withIds(blocks, 'stale', now) };
}

/** `heard again at 03:12 after 1 h 32 min`, `completed at 03:40` */
function outcomeText({ heardAgainAt, ended, lastHeartbeat, zone }: StaleWarning) {
  const heard =
    heardAgainAt === null
      ? []
      : [`heard again at ${timeOf(heardAgainAt, zone)} after ${durationText(heardAgainAt - lastHeartbeat)}`];
  const end = ended === undefined || ended === null ? [] : [`${ended.status} at ${timeOf(ended.at, zone)}`];
  const texts = [...heard, ...end];
  return texts.length === 0
    ? undefined
    : { emoji: emojiOf(ended?.status ?? 'running'), text: texts.join(', ') };
}
