import type { JobName, Summary } from '../../night/summary.ts';
import type { Block, Content } from '../content.ts';
import { nightText, titleOf } from './board-text.ts';
import { context, facts, header, parsedSection, section, withIds } from './blocks.ts';
import { cut, firstLine, inert } from './escape.ts';
import { durationText, longDate, timeWithin } from './format.ts';
import { enumerated, fitting, sectionsOf } from './lists.ts';
import { count, emojiOf, nameOf } from './words.ts';

export type SummaryOptions = {
  /** IANA zone. */
  readonly zone: string;
  /** The address of the board's message. */
  readonly boardLink: string | null;
  /** Whether everything that happened until the window's end had been read. */
  readonly complete: boolean;
  /** Of the board; all but `eod` show it. */
  readonly name: string;
};

/** The night in one message: all clear, or what is not; its lists are cut to what Slack takes, and say so. */
export function renderSummary(summary: Summary, options: SummaryOptions): Content {
  const { night } = summary;
  const { zone, name, complete } = options;
  const verdict = verdictOf(summary);
  const doubt = complete
    ? []
    : [
        'Not every event up to the end of the window had been read when this was written: the board may know more.',
      ];
  const title = `${titleOf('Night summary', name)} · ${longDate(night.date)} (${zone})`;
  const blocks = [
    header(title),
    section(verdict),
    figures(summary, zone),
    ...failureList(summary, zone),
    ...nameList('Never started', summary.neverStarted, 1_500),
    ...runningList(summary, zone),
    ...longestList(summary),
    ...context(doubt),
    ...linkTo(options.boardLink),
  ];
  const open = summary.failures.filter(({ recoveredAt }) => recoveredAt === null);
  const names = open.slice(0, 20).map((job) => `${inert(job.service_name, 40)} / ${inert(job.job_name, 60)}`);
  const failed = names.length === 0 ? '' : ` Failed: ${enumerated(names, open.length, 1_500)}.`;
  return {
    text: `${nightText(night.date, name)} is over. ${verdict}${failed}${complete ? '' : ' Not all is known yet.'}`,
    blocks: withIds(blocks, 'summary', night.end),
  };
}

/** `97.5 %`, rounded down: only all of them are 100 %. */
export function completionRate({ completed, schedulers }: Pick<Summary, 'completed' | 'schedulers'>): string {
  return schedulers === 0 ? 'no jobs' : `${Math.floor((completed / schedulers) * 1_000) / 10} %`;
}

function verdictOf({ schedulers, completed, failures, neverStarted, stillRunning }: Summary): string {
  if (schedulers === 0) return `${emojiOf('pending')} No jobs to watch.`;
  const open = failures.filter(({ recoveredAt }) => recoveredAt === null).length;
  const recovered = failures.length - open;
  const after = recovered === 0 ? '' : `, ${count(recovered, 'failure')} recovered`;
  const isClear = completed === schedulers && open + neverStarted.length + stillRunning.length === 0;
  if (isClear) return `${emojiOf('completed')} All clear: ${count(schedulers, 'job')} completed${after}.`;
  const troubles = [
    ...(open === 0 ? [] : [`${count(open, 'failure')} not recovered`]),
    ...(neverStarted.length === 0 ? [] : [`${neverStarted.length} never started`]),
    ...(stillRunning.length === 0 ? [] : [`${stillRunning.length} still running`]),
  ];
  const sign = emojiOf(open > 0 ? 'failed' : 'stale');
  const what = troubles.length === 0 ? '' : `: ${troubles.join(', ')}`;
  return `${sign} Not all clear: ${completed} of ${count(schedulers, 'job')} completed${what}${after}.`;
}

function figures(summary: Summary, zone: string): Block {
  const { night, firstStart, lastEnd } = summary;
  const time = (at: number | null): string => (at === null ? 'none' : timeWithin(at, night.start, zone));
  return facts([
    ['Jobs', countsOf(summary)],
    ['Completion rate', completionRate(summary)],
    ['First start', time(firstStart)],
    ['Last end', time(lastEnd)],
    ['Total run time', durationText(summary.totalRunTime)],
  ]);
}

function countsOf({ schedulers, completed, failures, neverStarted, stillRunning }: Summary): string {
  const recovered = failures.filter(({ recoveredAt }) => recoveredAt !== null).length;
  return [
    `${schedulers} in all`,
    `${completed} completed`,
    `${count(failures.length, 'failure')} (${recovered} recovered)`,
    `${neverStarted.length} never started`,
    `${stillRunning.length} still running`,
  ].join(', ');
}

function failureList({ failures, night }: Summary, zone: string): Block[] {
  const lines = failures.map((failure) => {
    const { at, error, recoveredAt } = failure;
    const line = error === null ? undefined : firstLine(error);
    return [
      `${emojiOf(recoveredAt === null ? 'failed' : 'completed')} ${timeWithin(at, night.start, zone)}`,
      nameOf(failure),
      ...(line === undefined ? [] : [cut(line, 80)]),
      recoveredAt === null
        ? 'not recovered'
        : `recovered ${timeWithin(recoveredAt, night.start, zone)} after ${durationText(recoveredAt - at)}`,
    ].join(' · ');
  });
  return listed('Failures', lines, 3_200);
}

function runningList({ stillRunning, night }: Summary, zone: string): Block[] {
  const lines = stillRunning.map((job) => {
    const state = job.stale ? 'stale' : 'running';
    return `${emojiOf(state)} ${nameOf(job)} · since ${timeWithin(job.since, night.start, zone)}`;
  });
  return listed('Still running', lines, 1_500);
}

function longestList({ longest }: Summary): Block[] {
  const lines = longest.map((run) => `${durationText(run.duration)} · ${nameOf(run)}`);
  return listed('Longest jobs', lines, 1_500);
}

function nameList(title: string, jobs: readonly JobName[], bytes: number): Block[] {
  return listed(
    title,
    jobs.map((job) => `${emojiOf('pending')} ${nameOf(job)}`),
    bytes,
  );
}

/** A title and lines below it; without lines nothing at all. */
function listed(title: string, lines: readonly string[], bytes: number): Block[] {
  if (lines.length === 0) return [];
  const shown = fitting(lines, bytes, (n) => `and ${n} more`);
  return sectionsOf([`${title} (${lines.length}):`, ...shown]);
}

/** Only an address of the web becomes a link; what could end the link early is percent-encoded by the parser. */
function linkTo(address: string | null): Block[] {
  if (address === null || !URL.canParse(address)) return [];
  const { protocol, href } = new URL(address);
  if (protocol !== 'https:' && protocol !== 'http:') return [];
  const safe = href
    .replaceAll('|', '%7C')
    .replaceAll('<', '%3C')
    .replaceAll('>', '%3E')
    .replaceAll('&', '&amp;');
  return safe.length > 500 ? [] : [parsedSection(`<${safe}|Open the board>`)];
}
