import { utc } from '../events/time.ts';
import type { Cell } from '../night/board.ts';

/** Of an error so much that a line stays one to read. */
const errorLength = 60;

/** What there is to say of a line of a board beside its state, for whoever reads UTC: short texts, not escaped. */
export function notesOf(cell: Cell): string[] {
  const { error, heartbeat, registered, acknowledgedBy, snoozed } = cell;
  return [
    ...(acknowledgedBy === null ? [] : [`acknowledged by ${acknowledgedBy}`]),
    ...(error === null ? [] : [brief(error)]),
    ...(heartbeat === null ? [] : [`last heard ${utc(heartbeat)}`]),
    ...(registered ? [] : ['not registered']),
    ...(snoozed === null ? [] : [`snoozed until ${utc(snoozed.until)} by ${snoozed.by}`]),
  ];
}

function brief(error: string): string {
  const [first = ''] = error.split('\n');
  return first.length > errorLength ? `${first.slice(0, errorLength - 1)}…` : first;
}
