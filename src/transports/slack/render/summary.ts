import { durationText } from '../../../duration.ts';
import { groupsByCause, type CauseGroup } from '../../../board/by-cause.ts';
import { dueNotes } from '../../../board/notes.ts';
import {
  openFailures,
  type JobName,
  type OpenFailure,
  type SlotCounts,
  type Summary,
} from '../../../night/summary.ts';
import type { Verdict } from '../../../night/verdicts.ts';
import type { Block, Content } from '../content.ts';
import { nightText, titleOf } from './board-text.ts';
import { context, fields, header, parsedSection, section, withIds } from './blocks.ts';
import { inert, oneLine } from './escape.ts';
import { longDate, timeWithin } from './format.ts';
import { budgeted, enumerated, sectionsOf, type TitledList } from './lists.ts';
import { count, emojiOf, jobLabel, wordOf } from './labels.ts';

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

/** So many lines are read at a glance; the board has the rest. */
const maxLines = 24;
/** The title, the verdict, the doubt and the link. */
const otherLines = 4;

/** The night in one message: all clear, or what is not. Its lists are cut to what Slack takes and people read, and say so. */
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
  const [problems, others] = [problemLists(summary, open, zone), otherLists(summary, zone)];
  const numbers = figures(summary, zone);
  const room = maxLines - otherLines - numbers.length;
  const shown = budgeted([...problems, ...others], room);
  const firstOther = problems.filter(({ items }) => items.length > 0).length;
  const blocks = [
    header(title),
    section(verdict),
    ...shown.slice(0, firstOther).flatMap(sectionsOf),
    fields(numbers),
    ...shown.slice(firstOther).flatMap(sectionsOf),
    ...context(doubt),
    ...linkTo(options.boardLink),
  ];
  const named = [
    ...namesText('Failed', open),
    ...namesText('Late', summary.late),
    ...(complete ? [] : ['Not all is known yet.']),
  ];
  return {
    text: [`${nightText(night.date, name)} is over.`, verdict, ...named].join(' '),
    blocks: withIds(blocks, 'summary', night.end),
  };
}

function namesText(title: string, jobs: readonly JobName[]): string[] {
  if (jobs.length === 0) return [];
  const names = jobs.slice(0, 20).map((job) => `${inert(job.service_name, 40)} / ${inert(job.job_name, 60)}`);
  return [`${title}: ${enumerated(names, jobs.length, 1_000)}.`];
}

/** `97.5 %`, rounded down: only all of them are 100 %. */
export function completionRate({ completed, schedulers }: Pick<Summary, 'completed' | 'schedulers'>): string {
  return schedulers === 0 ? 'no jobs' : `${Math.floor((completed / schedulers) * 1_000) / 10} %`;
}

function verdictOf(summary: Summary): string {
  const { schedulers, completed, failures, neverStarted, stillRunning } = summary;
  const { slots, late, waiting, doubtful, notOwed, unknown } = summary;
  if (schedulers === 0 && slots === null) return `${emojiOf('pending')} No jobs to watch.`;
  const open = openFailures(failures).length;
  const recovered = failures.filter(({ recoveredAt }) => recoveredAt !== null).length;
  const stale = stillRunning.filter((job) => job.stale).length;
  const after = recovered === 0 ? '' : `, ${count(recovered, 'failure')} recovered`;
  const lateAs = (verdict: Verdict): number => late.filter(({ due }) => due.verdict === verdict).length;
  const problems = [
    [open, 'failed'],
    [lateAs('late'), 'late'],
    [lateAs('overdue'), 'overdue'],
    [lateAs('missed'), 'missed'],
    [stale, 'stale'],
    [waiting.length, 'waiting for others'],
    [neverStarted.length, 'never started'],
    [doubtful.length, 'with a doubtful result'],
    [unknown, 'not known yet'],
    [stillRunning.length - stale, 'still running'],
  ] as const;
  const told = problems.flatMap(([n, what]) => (n === 0 ? [] : [`${n} ${what}`]));
  const owed = schedulers - notOwed;
  if (completed === owed && told.length === 0) {
    const besides = notOwed === 0 ? '' : `, ${notOwed} not due or excused`;
    return `${emojiOf('completed')} All clear: ${count(owed, 'job')} completed${besides}${after}.`;
  }
  const sign = emojiOf(open > 0 ? 'failed' : late.length > 0 ? 'late' : 'stale');
  const what = told.length === 0 ? '' : `: ${told.join(', ')}`;
  return `${sign} Not all clear: ${completed} of ${count(owed, 'job')} completed${what}${after}.`;
}

function figures(summary: Summary, zone: string): (readonly [string, string])[] {
  const { night, firstStart, lastEnd, slots, schedulers, notOwed } = summary;
  const time = (at: number | null): string => (at === null ? 'none' : timeWithin(at, night.start, zone));
  return [
    ...(slots === null ? [] : [['Expected', slotsText(slots)] as const]),
    ['Completion rate', completionRate({ ...summary, schedulers: schedulers - notOwed })],
    ['First start', time(firstStart)],
    ['Last end', time(lastEnd)],
    ['Total run time', durationText(summary.totalRunTime)],
  ];
}

