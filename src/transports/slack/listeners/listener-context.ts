import { detailsOf } from '../../../../projections/current-state.ts';
import { expectationWords } from '../../../board/expectation-words.ts';
import type { Unreadable } from '../../../board/read-board.ts';
import type { Logger } from '../../../log.ts';
import type { Publisher } from '../../../queue/publisher.ts';
import { expectationOf, readLastRuns, type BoardQueries, type Found } from '../board-queries.ts';
import type { Content } from '../content.ts';
import { renderSchedulerAnswer } from '../render/scheduler-answer.ts';
import { zonedTimeOf } from '../render/format.ts';
import { count, jobLabel } from '../render/labels.ts';
import type { TableKind } from '../render/tables.ts';
import type { Work } from './answers.ts';

/** What listeners work with. */
export type ListenerContext = BoardQueries & {
  /** Of the events queue. */
  readonly publisher: Publisher;
  readonly table: TableKind;
  readonly work: Work;
  readonly log: Logger;
};

/** So many of a scheduler's runs are worth a look. */
const runsShown = 10;

/** So many of its slots that have come are, and one that has not. */
const slotsShown = 5;

/** One scheduler with what is expected of it, what became of that lately, and its last runs. */
export async function aboutScheduler(
  listener: ListenerContext,
  { row, cell, night, judgements }: Found,
): Promise<Content> {
  const runs = await readLastRuns(listener.store, cell.scheduler_id, runsShown);
  const now = listener.clock.now();
  const { alert_user_id: user, owner_email: email } = detailsOf(row);
  const expectation = expectationOf(row);
  const come = judgements.filter(({ slot }) => slot.at <= now);
  const next = judgements.find(({ slot }) => slot.at > now);
  return renderSchedulerAnswer(cell, runs, {
    zone: night.zone,
    from: night.start,
    now,
    owner: { user, email },
    expected: {
      words: expectation === undefined ? [] : expectationWords(expectation, night.zone),
      slots: [...(next === undefined ? [] : [next]), ...come.slice(-slotsShown).toReversed()],
    },
  });
}

/** A picture is up to date if what it shows was read this lately. Real ms. */
const freshMs = 60_000;

/** What a reader must know of a picture of now that may not be whole. */
export function warnings({ clock, coverage }: BoardQueries, zone: string): string[] {
  const { judgedAt } = coverage();
  if (judgedAt === null) return ['events are not being read at the moment: this is what was known before'];
  const fresh = clock.fromReal(clock.real() - freshMs);
  return judgedAt < fresh ? [`data as of ${zonedTimeOf(judgedAt, zone)}`] : [];
}

const maxMissing = 5;

/** What a board cannot show, for people. */
export function missingLine(unreadable: readonly Unreadable[]): string[] {
  if (unreadable.length === 0) return [];
  const names = unreadable.slice(0, maxMissing).map(({ scheduler_id, row }) => {
    const named = row?.registration ?? row?.status;
    return named == null ? scheduler_id : jobLabel(named);
  });
  const more = unreadable.length - names.length;
  const what = unreadable.some(({ row }) => row === null) ? 'rows' : 'events';
  return [
    `⚠ not whole: ${what} of ${names.join(', ')}${more > 0 ? ` and ${count(more, 'more job')}` : ''} cannot be read, ` +
      'so they are missing here. An operator finds out more with “ronda verify”.',
  ];
}
