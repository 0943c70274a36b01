import { durationText } from '../../../duration.ts';
import { causeLine } from '../../../alerts/cause-line.ts';
import { dueNotes } from '../../../board/notes.ts';
import type { Status } from '../../../events/order.ts';
import { stateOfVerdict, type Cell } from '../../../night/board.ts';
import { unmetOf, type Judgement } from '../../../night/verdicts.ts';
import type { Content } from '../content.ts';
import { fields, header, parsedSection, section } from './blocks.ts';
import { cut, inert, mentionOf, oneLine } from './escape.ts';
import { momentOf, shortMomentOf } from './format.ts';
import { fitting, sectionsOf } from './lists.ts';
import { emojiOf, stateText, wordOf } from './labels.ts';
import { rowOf } from './rows.ts';

/** One scheduler, for the one who asked. Instants are ms UTC, durations ms, zones IANA names. */

export type Run = {
  readonly status: Status;
  readonly at: number;
  readonly duration: number | null;
  readonly error: string | null;
};

/** Whom a job's registration names. */
export type JobOwner = { readonly user: string | null; readonly email: string | null };

/** Whom nothing is expected of has neither words nor slots. */
export type Expected = {
  /** What its job should do, `expectationWords`. */
  readonly words: readonly string[];
  /** Newest first, one that has not come before all that have. */
  readonly slots: readonly Judgement[];
};

const maxListBytes = 6_000;
/** Of a job that is expected to run its slots need room beside its runs. */
const maxSlotBytes = 1_600;
const maxWord = 200;
const maxWords = 700;
/** What an error's cause line may be long: all of it, but for what no line is meant to be. */
const maxErrorLine = 2_000;
/**
 * One scheduler: how it stands, what is expected of it, and its last runs as far as they fit.
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
    expected,
  }: {
    readonly zone: string;
    readonly from: number;
    readonly now: number;
    readonly owner: JobOwner;
    readonly expected: Expected;
  },
): Content {
  const row = rowOf(cell, from, zone);
  const since = cell.since === null ? undefined : momentOf(cell.since, now, zone);
  const line = cell.error === null ? undefined : causeLine(cell.error);
  const mention = mentionOf(owner.user);
  const more = (n: number): string => `and ${n} more`;
  const slots = fitting(
    expected.slots.map((slot) => slotLine(slot, zone)),
    maxSlotBytes,
    more,
  );
  const lines = fitting(
    runs.map((run) => runLine(run, zone)),
    expected.words.length === 0 ? maxListBytes : maxListBytes - maxSlotBytes - maxWords,
    more,
  );
  const words = cut(expected.words.map((word) => oneLine(word, maxWord)).join('; '), maxWords);
  const text = [
    `${inert(cell.service_name, 40)} / ${inert(cell.job_name, 60)}: ${wordOf(cell)}`,
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
        ...(words === '' ? [] : [['Expected', words] as const]),
        ...(owner.email === null ? [] : [['Owner', oneLine(owner.email, 254)] as const]),
        ['Scheduler', oneLine(cell.scheduler_id, 255)],
      ]),
      // Seen by the asker alone: it calls nobody.
      ...(mention === undefined ? [] : [parsedSection(`Owner: ${mention}`)]),
      ...(slots.length === 0 ? [] : sectionsOf(['Last verdicts:', ...slots])),
      ...(lines.length === 0 ? [section('No runs yet.')] : sectionsOf(['Last runs:', ...lines])),
    ],
  };
}

/** `✅ completed · due 23 Nov 01:00 · began 47 min late`, `⏰ late · due 23 Nov 01:00 · not begun by 23 Nov 01:15` */
function slotLine(judgement: Judgement, zone: string): string {
  const { slot, verdict, flags, waitingFor, run } = judgement;
  const time = (at: number): string => shortMomentOf(at, zone);
  const hasResult = run?.status === 'completed' && flags.includes('unmet');
  const unmet = hasResult ? unmetOf(slot.expectation, run.metadata) : [];
  const due = {
    ...judgement,
    ...{ at: slot.at, otherRun: false },
    // Said in full.
    flags: unmet.length === 0 ? flags : flags.filter((flag) => flag !== 'unmet'),
  };
  // When it is due stands before.
  const isPlain = verdict === 'unknown' || (verdict === 'waiting' && waitingFor.length === 0);
  const notes = isPlain ? [] : dueNotes({ since: run?.endedAt ?? null }, due, time);
  const parts = [...notes, ...unmet].map((note) => oneLine(note, maxSlotNote));
  return [`${emojiOf(stateOfVerdict[verdict])} ${verdict}`, `due ${time(slot.at)}`, ...parts].join(' · ');
}
const maxSlotNote = 120;

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