/** `40: 33 completed in time, 2 late, 0 overdue, …`: every word of it, so that the line always reads alike. */
function slotsText(slots: SlotCounts): string {
  const { expected, inTime, late, overdue, failed, missed, excused, unknown, running, waiting } = slots;
  const always = [
    ...[`${inTime} completed in time`, `${late} late`, `${overdue} overdue`, `${failed} failed`],
    ...[`${missed} missed`, `${excused} excused`, `${unknown} unknown`],
  ];
  const goOn = [
    ...(running === 0 ? [] : [`${running} running`]),
    ...(waiting === 0 ? [] : [`${waiting} waiting`]),
  ];
  return `${expected}: ${[...always, ...goOn].join(', ')}`;
}

/** What somebody has to look after: what did not recover before all else. */
function problemLists(summary: Summary, open: readonly OpenFailure[], zone: string): TitledList[] {
  const { night, late, waiting, neverStarted, doubtful, stillRunning } = summary;
  const time = (at: number): string => timeWithin(at, night.start, zone);
  const running = (isStale: boolean) => stillRunning.filter(({ stale }) => stale === isStale);
  const since = (state: 'stale' | 'running') => (job: Summary['stillRunning'][number]) =>
    `${emojiOf(state)} ${jobLabel(job)} · since ${time(job.since)}`;
  return [
    {
      ...listOf('Not recovered', open, () => '', 4_400),
      items: groupsByCause(open).map((group) => ({
        line: failedLine(group, time),
        count: group.members.length,
      })),
    },
    listOf('Late, overdue or missed', late, (job) => dueLine('late', job, time), 1_000),
    listOf('Stale', running(true), since('stale'), 600),
    listOf('Waiting for others', waiting, (job) => waitingLine(job), 600),
    listOf('Never started', neverStarted, (job) => `${emojiOf('pending')} ${jobLabel(job)}`, 700),
    listOf('Doubtful results', doubtful, (job) => dueLine('completed', job, time), 600),
    listOf('Still running', running(false), since('running'), 600),
  ];
}

function otherLists({ failures, night, longest }: Summary, zone: string): TitledList[] {
  const recovered = failures.flatMap(({ recoveredAt, ...failure }) =>
    recoveredAt === null ? [] : [{ ...failure, recoveredAt }],
  );
  return [
    // `✅ billing / close-day · recovered 02:40 after 35 min`
    listOf(
      'Recovered',
      recovered,
      (failure) =>
        `${emojiOf('completed')} ${jobLabel(failure)} · recovered ${timeWithin(failure.recoveredAt, night.start, zone)} ` +
        `after ${durationText(failure.recoveredAt - failure.at)}`,
      600,
    ),
    listOf('Longest jobs', longest, (run) => `${durationText(run.duration)} · ${jobLabel(run)}`, 500),
  ];
}

/** A list with a line for each job. */
function listOf<T extends JobName>(
  title: string,
  jobs: readonly T[],
  lineOf: (job: T) => string,
  bytes: number,
): TitledList {
  const items = jobs.map((job) => ({ line: lineOf(job), count: 1 }));
  return { title, items, names: jobs.slice(0, maxNamed).map(jobLabel), bytes };
}
const maxNamed = 10;

/**
 * `❌ billing / close-day · disk full · failed 02:05`; of several jobs with one cause
 * `❌ 9 jobs: could not connect to ledger-db-1 · billing / close-day, ledger / post and 7 more · failed 02:31 to 02:37`
 */
function failedLine({ cause, members }: CauseGroup<OpenFailure>, time: (at: number) => string): string {
  const [first] = members;
  const line = cause === undefined ? [] : [oneLine(cause, 80)];
  if (first === undefined) return '';
  if (members.length === 1) {
    const times = first.times === 1 ? 'failed' : `failed ${first.times} times, last`;
    return [`${emojiOf('failed')} ${jobLabel(first)}`, ...line, `${times} ${time(first.at)}`].join(' · ');
  }
  const names = enumerated(members.slice(0, maxNamed).map(jobLabel), members.length, maxGroupNames);
  const ends = [...new Set([members[0], members.at(-1)].map((one) => time(one?.at ?? first.at)))];
  return `${emojiOf('failed')} ${count(members.length, 'job')}: ${line.join('')} · ${names} · failed ${ends.join(' to ')}`;
}
const maxGroupNames = 170;

/** `⏰ billing / close-day · missed, due 01:00 · never began` */
function dueLine(
  state: 'late' | 'completed',
  job: Summary['late'][number],
  time: (at: number) => string,
): string {
  const notes = dueNotes(job, { ...job.due, otherRun: false }, time).map((note) => oneLine(note, 60));
  const what = state === 'late' ? [`${wordOf({ state, due: job.due })}, due ${time(job.due.at)}`] : [];
  return [`${emojiOf(state)} ${jobLabel(job)}`, ...what, ...notes].join(' · ');
}

/** `⬜ billing / close-day · waits for ledger-close` */
function waitingLine({ waitingFor, ...job }: Summary['waiting'][number]): string {
  return `${emojiOf('pending')} ${jobLabel(job)} · waits for ${enumerated(
    waitingFor.map((id) => oneLine(id, 60)),
    waitingFor.length,
    130,
  )}`;
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
