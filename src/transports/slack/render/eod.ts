import type { Cell } from '../../../night/board.ts';
import type { JobName } from '../../../night/summary.ts';
import type { Content } from '../content.ts';
import { section } from './blocks.ts';
import { inert, oneLine } from './escape.ts';
import { momentOf } from './format.ts';
import { enumerated, fitting, sectionsOf } from './lists.ts';
import { cellText, jobLabel } from './labels.ts';

/** Answers to `/eod` and to buttons, for the one who asked. Instants are ms UTC, durations ms, zones IANA names. */

const maxListBytes = 6_000;
const maxQuery = 100;

/**
 * When what was asked for names several schedulers: which, and how to ask for one.
 * @param command what to write before an id, such as `/eod` or `/eod snooze`
 */
export function renderChoices(query: string, jobs: readonly Choice[], command = '/eod'): Content {
  const lines = fitting(
    jobs.map(
      (job) =>
        `${cellText({ due: null, ...job })} · ${jobLabel(job)} · ${command} ${oneLine(job.scheduler_id, 255)}`,
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

type Choice = JobName & Pick<Cell, 'state'> & Partial<Pick<Cell, 'due'>>;

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
      '/eod failed, late, stale, running, pending, completed, or a service’s name: that part of it',
      '/eod due: what is due in the next hour',
      '/eod JOB: one job, what is expected of it, its last runs; JOB is a name, a part of it, or a scheduler’s id',
      '/eod at 02:15: the board as it stood then; with a date: /eod at 2026-11-23 02:15',
      '/eod ack JOB: you look after its failure',
      '/eod snooze JOB 2h: its alerts call nobody for a while; also 30m, or until 03:00',
      '/eod unsnooze JOB: they call again',
      '/eod maintenance SERVICE 2h REASON: from now on its failures call nobody, and what does not run is excused',
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

/** The answer to who planned a maintenance. @param planned `until` and `now` in Ronda's time, ms UTC; `zone` the board's */
export function renderMaintenance(planned: {
  readonly service: string;
  readonly reason: string;
  readonly until: number;
  readonly now: number;
  readonly zone: string;
}): Content {
  const until = momentOf(planned.until, planned.now, planned.zone);
  const sentence = (write: (text: string, max: number) => string): string =>
    `${write(planned.service, 60)}: maintenance until ${until} (${write(planned.reason, 200)}). ` +
    'Its failures are shown and call nobody; what is due until then and does not run is excused.';
  return { text: sentence(inert), blocks: [section(sentence(oneLine))] };
}

/** Where no service is called so: which there are. @param services sorted */
export function renderUnknownService(name: string, services: readonly string[]): Content {
  const sentence = (write: (text: string, max: number) => string): string => {
    const names = services.slice(0, maxServices).map((one) => write(one, 40));
    const known =
      services.length === 0 ? 'There is none yet' : `There are ${enumerated(names, services.length, 1_500)}`;
    return `No service is called “${write(name, maxQuery)}”. ${known}.`;
  };
  return { text: sentence(inert), blocks: [section(sentence(oneLine))] };
}
const maxServices = 40;

/** What went wrong, in our own words or a stranger's: neither is parsed. */
export function renderProblem(text: string): Content {
  return textContent(`That did not work: ${oneLine(text, 500)}`);
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
