import type { Cell } from '../../night/board.ts';
import { cut, firstLine, oneLine } from './escape.ts';
import { durationText, timeWithin } from './format.ts';
import { stateText } from './words.ts';

/** A scheduler's line of a board, as texts without anything to parse; what there is nothing to say of is empty. */
export type Row = {
  readonly status: string;
  readonly service: string;
  readonly job: string;
  readonly since: string;
  readonly duration: string;
  readonly note: string;
};

const maxService = 40;
const maxJob = 60;
const maxNote = 120;
const maxPerson = 30;
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
    status: stateText(cell.state),
    service: oneLine(cell.service_name, maxService),
    job: oneLine(cell.job_name, maxJob),
    since: cell.since === null ? '' : time(cell.since),
    duration: cell.duration === null ? '' : durationText(cell.duration),
    note: noteOf(cell, time),
  };
}

/** The row as one line of text, for where there is no table. */
export function lineOf({ status, service, job, since, duration, note }: Row): string {
  return [status, `${service} / ${job}`, since, duration, note].filter((part) => part !== '').join(' · ');
}

/** What went wrong or was heard last, then who knows of it. The tags are short, so what went wrong gives way. */
function noteOf(cell: Cell, time: (at: number) => string): string {
  const { acknowledgedBy, snoozed } = cell;
  const tags = [
    ...(acknowledgedBy === null ? [] : [`acknowledged by ${oneLine(acknowledgedBy, maxPerson)}`]),
    ...(snoozed === null
      ? []
      : [`snoozed until ${time(snoozed.until)} by ${oneLine(snoozed.by, maxPerson)}`]),
    ...(cell.registered ? [] : ['not registered']),
  ];
  const room = maxNote - tags.reduce((used, tag) => used + tag.length + ' · '.length, 0);
  const error = cell.error === null ? undefined : firstLine(cell.error);
  return [
    ...(error === undefined ? [] : [cut(error, Math.max(room, minError))]),
    ...(cell.heartbeat === null ? [] : [`last heartbeat ${time(cell.heartbeat)}`]),
    ...tags,
  ].join(' · ');
}
