import { causeLine } from '../alerts/cause-line.ts';
import { durationText } from '../duration.ts';
import { utc } from '../events/time.ts';
import type { Cell, Due } from '../night/board.ts';
import type { Flag } from '../night/verdicts.ts';

/** Of an error so much that a line stays one to read. */
const errorLength = 60;
/** So many of what a job waits for are named. */
const maxNamed = 2;
const maxIdLength = 40;
const maxExcuseLength = 60;

/** What there is to say of a line of a board beside its state, for whoever reads UTC: short texts, not escaped. */
export function notesOf(cell: Cell): string[] {
  const { error, heartbeat, registered, acknowledgedBy, snoozed, due } = cell;
  const cause = error === null ? undefined : causeLine(error);
  return [
    ...(acknowledgedBy === null ? [] : [`acknowledged by ${acknowledgedBy}`]),
    ...(cause === undefined ? [] : [brief(cause, errorLength)]),
    ...(due === null ? [] : dueNotes(cell, due, utc)),
    ...(heartbeat === null ? [] : [`last heard ${utc(heartbeat)}`]),
    ...(registered ? [] : ['not registered']),
    ...(snoozed === null ? [] : [`snoozed until ${utc(snoozed.until)} by ${snoozed.by}`]),
  ];
}

/**
 * What there is to say of a slot: what its job waits for and until when it is due, or what is wrong with its run; short
 * texts, not escaped.
 * @param time how an instant (ms UTC) is written
 */
export function dueNotes({ since }: Pick<Cell, 'since'>, due: Due, time: (at: number) => string): string[] {
  return [
    ...verdictNotes(due, time),
    ...due.flags.flatMap((flag) => flagNote(flag, due, since)),
    ...(due.otherRun ? ['a run of another day'] : []),
  ];
}

function verdictNotes(due: Due, time: (at: number) => string): string[] {
  const { at, verdict, startBy, finishBy, waitingFor, excuse } = due;
  const end = finishBy === null ? [] : [`due until ${time(finishBy)}`];
  switch (verdict) {
    case 'waiting':
      if (waitingFor.length === 0) return [`due ${time(at)} until ${time(startBy)}`];
      return [`waits for ${names(waitingFor)}, ${end[0] ?? `due ${time(at)}`}`];
    case 'running':
      return end;
    case 'late':
      return [`not begun by ${time(startBy)}`];
    case 'overdue':
      return finishBy === null ? [] : [`not ended by ${time(finishBy)}`];
    case 'missed':
      return [waitingFor.length === 0 ? 'never began' : `never began, waited for ${names(waitingFor)}`];
    case 'excused':
      return [`excused: ${brief(excuse ?? 'no reason given', maxExcuseLength)}`];
    case 'unknown':
      return [`due ${time(at)}, not known yet what became of it`];
    case 'completed':
    case 'failed':
      return [];
  }
}

function flagNote(flag: Flag, { at, verdict, beganAt, finishBy }: Due, since: number | null): string[] {
  switch (flag) {
    case 'began_late':
      return [beganAt === null ? 'began late' : `began ${durationText(beganAt - at)} late`];
    case 'ended_late':
      return [
        since === null || finishBy === null ? 'ended late' : `ended ${durationText(since - finishBy)} late`,
      ];
    case 'too_short':
      return ['took less time than expected'];
    case 'too_long':
      return [
        verdict === 'completed' || verdict === 'failed'
          ? 'took longer than expected'
          : 'takes longer than expected',
      ];
    case 'unmet':
      return ['result is not as expected'];
  }
}

/** `a, b and 3 more` */
function names(ids: readonly string[]): string {
  const shown = ids.slice(0, maxNamed).map((id) => brief(id, maxIdLength));
  const more = ids.length - shown.length;
  if (more > 0) return `${shown.join(', ')} and ${more} more`;
  return shown.join(' and ');
}

function brief(text: string, max: number): string {
  return text.length > max ? `${text.slice(0, max - 1)}…` : text;
}
