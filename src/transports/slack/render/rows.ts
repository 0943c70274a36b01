import { durationText } from '../../../duration.ts';
import { causeLine } from '../../../alerts/cause-line.ts';
import { dueNotes } from '../../../board/notes.ts';
import type { Cell } from '../../../night/board.ts';
import { cut, oneLine } from './escape.ts';
import { timeWithin } from './format.ts';
import { cellText, personText } from './labels.ts';

/**
 * A scheduler's line of a board, as texts without anything to parse; what there is nothing to say of is empty. What a
 * reader wants first stands first: a phone cuts off the rest.
 */
export type Row = {
  readonly status: string;
  readonly job: string;
  /** `since 02:10 (35 min)` of what runs, `ended 03:08 (took 10 min)` of what has ended, `due 01:00` of what has not begun. */
  readonly time: string;
  readonly note: string;
  readonly service: string;
};

const maxService = 40;
const maxJob = 60;
const maxNote = 120;
const maxPerson = 30;
const maxDueNote = 110;
/** However many tags there are, this much of the error stays. */
const minError = 30;

/**
 * Times are local; one outside of the 24 hours from `from` on shows its date.
 * @param from the night's start, ms UTC
 * @param zone IANA zone
 */
export function rowOf(cell: Cell, from: number, zone: string): Row {
  const time = (at: number): string => timeWithin(at, from, zone);
  return {
    status: cellText(cell),
    job: oneLine(cell.job_name, maxJob),
    time: timeText(cell, time),
    note: noteOf(cell, time),
    service: oneLine(cell.service_name, maxService),
  };
}

/** The row as one line of text, for where there is no table. */
export function lineOf({ status, job, time, note, service }: Row): string {
  return [status, `${service} / ${job}`, time, note].filter((part) => part !== '').join(' · ');
}

/** Whether a job runs, stale or past its end included: then its duration grows. */
export function isUnderway({ state, due }: Cell): boolean {
  return state === 'running' || state === 'stale' || (state === 'late' && due?.verdict === 'overdue');
}

function timeText(cell: Cell, time: (at: number) => string): string {
  const { state, since, duration } = cell;
  if (since === null) return '';
  const goesOn = isUnderway(cell);
  if (state === 'late' && !goesOn) return `due ${time(since)}`;
  const took = duration === null ? '' : ` (${goesOn ? '' : 'took '}${durationText(duration)})`;
  return `${goesOn ? 'since' : 'ended'} ${time(since)}${took}`;
}

/**
 * What went wrong, what it waits for or was heard last, then who knows of it. The tags are short, so what went wrong
 * gives way.
 */
function noteOf(cell: Cell, time: (at: number) => string): string {
  const { acknowledgedBy, snoozed, due } = cell;
  const expected = due === null ? [] : dueNotes(cell, due, time).map((note) => oneLine(note, maxDueNote));
  const tags = [
    ...(acknowledgedBy === null ? [] : [`acknowledged by ${cut(personText(acknowledgedBy), maxPerson)}`]),
    ...(snoozed === null
      ? []
      : [`snoozed until ${time(snoozed.until)} by ${cut(personText(snoozed.by), maxPerson)}`]),
    ...(cell.registered ? [] : ['not registered']),
  ];
  const room = maxNote - [...expected, ...tags].reduce((used, tag) => used + tag.length + ' · '.length, 0);
  const error = cell.error === null ? undefined : causeLine(cell.error);
  return [
    ...(error === undefined ? [] : [oneLine(error, Math.max(room, minError))]),
    ...expected,
    ...(cell.heartbeat === null ? [] : [`last heartbeat ${time(cell.heartbeat)}`]),
    ...tags,
  ].join(' · ');
}
