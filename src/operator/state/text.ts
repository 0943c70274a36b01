import type { CurrentState } from '../../../projections/current-state.ts';
import { decidersOf, schedulerView } from '../../../projections/scheduler-view.ts';
import { durationText } from '../../duration.ts';
import { notesOf } from '../../board/notes.ts';
import { JsonText, writeObject } from '../../events/json-text.ts';
import { eventKey } from '../../events/order.ts';
import { utc } from '../../events/time.ts';
import type { Cell } from '../../night/board.ts';
import { printable } from '../../printable.ts';
import { inColumns } from '../../terminal.ts';

/** Each field of a scheduler, the event that decides it, and its value. */
export function stateText(row: CurrentState): string {
  const deciders = decidersOf(row);
  const lines = Object.entries(schedulerView(row)).map(([field, value]) => {
    const decider = deciders.get(field) ?? null;
    return [field, decider === null ? '-' : eventKey(decider), valueText(value)];
  });
  // The last column is not padded to its widest: an error may have 8,000 characters.
  const heads = inColumns([['field', 'decided by'], ...lines.map((line) => line.slice(0, 2))]).split('\n');
  const width = Math.max(...heads.map(({ length }) => length));
  return ['value', ...lines.map(([, , value = '']) => printable(value))]
    .map((value, n) => `${(heads[n] ?? '').padEnd(width)}  ${value}`.trimEnd() + '\n')
    .join('');
}

/** As `GET /schedulers/{id}` answers. */
export function stateJson(row: CurrentState): string {
  return writeObject(schedulerView(row));
}

function valueText(value: unknown): string {
  if (value === null || value === undefined) return '-';
  if (value instanceof JsonText) return value.text === '{}' ? '-' : value.text;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** A board in lines, as it is sorted. */
export function cellsText(cells: readonly Cell[]): string {
  const heading = ['state', 'service', 'job', 'scheduler', 'since', 'took', 'note'];
  return inColumns([
    heading,
    ...cells.map((cell) => [
      cell.state,
      cell.service_name,
      cell.job_name,
      cell.scheduler_id,
      cell.since === null ? '-' : utc(cell.since),
      cell.duration === null ? '-' : durationText(cell.duration),
      notesOf(cell).join('; '),
    ]),
  ]);
}

/** As `stateJson`, with what the board says of it as `board_state`. */
export function cellJson({ state }: Cell, row: CurrentState): string {
  return writeObject({ ...schedulerView(row), board_state: state });
}
