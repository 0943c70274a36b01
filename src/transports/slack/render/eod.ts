import { durationText } from '../../../duration.ts';
import { causeLine } from '../../../alerts/cause-line.ts';
import type { Status } from '../../../events/order.ts';
import type { Cell } from '../../../night/board.ts';
import type { JobName } from '../../../night/summary.ts';
import type { Content } from '../content.ts';
import { fields, header, parsedSection, section } from './blocks.ts';
import { inert, mentionOf, oneLine } from './escape.ts';
import { momentOf, shortMomentOf } from './format.ts';
import { fitting, sectionsOf } from './lists.ts';
import { rowOf } from './rows.ts';
import { jobLabel, stateText } from './labels.ts';

/** Answers to `/eod` and to buttons, for the one who asked. Instants are ms UTC, durations ms, zones IANA names. */

export type Run = {
  readonly status: Status;
  readonly at: number;
  readonly duration: number | null;
  readonly error: string | null;
};

/** Whom a job's registration names. */
export type JobOwner = { readonly user: string | null; readonly email: string | null };

const maxListBytes = 6_000;
/** What an error's cause line may be long: all of it, but for what no line is meant to be. */
const maxErrorLine = 2_000;
const maxQuery = 100;

/**
 * One scheduler: how it stands, and its last runs as far as they fit.
 * @param runs newest first
 * @param about `from`: the start of the night, `now`: when this is said; times of other days show their date
 */
export function renderSchedulerAnswer(
  cell: Cell,
  runs: readonly Run[],
  {
    zone,
    from,
    now,
    owner,
  }: { readonly zone: string; readonly from: number; readonly now: number; readonly owner: JobOwner },
): Content {
  const row = rowOf(cell, from, zone);
  const since = cell.since === null ? undefined : momentOf(cell.since, now, zone);
  const line = cell.error === null ? undefined : causeLine(cell.error);
  const mention = mentionOf(owner.user);
  const lines = fitting(
    runs.map((run) => runLine(run, zone)),
    maxListBytes,
    (n) => `and ${n} more`,
  );
  const text = [
    `${inert(cell.service_name, 40)} / ${inert(cell.job_name, 60)}: ${cell.state}`,
    ...(since === undefined ? [] : [`since ${since}`]),
    ...(line === undefined ? [] : [`(${inert(line, 200)})`]),
  ];
  return {
    text: text.join(' '),
    blocks: [
      header(`${row.service} / ${row.job}`),
      fields([
        ['Status', row.status],
        ['Since', since ?? '–'],
        ['Duration', cell.duration === null ? '–' : durationText(cell.duration)],
        ...(line === undefined ? [] : [['Error', oneLine(line, maxErrorLine)] as const]),
        ['Note', row.note === '' ? '–' : row.note],
        ...(owner.email === null ? [] : [['Owner', oneLine(owner.email, 254)] as const]),
        ['Scheduler', oneLine(cell.scheduler_id, 255)],
      ]),
      // Seen by the asker alone: it calls nobody.
      ...(mention === undefined ? [] : [parsedSection(`Owner: ${mention}`)]),
      ...(lines.length === 0 ? [section('No runs yet.')] : sectionsOf(['Last runs:', ...lines])),
    ],
  };
}

/**
 * When what was asked for names several schedulers: which, and how to ask for one.
 * @param command what to write before an id, such as `/eod` or `/eod snooze`
 */
export function renderChoices(query: string, jobs: readonly Choice[], command = '/eod'): Content {
  const lines = fitting(
    jobs.map(
      (job) => `${stateText(job.state)} · ${jobLabel(job)} · ${command} ${oneLine(job.scheduler_id, 255)}`,
    ),
    maxListBytes,
    (n) => `and ${n} more`,
  );
  const title = `${jobs.length} jobs match “${oneLine(query, maxQuery)}”. Ask for one by its id:`;
  return {
    text: `${jobs.length} jobs match “${inert(query, maxQuery)}”: ask for one by its id.`,
    blocks: [section(title), ...sectionsOf(lines)],
  };
}

type Choice = JobName & Pick<Cell, 'state'>;

/** @param query as it was typed: it is cut, and never parsed */
export function renderNotFound(query: string): Content {
  return {
    text: `No job matches “${inert(query, maxQuery)}”.`,
    blocks: [section(`No job matches “${oneLine(query, maxQuery)}”. /eod shows all there are.`)],
  };
}

/** @param what part of a board was asked for: a state, or a service */
export function renderNothingThere(what: string): Content {
  return textContent(`Nothing on the board is ${oneLine(what, maxQuery)}.`);
}

/** What `/eod help` answers, and a command that nobody understands. */
export function renderUsage(): Content {
  return textContent(
    [
      '/eod: the board now',
      '/eod failed, stale, running, pending, completed, or a service’s name: that part of it',
      '/eod JOB: one job with its last runs; JOB is a name, a part of it, or a scheduler’s id',
      '/eod at 02:15: the board as it stood then; with a date: /eod at 2026-11-23 02:15',
      '/eod ack JOB: you look after its failure',
      '/eod snooze JOB 2h: its alerts call nobody for a while; also 30m, or until 03:00',
      '/eod unsnooze JOB: they call again',
      '/eod help: this',
    ].join('\n'),
  );
}

type Named = { readonly service_name: string; readonly job_name: string };

/** The answer to who acknowledged a failure. */
export function renderAcknowledged(job: Named): Content {
  return ofJob(job, (name) => `${name}: acknowledged. The board and the alert say that it was you.`);
}

/** The answer to who snoozed a job. @param job `until` and `now` in Ronda's time, ms UTC; `zone` the board's */
export function renderSnoozed(
  job: Named & { readonly until: number; readonly now: number; readonly zone: string },
): Content {
  const until = momentOf(job.until, job.now, job.zone);
  return ofJob(job, (name) => `${name}: alerts call nobody until ${until}. The board shows it.`);
}

/** The answer to who ended a snooze. */
export function renderUnsnoozed(job: Named): Content {
  return ofJob(job, (name) => `${name}: alerts call its owner again.`);
}

/** What went wrong, in our own words or a stranger's: neither is parsed. */
export function renderProblem(text: string): Content {
  return textContent(`That did not work: ${oneLine(text, 500)}`);
}

/** `✅ completed · 22 Nov 02:14 · 35 min`, `❌ failed · 21 Nov 02:10 · 4 min · disk full` */
function runLine({ status, at, duration, error }: Run, zone: string): string {
  const line = error === null ? undefined : causeLine(error);
  return [
    stateText(status),
    shortMomentOf(at, zone),
    ...(duration === null ? [] : [durationText(duration)]),
    ...(line === undefined ? [] : [oneLine(line, 120)]),
  ].join(' · ');
}

function ofJob(job: Named, sentence: (name: string) => string): Content {
  return {
    text: sentence(`${inert(job.service_name, 40)} / ${inert(job.job_name, 60)}`),
    blocks: [section(sentence(jobLabel(job)))],
  };
}

/** The same in the text that is parsed and in the block that is not. */
function textContent(text: string): Content {
  return {
    text: text
      .split('\n')
      .map((line) => inert(line))
      .join('\n'),
    blocks: [section(text)],
  };
}
