import { durationText } from '../../../duration.ts';
import { causeLine } from '../../../alerts/cause-line.ts';
import type { JobName, Summary } from '../../../night/summary.ts';
import type { Block, Content } from '../content.ts';
import { nightText, titleOf } from './board-text.ts';
import { context, fields, header, parsedSection, section, withIds } from './blocks.ts';
import { inert, oneLine } from './escape.ts';
import { longDate, timeWithin } from './format.ts';
import { enumerated, fitting, sectionsOf } from './lists.ts';
import { count, emojiOf, jobLabel } from './labels.ts';

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
  const open = openFailures(summary.failures);
  const blocks = [
    header(title),
    section(verdict),
    ...failedList(open, summary, zone),
    ...runningList('Stale', 'stale', summary, zone),
    ...nameList('Never started', summary.neverStarted, 1_200),
    ...runningList('Still running', 'running', summary, zone),
    figures(summary, zone),
    ...recoveredList(summary, zone),
    ...longestList(summary),
    ...context(doubt),
    ...linkTo(options.boardLink),
  ];
  const names = open.slice(0, 20).map((job) => `${inert(job.service_name, 40)} / ${inert(job.job_name, 60)}`);
  const failed = names.length === 0 ? '' : ` Failed: ${enumerated(names, open.length, 1_500)}.`;
  return {
    text: `${nightText(night.date, name)} is over. ${verdict}${failed}${complete ? '' : ' Not all is known yet.'}`,
    blocks: withIds(blocks, 'summary', night.end),
  };
}

type FailureOfNight = Summary['failures'][number];
type OpenFailure = FailureOfNight & { readonly times: number };

/** The jobs that failed and did not recover, by their last failure, the oldest first. */
function openFailures(failures: Summary['failures']): OpenFailure[] {
  const byJob = Map.groupBy(
    failures.filter(({ recoveredAt }) => recoveredAt === null),
    ({ scheduler_id, service_name, job_name }) => JSON.stringify([scheduler_id, service_name, job_name]),
  );
  return [...byJob.values()].flatMap((own) => {
    const last = own.at(-1);
    return last === undefined ? [] : [{ ...last, times: own.length }];
  });
}

/** `97.5 %`, rounded down: only all of them are 100 %. */
export function completionRate({ completed, schedulers }: Pick<Summary, 'completed' | 'schedulers'>): string {
  return schedulers === 0 ? 'no jobs' : `${Math.floor((completed / schedulers) * 1_000) / 10} %`;
}

function verdictOf({ schedulers, completed, failures, neverStarted, stillRunning }: Summary): string {
  if (schedulers === 0) return `${emojiOf('pending')} No jobs to watch.`;
  const open = openFailures(failures).length;
  const recovered = failures.filter(({ recoveredAt }) => recoveredAt !== null).length;
  const stale = stillRunning.filter((job) => job.stale).length;
  const running = stillRunning.length - stale;
  const after = recovered === 0 ? '' : `, ${count(recovered, 'failure')} recovered`;
  const isClear = completed === schedulers && open + neverStarted.length + stillRunning.length === 0;
  if (isClear) return `${emojiOf('completed')} All clear: ${count(schedulers, 'job')} completed${after}.`;
  const problems = [
    ...(open === 0 ? [] : [`${open} failed`]),
    ...(stale === 0 ? [] : [`${stale} stale`]),
    ...(neverStarted.length === 0 ? [] : [`${neverStarted.length} never started`]),
    ...(running === 0 ? [] : [`${running} still running`]),
  ];
  const sign = emojiOf(open > 0 ? 'failed' : 'stale');
  const what = problems.length === 0 ? '' : `: ${problems.join(', ')}`;
  return `${sign} Not all clear: ${completed} of ${count(schedulers, 'job')} completed${what}${after}.`;
}

function figures(summary: Summary, zone: string): Block {
  const { night, firstStart, lastEnd } = summary;
  const time = (at: number | null): string => (at === null ? 'none' : timeWithin(at, night.start, zone));
  return fields([
    ['Completion rate', completionRate(summary)],
    ['First start', time(firstStart)],
    ['Last end', time(lastEnd)],
    ['Total run time', durationText(summary.totalRunTime)],
  ]);
}

/** All of them before anything that recovered: as many as a message carries. */
function failedList(open: readonly OpenFailure[], { night }: Summary, zone: string): Block[] {
  const lines = open.map((failure) =>
    [
      `${emojiOf('failed')} ${jobLabel(failure)}`,
      ...errorPart(failure.error),
      `${failure.times === 1 ? 'failed' : `failed ${failure.times} times, last`} ${timeWithin(failure.at, night.start, zone)}`,
    ].join(' · '),
  );
  return listed('Not recovered', lines, 5_200);
}

/** `✅ billing / close-day · recovered 02:40 after 35 min` */
function recoveredList({ failures, night }: Summary, zone: string): Block[] {
  const lines = failures.flatMap((failure) =>
    failure.recoveredAt === null
      ? []
      : [
          `${emojiOf('completed')} ${jobLabel(failure)} · recovered ${timeWithin(failure.recoveredAt, night.start, zone)} ` +
            `after ${durationText(failure.recoveredAt - failure.at)}`,
        ],
  );
  return listed('Recovered', lines, 1_000);
}

function errorPart(error: string | null): string[] {
  const line = error === null ? undefined : causeLine(error);
  return line === undefined ? [] : [oneLine(line, 80)];
}

function runningList(
  title: string,
  state: 'stale' | 'running',
  { stillRunning, night }: Summary,
  zone: string,
): Block[] {
  const lines = stillRunning
    .filter(({ stale }) => stale === (state === 'stale'))
    .map((job) => `${emojiOf(state)} ${jobLabel(job)} · since ${timeWithin(job.since, night.start, zone)}`);
  return listed(title, lines, 1_000);
}

function longestList({ longest }: Summary): Block[] {
  const lines = longest.map((run) => `${durationText(run.duration)} · ${jobLabel(run)}`);
  return listed('Longest jobs', lines, 700);
}

function nameList(title: string, jobs: readonly JobName[], bytes: number): Block[] {
  return listed(
    title,
    jobs.map((job) => `${emojiOf('pending')} ${jobLabel(job)}`),
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
